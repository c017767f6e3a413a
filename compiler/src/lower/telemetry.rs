use std::collections::BTreeMap;
use std::sync::Arc;

use mesh_ir::{
    AccessLog, Key, LogExporter, LogFormat, ObjectRef, Percent, StatusPattern, Telemetry,
};

use super::context::Context;
use super::matching::target;
use crate::syntax::ast::{self, Named, Object};

/// A `Telemetry` beside its document.
#[derive(Debug)]
pub(crate) struct LoweredTelemetry {
    /// The document.
    pub(crate) object: Arc<Object<ast::Telemetry>>,
    /// What it means.
    pub(crate) ir: Arc<Telemetry>,
}

pub(super) fn lower(context: &Context<'_>) -> BTreeMap<ObjectRef, LoweredTelemetry> {
    let objects = context.part.telemetry.iter();
    objects
        .filter_map(|(id, object)| {
            let lowered = LoweredTelemetry {
                object: Arc::clone(object),
                ir: Arc::new(telemetry(context, id, object)?),
            };
            Some((id.clone(), lowered))
        })
        .collect()
}

fn telemetry(
    context: &Context<'_>,
    id: &ObjectRef,
    object: &Object<ast::Telemetry>,
) -> Option<Telemetry> {
    let ast::Telemetry {
        target: written,
        access_log,
        traces,
        labels,
    } = &object.spec;
    Some(Telemetry {
        id: id.clone(),
        origin: context.sources.origin(object.span),
        target: target(context, &id.namespace, written)?,
        access_log: access_log.as_ref().map(log),
        traces: traces.map(|it| it.value),
        labels: keys(labels),
    })
}

fn log(written: &ast::AccessLog) -> AccessLog {
    let ast::AccessLog {
        format,
        exporter,
        statuses,
        slower_than,
        sample,
        fields,
        span: _,
    } = written;
    let mut all: Vec<StatusPattern> = statuses
        .iter()
        .map(|it| match it.value {
            ast::StatusPattern::Exactly(status) => StatusPattern::Exactly(status),
            ast::StatusPattern::Class(class) => StatusPattern::Class(class),
        })
        .collect();
    all.sort_unstable();
    all.dedup();
    // Who says when a line is written wants no others.
    let others = if all.is_empty() && slower_than.is_none() {
        Percent::ALL
    } else {
        Percent(0)
    };
    AccessLog {
        format: match format.map(|it| it.value) {
            None | Some(ast::LogFormat::Json) => LogFormat::Json,
            Some(ast::LogFormat::Text) => LogFormat::Text,
        },
        exporter: match exporter.map(|it| it.value) {
            None | Some(ast::LogExporter::Stdout) => LogExporter::Stdout,
            Some(ast::LogExporter::Otlp) => LogExporter::Otlp,
        },
        statuses: all,
        slower_than: slower_than.map(|it| it.value),
        sample: sample.map_or(others, |it| it.value),
        fields: keys(fields),
    }
}

fn keys(written: &[Named<Key>]) -> Vec<(String, Key)> {
    let mut keys: Vec<(String, Key)> = written
        .iter()
        .map(|it| (it.name.value.clone(), it.value.value.clone()))
        .collect();
    keys.sort();
    keys
}
