use std::time::Duration;

use mesh_ir::{AccessDefault, DefaultAccess, Otlp, Percent, Settings};

use crate::diagnostic::Span;
use crate::resolve::{Program, collector, grpc_port};
use crate::sources::Sources;
use crate::syntax::ast::{self, Global, Mesh};

/// `certificates` where it is silent: lifetime and share of it before renewal.
fn certificate_defaults() -> (Duration, Percent) {
    (Duration::from_hours(24), Percent(50_000))
}

pub(super) fn lower(program: &Program, mesh: &Global<Mesh>, sources: &Sources) -> Settings {
    let spec = &mesh.spec;
    let otlp = spec.otlp.as_ref().and_then(|it| otlp(program, it, sources));
    let (lifetime, renew_at) = certificate_defaults();
    let access = access(spec.access.as_ref(), mesh.span, sources);
    let mut namespaces: Vec<_> = spec
        .namespaces
        .iter()
        .filter_map(|block| {
            let own = block.access.as_ref()?;
            let default = access_default(own, sources);
            Some((block.name.value.clone(), default))
        })
        .collect();
    namespaces.sort_by(|a, b| a.0.cmp(&b.0));
    Settings {
        origin: sources.origin(mesh.span),
        trust_domain: spec.trust_domain.value.clone(),
        access,
        namespaces,
        certificate_lifetime: spec.certificates.lifetime.map_or(lifetime, |it| it.value),
        renew_at: spec.certificates.renew_at.map_or(renew_at, |it| it.value),
        otlp,
    }
}

/// `None` where it names no service, or none of its ports.
fn otlp(program: &Program, written: &ast::Otlp, sources: &Sources) -> Option<Otlp> {
    let (service, object) = collector(program, &written.service.value)?;
    let port = grpc_port(&object.spec, written.port.as_ref())?;
    Some(Otlp {
        service: service.clone(),
        port: port.name.value.clone(),
        origin: sources.origin(written.service.span),
    })
}

fn access(written: Option<&ast::AccessDefault>, mesh: Span, sources: &Sources) -> AccessDefault {
    written.map_or_else(
        || AccessDefault {
            mode: DefaultAccess::Deny,
            origin: sources.origin(mesh),
        },
        |it| access_default(it, sources),
    )
}

fn access_default(written: &ast::AccessDefault, sources: &Sources) -> AccessDefault {
    AccessDefault {
        mode: written.default.value,
        origin: sources.origin(written.default.span),
    }
}
