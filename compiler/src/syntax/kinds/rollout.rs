use mesh_ir::Percent;

use super::service::labels;
use crate::syntax::ast::{Gates, OnFailedRollout, OnNewCommit, Rollout, Spanned, Wave, WaveSize};
use crate::syntax::codes::{invalid_value, missing_field};
use crate::syntax::decode::scalar::{integer, word};
use crate::syntax::decode::{Fields, Shape, list_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{duration, growth, name, percent, region};

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of a Rollout",
    fields: &["waves", "gates", "onFailure", "onNewCommit", "compare"],
};

pub(in crate::syntax) const WAVE: Shape = Shape {
    what: "a wave",
    fields: &["select", "percent", "count", "bake"],
};

pub(in crate::syntax) const SELECT: Shape = Shape {
    what: "`select`",
    fields: &["labels", "namespaces", "locality"],
};

pub(in crate::syntax) const GATES: Shape = Shape {
    what: "`gates`",
    fields: &["refusals", "successRate", "latencyP99", "denials"],
};

pub(in crate::syntax) const DROP: Shape = Shape {
    what: "a gate on what falls",
    fields: &["drop"],
};

pub(in crate::syntax) const RISE: Shape = Shape {
    what: "a gate on what rises",
    fields: &["rise"],
};

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<Rollout> {
    let mut fields = Fields::open(node, &SPEC, report)?;
    let waves = fields.required("waves", |node, report| list_of(node, report, wave));
    let gates = fields.optional("gates", gates);
    let on_failure = fields.optional("onFailure", |node, report| {
        word(node, report, &ON_FAILED_ROLLOUT)
    });
    let on_new_commit = fields.optional("onNewCommit", |node, report| {
        word(node, report, &ON_NEW_COMMIT)
    });
    let compare = fields.optional("compare", percent);
    fields.end()?;
    Ok(Rollout {
        waves: waves?,
        gates: gates?.unwrap_or_default(),
        on_failure: on_failure?,
        on_new_commit: on_new_commit?,
        compare: compare?,
    })
}

fn wave(node: &Node<'_>, report: &mut Report) -> Read<Wave> {
    let mut fields = Fields::open(node, &WAVE, report)?;
    fields.excludes("percent", &["count"]);
    let selected = fields.optional("select", select);
    let percent = fields.optional("percent", some);
    let count = fields.optional("count", |node, report| integer(node, report, 1..=1_000_000));
    let bake = fields.optional("bake", duration);
    let names = &["select", "percent", "count"];
    let says_who = names.iter().any(|field| fields.has(field));
    let place = fields.place();
    let report = fields.end_with()?;
    if !says_who {
        return Err(report.push(missing_field::one_of(place, names, WAVE.what)));
    }
    let selected = selected?.unwrap_or_default();
    let (percent, count) = (percent?, count?);
    Ok(Wave {
        labels: selected.labels,
        namespaces: selected.namespaces,
        locality: selected.locality,
        size: percent
            .map(WaveSize::Percent)
            .or(count.map(WaveSize::Count)),
        bake: bake?,
        span: node.span,
    })
}

#[derive(Default)]
struct Selected {
    labels: Vec<(String, String)>,
    namespaces: Vec<Spanned<mesh_ir::Name>>,
    locality: Option<Spanned<String>>,
}

fn select(node: &Node<'_>, report: &mut Report) -> Read<Selected> {
    let mut fields = Fields::open(node, &SELECT, report)?;
    let labels = fields.optional("labels", labels);
    let namespaces = fields.list("namespaces", name);
    let locality = fields.optional("locality", region);
    fields.end()?;
    Ok(Selected {
        labels: labels?.unwrap_or_default(),
        namespaces: namespaces?,
        locality: locality?,
    })
}

/// A share that is not nothing.
fn some(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Percent>> {
    let share = percent(node, report)?;
    if share.value.0 > 0 {
        return Ok(share);
    }
    let error = invalid_value::error(node.span, "0%", "a share of a wave", "above 0%");
    Err(report.push(error))
}

fn gates(node: &Node<'_>, report: &mut Report) -> Read<Gates> {
    let mut fields = Fields::open(node, &GATES, report)?;
    let refusals = fields.optional("refusals", |node, report| {
        integer(node, report, 0..=1_000_000)
    });
    let success_rate = fields.optional("successRate", |node, report| {
        let mut fields = Fields::open(node, &DROP, report)?;
        let drop = fields.required("drop", percent);
        fields.end()?;
        drop
    });
    let latency_p99 = fields.optional("latencyP99", |node, report| rise(node, report, growth));
    let denials = fields.optional("denials", |node, report| rise(node, report, percent));
    fields.end()?;
    Ok(Gates {
        refusals: refusals?,
        success_rate: success_rate?,
        latency_p99: latency_p99?,
        denials: denials?,
    })
}

fn rise(
    node: &Node<'_>,
    report: &mut Report,
    share: fn(&Node<'_>, &mut Report) -> Read<Spanned<Percent>>,
) -> Read<Spanned<Percent>> {
    let mut fields = Fields::open(node, &RISE, report)?;
    let rise = fields.required("rise", share);
    fields.end()?;
    rise
}

pub(in crate::syntax) const ON_FAILED_ROLLOUT: [(&str, OnFailedRollout); 2] = [
    ("rollback", OnFailedRollout::Rollback),
    ("pause", OnFailedRollout::Pause),
];

pub(in crate::syntax) const ON_NEW_COMMIT: [(&str, OnNewCommit); 2] = [
    ("supersede", OnNewCommit::Supersede),
    ("queue", OnNewCommit::Queue),
];
