use std::time::Duration;

use mesh_ir::{Gates, OnFailedRollout, OnNewCommit, Rollout, Wave, WaveSize};

use super::context::Context;
use super::lists::sorted;
use crate::syntax::ast::{self, Global};

pub(super) fn lower(context: &Context<'_>) -> Option<Rollout> {
    let object: &Global<ast::Rollout> = context.program.rollouts.first()?;
    let ast::Rollout {
        waves,
        gates,
        on_failure,
        on_new_commit,
        compare,
    } = &object.spec;
    Some(Rollout {
        origin: context.sources.origin(object.span),
        waves: waves.iter().map(|it| wave(context, it)).collect(),
        gates: Gates {
            refusals: gates.refusals.map(|it| it.value),
            success_rate_drop: gates.success_rate.map(|it| it.value),
            latency_p99_rise: gates.latency_p99.map(|it| it.value),
            denials_rise: gates.denials.map(|it| it.value),
        },
        on_failure: match on_failure.map(|it| it.value) {
            None | Some(ast::OnFailedRollout::Rollback) => OnFailedRollout::Rollback,
            Some(ast::OnFailedRollout::Pause) => OnFailedRollout::Pause,
        },
        on_new_commit: match on_new_commit.map(|it| it.value) {
            None | Some(ast::OnNewCommit::Supersede) => OnNewCommit::Supersede,
            Some(ast::OnNewCommit::Queue) => OnNewCommit::Queue,
        },
        compare: compare.map(|it| it.value),
    })
}

fn wave(context: &Context<'_>, written: &ast::Wave) -> Wave {
    let ast::Wave {
        labels,
        namespaces,
        locality,
        size,
        bake,
        span,
    } = written;
    Wave {
        origin: context.sources.origin(*span),
        labels: labels.clone(),
        namespaces: sorted(namespaces),
        locality: locality.as_ref().map(|it| it.value.clone()),
        size: size.map(|it| match it {
            ast::WaveSize::Percent(share) => WaveSize::Percent(share.value),
            ast::WaveSize::Count(count) => WaveSize::Count(count.value),
        }),
        bake: bake.map_or(Duration::ZERO, |it| it.value),
    }
}
