use std::collections::BTreeMap;
use std::sync::Arc;

use mesh_ir::{ExternalService, ServiceRef, UpstreamTls};

use super::context::Context;
use super::gateway::{certificate, tls_version};
use super::lists::sorted;
use super::service::{endpoints, ports};
use crate::syntax::ast::{self, Object};

/// An `ExternalService` beside its document.
#[derive(Debug)]
pub(crate) struct LoweredExternal {
    /// The document.
    pub(crate) object: Arc<Object<ast::ExternalService>>,
    /// What it means.
    pub(crate) ir: Arc<ExternalService>,
}

pub(super) fn lower(context: &Context<'_>) -> BTreeMap<ServiceRef, LoweredExternal> {
    let objects = context.part.externals.iter();
    objects
        .filter_map(|(id, object)| {
            let lowered = LoweredExternal {
                object: Arc::clone(object),
                ir: Arc::new(external(context, id, object)?),
            };
            Some((id.clone(), lowered))
        })
        .collect()
}

/// `None` where `via` means no gateway: it would leave elsewhere.
fn external(
    context: &Context<'_>,
    id: &ServiceRef,
    object: &Object<ast::ExternalService>,
) -> Option<ExternalService> {
    let ast::ExternalService {
        hosts,
        endpoints: written,
        addresses,
        ports: declared,
        tls: upstream,
        via,
    } = &object.spec;
    let via = match via {
        Some(reference) => {
            let gateway = context.program.gateway(&reference.value, &id.namespace)?;
            Some(gateway.0.clone())
        }
        None => None,
    };
    let defaults = context.defaults(&id.namespace);
    Some(ExternalService {
        id: id.clone(),
        origin: context.sources.origin(object.span),
        hosts: sorted(hosts),
        endpoints: endpoints(declared, written),
        addresses: sorted(addresses),
        ports: ports(context, &id.namespace, declared),
        tls: upstream.as_ref().map(tls),
        via,
        load_balancing: defaults.load_balancing.clone(),
        connect_timeout: defaults.connect_timeout,
        timeout: defaults.timeout,
        stream_idle_timeout: defaults.stream_idle_timeout,
        idle_timeout: defaults.idle_timeout,
        retries: defaults.retries.clone(),
    })
}

fn tls(written: &ast::ExternalTls) -> UpstreamTls {
    let ast::ExternalTls {
        server_name,
        subject_alt_names,
        ca,
        certificate: shown,
        min_version,
        span: _,
    } = written;
    UpstreamTls {
        server_name: server_name.as_ref().map(|it| it.value.clone()),
        subject_alt_names: sorted(subject_alt_names),
        ca: ca.as_ref().map(|it| it.value.clone()),
        certificate: shown.as_ref().map(certificate),
        min_version: tls_version(min_version.map(|it| it.value)),
    }
}
