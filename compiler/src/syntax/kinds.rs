//! Nodes to documents: one decoder per kind, each with the [`Shape`] of every mapping.

mod access;
mod caller;
mod common;
mod matching;
mod mesh;
mod rate_limit;
mod route;
mod service;
mod target;
mod team;

use std::sync::Arc;

use mesh_ir::{Kind, Name};

use super::Broken;
use super::ast::{Document, Global, Object, Spanned};
use super::codes::{needless_namespace, not_an_intent, not_supported, unknown_kind};
use super::decode::scalar::scalar;
use super::decode::{Fields, Shape, map_of};
use super::node::{Entry, Node, NodeKind};
use super::report::{Read, Report};
use super::values::{any_text, name};
use crate::diagnostic::Span;

/// What every document begins with.
pub(super) const API_VERSION: &str = "meshwright.dev/v1";

/// The kinds of this version.
pub(super) const KINDS: [Kind; 6] = [
    Kind::Mesh,
    Kind::Team,
    Kind::Service,
    Kind::Route,
    Kind::Access,
    Kind::RateLimit,
];

/// Kinds of the language that this version refuses by name.
const LATER: [&str; 8] = [
    "TokenIssuer",
    "Gateway",
    "ExternalService",
    "Telemetry",
    "Rollout",
    "Environment",
    "Invariant",
    "PolicyTest",
];

const DOCUMENT: Shape = Shape {
    what: "a document",
    fields: &["apiVersion", "kind", "metadata", "spec"],
    later: &[],
};

const METADATA: Shape = Shape {
    what: "`metadata`",
    fields: &["name", "namespace", "labels", "annotations"],
    later: &[],
};

/// Every mapping of the language, for tests that compare them with the schemas.
#[cfg(test)]
pub(super) const SHAPES: &[&Shape] = &[
    &DOCUMENT,
    &METADATA,
    &common::EXCEPTION,
    &common::RETRIES,
    &common::RULE_RETRIES,
    &common::BACKOFF,
    &common::LOAD_BALANCING,
    &caller::CALLER,
    &matching::MATCH,
    &matching::REGEX,
    &matching::VALUE,
    &mesh::SPEC,
    &mesh::ACCESS,
    &mesh::MTLS,
    &mesh::CERTIFICATES,
    &mesh::DEFAULTS,
    &mesh::NAMESPACE,
    &mesh::REPOSITORY,
    &team::SPEC,
    &team::OWNS,
    &service::SPEC,
    &service::PORT,
    &service::WORKLOADS,
    &service::ENDPOINT,
    &service::VERSION,
    &service::CALL,
    &service::CALL_RETRIES,
    &route::SPEC,
    &route::RULE,
    &route::BACKEND,
    &route::REWRITE,
    &route::REDIRECT,
    &route::RESPOND,
    &route::HEADERS,
    &route::EDITS,
    &access::SPEC,
    &access::ALLOW,
    &access::DENY,
    &rate_limit::SPEC,
    &rate_limit::LIMIT,
    &rate_limit::RESPOND,
];

/// Decodes a document; a broken one says as far as possible what it would have been.
pub(super) fn document(node: &Node<'_>, report: &mut Report) -> Result<Document, Broken> {
    let mut broken = Broken {
        kind: None,
        namespace: None,
        name: None,
    };
    decode(node, report, &mut broken).map_err(|_| broken)
}

fn decode(node: &Node<'_>, report: &mut Report, broken: &mut Broken) -> Read<Document> {
    check_version(node, report)?;
    let mut fields = Fields::open(node, &DOCUMENT, report)?;
    let kind = fields.required("kind", decode_kind)?;
    broken.kind = Some(kind.value);
    let metadata = fields.required("metadata", |node, report| {
        decode_metadata(node, report, kind.value, broken)
    });
    let span = fields.span;
    let head = |metadata: Read<Metadata>| {
        Ok(Head {
            metadata: metadata?,
            kind_span: kind.span,
            span,
        })
    };
    let document = match kind.value {
        Kind::Mesh => {
            let spec = fields.required("spec", mesh::decode);
            head(metadata).and_then(|head| Ok(Document::Mesh(Arc::new(head.global(spec?)))))
        }
        Kind::Team => {
            let spec = fields.required("spec", team::decode);
            head(metadata).and_then(|head| Ok(Document::Team(Arc::new(head.global(spec?)))))
        }
        Kind::Service => {
            let spec = fields.required("spec", service::decode);
            head(metadata)
                .and_then(|head| head.object(spec?).map(|it| Document::Service(Arc::new(it))))
        }
        Kind::Route => {
            let spec = fields.required("spec", route::decode);
            head(metadata)
                .and_then(|head| head.object(spec?).map(|it| Document::Route(Arc::new(it))))
        }
        Kind::Access => {
            let spec = fields.required("spec", access::decode);
            head(metadata)
                .and_then(|head| head.object(spec?).map(|it| Document::Access(Arc::new(it))))
        }
        Kind::RateLimit => {
            let spec = fields.required("spec", rate_limit::decode);
            head(metadata).and_then(|head| {
                head.object(spec?)
                    .map(|it| Document::RateLimit(Arc::new(it)))
            })
        }
        Kind::TokenIssuer
        | Kind::Gateway
        | Kind::ExternalService
        | Kind::Telemetry
        | Kind::Rollout
        | Kind::Environment
        | Kind::Invariant
        | Kind::PolicyTest => Err(super::report::Reported),
    };
    fields.end()?;
    document
}

/// What is above `spec`.
struct Head {
    metadata: Metadata,
    kind_span: Span,
    span: Span,
}

struct Metadata {
    name: Spanned<Name>,
    namespace: Option<Spanned<Name>>,
}

impl Head {
    fn global<T>(self, spec: T) -> Global<T> {
        Global {
            name: self.metadata.name,
            spec,
            kind_span: self.kind_span,
            span: self.span,
        }
    }

    /// Metadata of a kind with a namespace has been refused without one.
    fn object<T>(self, spec: T) -> Read<Object<T>> {
        let namespace = self.metadata.namespace.ok_or(super::report::Reported)?;
        Ok(Object {
            namespace,
            name: self.metadata.name,
            spec,
            kind_span: self.kind_span,
            span: self.span,
        })
    }
}

/// Judged first: in a document of something else no field is wrong.
fn check_version(node: &Node<'_>, report: &mut Report) -> Read<()> {
    let NodeKind::Map(entries) = &node.kind else {
        return Err(report.push(not_an_intent::not_a_mapping(node.span.start())));
    };
    let find = |name: &str| entries.iter().find(|entry| entry.key == name);
    let Some(entry) = find("apiVersion") else {
        let at = entries
            .first()
            .map_or(node.span, |Entry { key_span, .. }| *key_span);
        return Err(report.push(not_an_intent::no_version(at)));
    };
    let version = scalar(&entry.value, report, "a version")?;
    if version.text == API_VERSION {
        Ok(())
    } else {
        Err(report.push(not_an_intent::other_version(
            entry.value.span,
            &version.text,
        )))
    }
}

fn decode_kind(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Kind>> {
    let text = scalar(node, report, "the name of a kind")?.text.as_ref();
    if let Some(kind) = KINDS.into_iter().find(|kind| kind.as_str() == text) {
        return Ok(Spanned::new(kind, node.span));
    }
    Err(report.push(if LATER.contains(&text) {
        not_supported::kind(node.span, text)
    } else {
        unknown_kind::error(node.span, text, &KINDS.map(Kind::as_str))
    }))
}

fn decode_metadata(
    node: &Node<'_>,
    report: &mut Report,
    kind: Kind,
    broken: &mut Broken,
) -> Read<Metadata> {
    let mut fields = Fields::open(node, &METADATA, report)?;
    let name = fields.required("name", name);
    let namespace = if !kind.has_namespace() {
        fields.optional("namespace", |node, report| {
            Err(report.push(needless_namespace::error(node.span, kind)))
        })
    } else {
        fields.required("namespace", self::name).map(Some)
    };
    broken.name = name.as_ref().ok().map(|name| name.value.clone());
    broken.namespace = namespace
        .as_ref()
        .ok()
        .and_then(|namespace| Some(namespace.as_ref()?.value.clone()));
    let labels = fields.optional("labels", texts);
    let annotations = fields.optional("annotations", texts);
    fields.end()?;
    labels?;
    annotations?;
    Ok(Metadata {
        name: name?,
        namespace: namespace?,
    })
}

/// Labels and annotations carry no meaning; they are text to text, perhaps none.
fn texts(node: &Node<'_>, report: &mut Report) -> Read<()> {
    if matches!(&node.kind, NodeKind::Map(entries) if entries.is_empty()) {
        return Ok(());
    }
    map_of(node, report, |_, value, report| any_text(value, report)).map(|_| ())
}
