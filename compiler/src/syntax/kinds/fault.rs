use crate::syntax::ast::{AbortWith, Fault, FaultAbort, FaultDelay};
use crate::syntax::decode::scalar::integer;
use crate::syntax::decode::{Fields, Shape};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{duration, grpc_status, percent};

pub(in crate::syntax) const FAULT: Shape = Shape {
    what: "`fault`",
    fields: &["delay", "abort"],
};

pub(in crate::syntax) const DELAY: Shape = Shape {
    what: "`delay`",
    fields: &["for", "percent"],
};

pub(in crate::syntax) const ABORT: Shape = Shape {
    what: "`abort`",
    fields: &["status", "grpc", "percent"],
};

pub(super) fn fault(node: &Node<'_>, report: &mut Report) -> Read<Fault> {
    let mut fields = Fields::open(node, &FAULT, report)?;
    let delay = fields.optional("delay", delay);
    let abort = fields.optional("abort", abort);
    fields.end()?;
    Ok(Fault {
        delay: delay?,
        abort: abort?,
        span: node.span,
    })
}

fn delay(node: &Node<'_>, report: &mut Report) -> Read<FaultDelay> {
    let mut fields = Fields::open(node, &DELAY, report)?;
    let duration = fields.required("for", duration);
    let percent = fields.optional("percent", percent);
    fields.end()?;
    Ok(FaultDelay {
        duration: duration?,
        percent: percent?,
    })
}

fn abort(node: &Node<'_>, report: &mut Report) -> Read<FaultAbort> {
    let mut fields = Fields::open(node, &ABORT, report)?;
    let answer = fields
        .one_of(&["status", "grpc"])
        .and_then(|field| match field {
            "status" => fields
                .required(field, |node, report| integer(node, report, 200..=599))
                .map(AbortWith::Status),
            _ => fields.required(field, grpc_status).map(AbortWith::Grpc),
        });
    let percent = fields.optional("percent", percent);
    fields.end()?;
    Ok(FaultAbort {
        answer: answer?,
        percent: percent?,
    })
}
