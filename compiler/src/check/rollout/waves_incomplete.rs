use mesh_ir::{Percent, Wave, WaveSize};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// What no wave reaches stays on the old commit for ever.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(938),
    title: "the waves do not reach every proxy",
    severity: Severity::Error,
    page: include_str!("../../../../docs/diagnostics/M0938.md"),
};

/// A last wave that is not everybody.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let (Some(rollout), Some(lowered)) =
        (subject.program.rollouts.first(), &subject.lowered.rollout)
    else {
        return;
    };
    let (Some(written), Some(last)) = (rollout.spec.waves.last(), lowered.waves.last()) else {
        return;
    };
    if !is_everybody(last) {
        let message = "the last wave does not reach every proxy";
        let found = Diagnostic::new(&INFO, written.span.start(), message);
        out.push(found.help("end with `- {percent: 100%}`"));
    }
}

fn is_everybody(wave: &Wave) -> bool {
    let all = match wave.size {
        None => true,
        Some(WaveSize::Percent(share)) => share == Percent::ALL,
        Some(WaveSize::Count(_)) => false,
    };
    all && wave.labels.is_empty() && wave.namespaces.is_empty() && wave.locality.is_none()
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn waves_incomplete() {
        check(
            "
kind: Rollout
metadata: {name: default}
spec:
  waves:
    - {percent: 10%, bake: 2m}
    - {percent: 50%} # expect: M0938
",
        );
    }
}
