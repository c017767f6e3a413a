use mesh_ir::{Wave, WaveSize};

use crate::check::Subject;
use crate::diagnostic::{Code, CodeInfo, Diagnostic, Severity};

/// A wave after a larger one bakes nothing.
pub(crate) const INFO: CodeInfo = CodeInfo {
    code: Code(939),
    title: "a wave reaches nobody new",
    severity: Severity::Warning,
    page: include_str!("../../../../docs/diagnostics/M0939.md"),
};

/// Waves of the same workloads that are no larger than one before.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let (Some(rollout), Some(lowered)) =
        (subject.program.rollouts.first(), &subject.lowered.rollout)
    else {
        return;
    };
    let written = rollout.spec.waves.iter();
    for (place, (written, wave)) in written.zip(&lowered.waves).enumerate() {
        let mut before = lowered.waves[..place].iter().zip(&rollout.spec.waves);
        let covering = before.rfind(|(earlier, _)| covers(earlier, wave));
        if let Some((_, earlier)) = covering {
            out.push(
                Diagnostic::new(&INFO, written.span.start(), "this wave reaches nobody new")
                    .label(earlier.span.start(), "this one has reached them")
                    .help("remove it, or make it larger than the ones before"),
            );
        }
    }
}

fn covers(earlier: &Wave, later: &Wave) -> bool {
    let everybody =
        earlier.labels.is_empty() && earlier.namespaces.is_empty() && earlier.locality.is_none();
    let same = earlier.labels == later.labels
        && earlier.namespaces == later.namespaces
        && earlier.locality == later.locality;
    match (earlier.size, later.size) {
        (None, _) => everybody || same,
        (Some(WaveSize::Percent(all)), _) if all == mesh_ir::Percent::ALL => everybody || same,
        (Some(WaveSize::Percent(a)), Some(WaveSize::Percent(b))) => same && b <= a,
        (Some(WaveSize::Count(a)), Some(WaveSize::Count(b))) => same && b <= a,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn wave_adds_nobody() {
        check(
            "
kind: Rollout
metadata: {name: default}
spec:
  waves:
    - {percent: 25%, bake: 2m}
    - {percent: 10%, bake: 2m} # expect: M0939
    - {percent: 100%}
",
        );
    }
}
