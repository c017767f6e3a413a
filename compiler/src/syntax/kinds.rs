//! Nodes to documents: one decoder per kind, each with the [`Shape`] of every mapping.

mod access;
mod answer;
mod authorizer;
mod backend;
mod caller;
mod common;
mod cors;
mod endpoints;
mod environment;
mod expectation;
mod external_service;
mod fault;
mod gateway;
mod headers;
mod health;
mod invariant;
mod load_balancing;
mod matching;
mod mesh;
mod mtls;
mod policy_test;
mod ports;
mod rate_limit;
mod rollout;
mod route;
mod service;
mod shapes;
mod target;
mod team;
mod telemetry;
mod tls;
mod token_issuer;

use std::sync::Arc;

use mesh_ir::{Kind, Name};

use super::Broken;
use super::ast::{
    Access, Document, Environment, ExternalService, Gateway, Global, Invariant, Mesh, Object,
    PolicyTest, RateLimit, Rollout, Route, Service, Spanned, Team, Telemetry, TokenIssuer,
};
use super::codes::{needless_namespace, not_an_intent, unknown_kind};
use super::decode::scalar::scalar;
use super::decode::{Fields, Shape, map_of};
use super::node::{Entry, Node, NodeKind};
use super::report::{Read, Report};
use super::values::{any_text, name};
use crate::diagnostic::Span;

/// What every document begins with.
pub(super) const API_VERSION: &str = "meshwright.dev/v1";

const DOCUMENT: Shape = Shape {
    what: "a document",
    fields: &["apiVersion", "kind", "metadata", "spec"],
};

const METADATA: Shape = Shape {
    what: "`metadata`",
    fields: &["name", "namespace", "labels", "annotations"],
};

pub(super) use shapes::SHAPES;
#[cfg(test)]
pub(super) use shapes::words;

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
    let spec = fields.required("spec", |node, report| decode_spec(kind.value, node, report));
    fields.end()?;
    let head = Head {
        metadata: metadata?,
        kind_span: kind.span,
        span,
    };
    head.with(spec?)
}

/// `spec` of any kind.
enum Spec {
    Mesh(Mesh),
    Team(Team),
    Service(Service),
    Route(Route),
    Access(Access),
    RateLimit(RateLimit),
    TokenIssuer(TokenIssuer),
    Gateway(Gateway),
    ExternalService(ExternalService),
    Telemetry(Telemetry),
    Rollout(Rollout),
    Environment(Environment),
    Invariant(Invariant),
    PolicyTest(PolicyTest),
}

fn decode_spec(kind: Kind, node: &Node<'_>, report: &mut Report) -> Read<Spec> {
    match kind {
        Kind::Mesh => mesh::decode(node, report).map(Spec::Mesh),
        Kind::Team => team::decode(node, report).map(Spec::Team),
        Kind::Service => service::decode(node, report).map(Spec::Service),
        Kind::Route => route::decode(node, report).map(Spec::Route),
        Kind::Access => access::decode(node, report).map(Spec::Access),
        Kind::RateLimit => rate_limit::decode(node, report).map(Spec::RateLimit),
        Kind::TokenIssuer => token_issuer::decode(node, report).map(Spec::TokenIssuer),
        Kind::Gateway => gateway::decode(node, report).map(Spec::Gateway),
        Kind::ExternalService => external_service::decode(node, report).map(Spec::ExternalService),
        Kind::Telemetry => telemetry::decode(node, report).map(Spec::Telemetry),
        Kind::Rollout => rollout::decode(node, report).map(Spec::Rollout),
        Kind::Environment => environment::decode(node, report).map(Spec::Environment),
        Kind::Invariant => invariant::decode(node, report).map(Spec::Invariant),
        Kind::PolicyTest => policy_test::decode(node, report).map(Spec::PolicyTest),
    }
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
    fn with(self, spec: Spec) -> Read<Document> {
        Ok(match spec {
            Spec::Mesh(spec) => Document::Mesh(self.global(spec)),
            Spec::Team(spec) => Document::Team(self.global(spec)),
            Spec::Service(spec) => Document::Service(self.object(spec)?),
            Spec::Route(spec) => Document::Route(self.object(spec)?),
            Spec::Access(spec) => Document::Access(self.object(spec)?),
            Spec::RateLimit(spec) => Document::RateLimit(self.object(spec)?),
            Spec::TokenIssuer(spec) => Document::TokenIssuer(self.object(spec)?),
            Spec::Gateway(spec) => Document::Gateway(self.object(spec)?),
            Spec::ExternalService(spec) => Document::ExternalService(self.object(spec)?),
            Spec::Telemetry(spec) => Document::Telemetry(self.object(spec)?),
            Spec::Rollout(spec) => Document::Rollout(self.global(spec)),
            Spec::Environment(spec) => Document::Environment(self.global(spec)),
            Spec::Invariant(spec) => Document::Invariant(self.global(spec)),
            Spec::PolicyTest(spec) => Document::PolicyTest(self.object(spec)?),
        })
    }

    fn global<T>(self, spec: T) -> Arc<Global<T>> {
        Arc::new(Global {
            name: self.metadata.name,
            spec,
            kind_span: self.kind_span,
            span: self.span,
        })
    }

    /// Metadata of a kind with a namespace has been refused without one.
    fn object<T>(self, spec: T) -> Read<Arc<Object<T>>> {
        let namespace = self.metadata.namespace.ok_or(super::report::Reported)?;
        Ok(Arc::new(Object {
            namespace,
            name: self.metadata.name,
            spec,
            kind_span: self.kind_span,
            span: self.span,
        }))
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
    if let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.as_str() == text) {
        return Ok(Spanned::new(kind, node.span));
    }
    let known = Kind::ALL.map(Kind::as_str);
    Err(report.push(unknown_kind::error(node.span, text, &known)))
}

fn decode_metadata(
    node: &Node<'_>,
    report: &mut Report,
    kind: Kind,
    broken: &mut Broken,
) -> Read<Metadata> {
    let mut fields = Fields::open(node, &METADATA, report)?;
    let name = fields.required("name", name);
    let namespace = if kind.has_namespace() {
        fields.required("namespace", self::name).map(Some)
    } else {
        fields.optional("namespace", |node, report| {
            Err(report.push(needless_namespace::error(node, kind, name.is_ok())))
        })
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
