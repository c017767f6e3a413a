use mesh_ir::{AccessLog, Key, LogExporter, LogFormat, StatusPattern, Telemetry};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::matching::{key, target};
use super::names::{duration, object_ref, origin, percent, text};

fn keys() -> BoxedStrategy<Vec<(String, Key)>> {
    vec((text(), key()), 0..3).boxed()
}

fn access_log() -> BoxedStrategy<AccessLog> {
    let status = prop_oneof![
        any::<u16>().prop_map(StatusPattern::Exactly),
        any::<u8>().prop_map(StatusPattern::Class),
    ];
    (
        prop_oneof![Just(LogFormat::Json), Just(LogFormat::Text)],
        prop_oneof![Just(LogExporter::Stdout), Just(LogExporter::Otlp)],
        vec(status, 0..3),
        option::of(duration()),
        percent(),
        keys(),
    )
        .prop_map(
            |(format, exporter, statuses, slower_than, sample, fields)| AccessLog {
                format,
                exporter,
                statuses,
                slower_than,
                sample,
                fields,
            },
        )
        .boxed()
}

pub(super) fn telemetry() -> BoxedStrategy<Telemetry> {
    (
        object_ref(),
        origin(),
        target(),
        option::of(access_log()),
        option::of(percent()),
        keys(),
    )
        .prop_map(
            |(id, origin, target, access_log, traces, labels)| Telemetry {
                id,
                origin,
                target,
                access_log,
                traces,
                labels,
            },
        )
        .boxed()
}
