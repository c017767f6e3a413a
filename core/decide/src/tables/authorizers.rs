use std::time::Duration;

use mesh_ir::{Authorizer, AuthorizerProtocol, Kind, ObjectRef, OnFailure};

use super::builder::Builder;
use crate::index::{PortIndex, ServiceIndex};
use crate::matching::Requests;
use crate::rule::RuleIndex;

/// An authorizer, ready to be asked.
#[derive(Debug)]
pub struct AuthorizerTable {
    /// Its `Access` document.
    pub rule: RuleIndex,
    /// Who is asked.
    pub service: ServiceIndex,
    /// On which of its ports.
    pub port: PortIndex,
    /// How.
    pub protocol: AuthorizerProtocol,
    /// How long an answer may take.
    pub timeout: Duration,
    /// What holds without an answer.
    pub on_failure: OnFailure,
    /// Position of its document.
    pub(crate) document: usize,
    /// What it is asked about.
    pub(crate) requests: Requests,
}

impl AuthorizerTable {
    pub(super) fn new(
        builder: &mut Builder<'_>,
        document: &ObjectRef,
        position: usize,
        authorizer: &Authorizer,
    ) -> Self {
        let id = Some(&authorizer.id);
        let rule = builder.add_rule(Kind::Access, document, id, &authorizer.origin);
        let asked = &authorizer.service;
        let service = builder.find_service(asked);
        let service = service.filter(|_| builder.is_called(asked));
        let port = service.and_then(|index| {
            let mut ports = builder.services()[index.position()].ports.iter();
            ports.position(|port| port.name == authorizer.port)
        });
        if port.is_none() {
            let reason = format!(
                "its authorizer {asked} has no port `{}` in the view of this workload",
                authorizer.port
            );
            builder.refuse(rule, reason);
        }
        Self {
            rule,
            service: service.unwrap_or(ServiceIndex(0)),
            port: PortIndex::at(port.unwrap_or(0)),
            protocol: authorizer.protocol,
            timeout: authorizer.timeout,
            on_failure: authorizer.on_failure,
            document: position,
            requests: builder.accept(rule, Requests::new(&authorizer.matches)),
        }
    }
}
