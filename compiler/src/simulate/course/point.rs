use mesh_decide::{CalleeKind, admit, find_listener};
use mesh_ir::{Name, ServiceRef, Subject};

use super::connection;
use super::entry::Entry;
use crate::simulate::Simulator;
use crate::simulate::question::{Message, Question, Unanswerable};
use crate::simulate::report::At;
use crate::simulate::verdict::{Outcome, Verdict};

impl Simulator<'_> {
    /// What the proxy that enforces a port says of what arrives there, however it was
    /// sent: nothing of the caller's own proxy but its identity takes part.
    pub(crate) fn received(
        &self,
        subject: Subject<'_>,
        port: &Name,
        question: &Question,
    ) -> Result<Verdict, Unanswerable> {
        let entry = match subject {
            Subject::Service(service) => Entry::at_service(self, question, service, port)?,
            Subject::Gateway(gateway) => {
                let mut roles = self.mesh.roles.iter();
                let role = roles.position(|role| role.gateways.contains(gateway));
                let role = role.ok_or_else(|| Unanswerable::NoDoorkeeper(gateway.clone()))?;
                let tables = self.tables(role)?;
                let number = self.mesh.gateways.get(gateway);
                let number = number
                    .and_then(|it| it.listener(port))
                    .map_or(0, |it| it.port);
                let listener = find_listener(tables, number, question.named_host());
                Entry {
                    tables,
                    at: listener.ok_or_else(|| Unanswerable::NoGateway(gateway.clone()))?,
                    whose: At::Gateway,
                    identity: None,
                }
            }
            Subject::External(external) => self.before(external, port, question)?,
        };
        let nothing = Verdict::new(Outcome::Forward);
        Ok(match &question.message {
            Message::Connection { server_name, .. } | Message::AtGateway { server_name, .. } => {
                connection::arrive(&entry, question, nothing, server_name.as_ref())
            }
            Message::Request(head) => {
                let head = question.with_tokens(self.mesh, head);
                let judged = entry.judge(question, |state, caller, moment, observer| {
                    let request = head.request();
                    admit(
                        entry.tables,
                        state,
                        entry.at,
                        caller,
                        &request,
                        moment,
                        observer,
                    )
                });
                judged.after(nothing)
            }
        })
    }

    /// Who judges access to an external service: its gateway, else the caller's own proxy.
    fn before<'s>(
        &'s self,
        external: &ServiceRef,
        port: &Name,
        question: &Question,
    ) -> Result<Entry<'s>, Unanswerable> {
        let not_served = || Unanswerable::NotServed(external.clone());
        let via = self.mesh.externals.get(external);
        let via = via.ok_or_else(not_served)?.via.as_ref();
        let role = match via {
            Some(via) => {
                let mut roles = self.mesh.roles.iter();
                roles.position(|role| role.gateways.contains(via))
            }
            None => question.from.role,
        };
        let tables = self.tables(role.ok_or_else(not_served)?)?;
        let callee = tables.find_external(external).ok_or_else(not_served)?;
        debug_assert_eq!(tables.kind(callee), CalleeKind::External);
        Ok(Entry {
            tables,
            at: tables.inbound_of(callee, port).ok_or_else(not_served)?,
            whose: At::Callee,
            identity: question.from.identity.clone(),
        })
    }
}

impl Question {
    /// The host of a request, or the server name of a connection.
    fn named_host(&self) -> Option<&[u8]> {
        match &self.message {
            Message::Request(head) => head.first("host"),
            Message::Connection { server_name, .. } | Message::AtGateway { server_name, .. } => {
                server_name.as_ref().map(|it| it.as_str().as_bytes())
            }
        }
    }
}
