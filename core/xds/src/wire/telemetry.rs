use mesh_ir::{AccessLog, Key, Percent, StatusPattern, Telemetry};

use super::enumeration::Enumeration;
use super::{Wire, decode_all, encode_all, narrow, optional, required};
use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;

impl Wire for proto::Telemetry {
    type Ir = Telemetry;

    fn encode(ir: &Telemetry) -> Self {
        let Telemetry {
            id,
            origin,
            target,
            access_log,
            traces,
            labels,
        } = ir;
        Self {
            id: Some(Wire::encode(id)),
            origin: Some(Wire::encode(origin)),
            target: Some(Wire::encode(target)),
            access_log: access_log.as_ref().map(Wire::encode),
            traces: traces.map(|it| it.0),
            labels: encode_all(labels),
        }
    }

    fn decode(self) -> Result<Telemetry, InvalidMember> {
        let Self {
            id,
            origin,
            target,
            access_log,
            traces,
            labels,
        } = self;
        Ok(Telemetry {
            id: required(id, "Telemetry.id")?,
            origin: required(origin, "Telemetry.origin")?,
            target: required(target, "Telemetry.target")?,
            access_log: optional(access_log)?,
            traces: traces.map(Percent),
            labels: decode_all(labels)?,
        })
    }
}

impl Wire for proto::AccessLog {
    type Ir = AccessLog;

    fn encode(ir: &AccessLog) -> Self {
        let AccessLog {
            format,
            exporter,
            statuses,
            slower_than,
            sample,
            fields,
        } = ir;
        Self {
            format: format.number(),
            exporter: exporter.number(),
            statuses: encode_all(statuses),
            slower_than: slower_than.as_ref().map(Wire::encode),
            sample: sample.0,
            fields: encode_all(fields),
        }
    }

    fn decode(self) -> Result<AccessLog, InvalidMember> {
        let Self {
            format,
            exporter,
            statuses,
            slower_than,
            sample,
            fields,
        } = self;
        Ok(AccessLog {
            format: Enumeration::of("AccessLog.format", format)?,
            exporter: Enumeration::of("AccessLog.exporter", exporter)?,
            statuses: decode_all(statuses)?,
            slower_than: optional(slower_than)?,
            sample: Percent(sample),
            fields: decode_all(fields)?,
        })
    }
}

impl Wire for proto::StatusPattern {
    type Ir = StatusPattern;

    fn encode(ir: &StatusPattern) -> Self {
        use proto::status_pattern::Pattern;
        Self {
            pattern: Some(match ir {
                StatusPattern::Exactly(status) => Pattern::Exactly((*status).into()),
                StatusPattern::Class(class) => Pattern::Class((*class).into()),
            }),
        }
    }

    fn decode(self) -> Result<StatusPattern, InvalidMember> {
        use proto::status_pattern::Pattern;
        let Self { pattern } = self;
        Ok(
            match pattern.ok_or(InvalidMember::Missing("StatusPattern.pattern"))? {
                Pattern::Exactly(status) => {
                    StatusPattern::Exactly(narrow("StatusPattern.exactly", status)?)
                }
                Pattern::Class(class) => {
                    StatusPattern::Class(narrow("StatusPattern.class", class)?)
                }
            },
        )
    }
}

impl Wire for proto::NamedKey {
    type Ir = (String, Key);

    fn encode((name, key): &(String, Key)) -> Self {
        Self {
            name: name.clone(),
            key: Some(Wire::encode(key)),
        }
    }

    fn decode(self) -> Result<(String, Key), InvalidMember> {
        let Self { name, key } = self;
        Ok((name, required(key, "NamedKey.key")?))
    }
}
