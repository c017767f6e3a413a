//! The operator's end of one stream.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mesh_ir::{Digest, MemberKind};

use super::{Desired, Resource, WILDCARD};
use crate::proto::discovery::{Any, DeltaDiscoveryRequest, DeltaDiscoveryResponse};
use crate::proto::discovery::{Resource as Envelope, Status};
use crate::{ResourceType, parse_digest};

/// Where a response is cut, so that it stays below the 4 MiB that gRPC reads by default.
const RESPONSE_BYTES: usize = 3 << 20;
/// The names that one client may ask for in one type.
const MAX_NAMES: usize = 100_000;

/// What one client was given, and what it should have.
///
/// Order of calls: [`Self::handle_request`] for each request, [`Self::set_desired`]
/// whenever that changes; after either, [`Self::poll_response`] until it gives
/// nothing. Nothing is sent that the client holds, and nothing that it refused
/// until its version changes or [`Self::resend_bundle`] asks for it.
///
/// At most one response per type waits for its answer. Members go before the
/// bundle, their removals too; facts that vanish stay with the client until it has
/// acknowledged the bundle that does without them.
#[derive(Debug, Default)]
pub struct ServerSession {
    node: Option<String>,
    desired: Desired,
    types: BTreeMap<ResourceType, Subscription>,
    acknowledged_bundle: Option<Digest>,
    last_nonce: u64,
}

/// What a request told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A response was accepted.
    Acknowledged {
        /// Of this type.
        resource_type: ResourceType,
        /// With these resources.
        resources: Vec<(Arc<str>, Digest)>,
    },
    /// A response was refused.
    Refused {
        /// Of this type.
        resource_type: ResourceType,
        /// With these resources, of which some are why.
        resources: Vec<Arc<str>>,
        /// The client's words.
        reason: String,
    },
    /// Asked for a type that is not served; not an error of the stream.
    UnknownType(String),
}

/// A request that ends the stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Nobody knows who asks.
    #[error("the first request of a stream names its node")]
    NoNode,
    /// A subscription without bound.
    #[error("more than {MAX_NAMES} names are asked for in one type")]
    TooManyNames,
}

#[derive(Debug, Default)]
struct Subscription {
    wildcard: bool,
    names: BTreeSet<Arc<str>>,
    sent: BTreeMap<Arc<str>, Sent>,
    outstanding: Option<Outstanding>,
}

/// What the client has of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    /// This version, accepted or refused.
    Version(Digest),
    /// Something, which is to be replaced.
    Stale,
    /// It asks, and waits for a resource or a removal.
    Asked,
}

#[derive(Debug)]
struct Outstanding {
    nonce: String,
    resources: Vec<(Arc<str>, Digest)>,
    removed: Vec<Arc<str>>,
}

impl ServerSession {
    /// A stream on which nothing was said yet.
    pub fn new(desired: Desired) -> Self {
        Self {
            desired,
            ..Self::default()
        }
    }

    /// Who the first request said it is.
    pub fn node(&self) -> Option<&str> {
        self.node.as_deref()
    }

    /// Changes what the client should have.
    pub fn set_desired(&mut self, desired: Desired) {
        self.desired = desired;
    }

    /// The version of the bundle that the client has made active.
    pub fn acknowledged_bundle(&self) -> Option<Digest> {
        self.acknowledged_bundle
    }

    /// Sends members and bundle again, whatever the client holds.
    pub fn resend_bundle(&mut self) {
        for (kind, subscription) in &mut self.types {
            if !kind.is_fact() {
                for sent in subscription.sent.values_mut() {
                    *sent = Sent::Stale;
                }
            }
        }
    }

    /// Takes a request: an answer to a response, a change of subscription, or both.
    pub fn handle_request(
        &mut self,
        request: DeltaDiscoveryRequest,
    ) -> Result<Option<Event>, Violation> {
        if self.node.is_none() {
            self.node = match request.node {
                Some(node) if !node.id.is_empty() => Some(node.id),
                _ => return Err(Violation::NoNode),
            };
        }
        let Some(kind) = ResourceType::from_type_url(&request.type_url) else {
            return Ok(Some(Event::UnknownType(request.type_url)));
        };
        let first = !self.types.contains_key(&kind);
        let subscription = self.types.entry(kind).or_default();
        let event = subscription.answer(kind, &request.response_nonce, request.error_detail);
        subscription.change(
            first,
            request.resource_names_subscribe,
            request.resource_names_unsubscribe,
        )?;
        if first {
            subscription.hold(request.initial_resource_versions);
        }
        if kind == ResourceType::Bundle {
            self.note_bundle(first, event.as_ref());
        }
        Ok(event)
    }

    /// The next response to send, if there is something to say and its turn has come.
    pub fn poll_response(&mut self) -> Option<DeltaDiscoveryResponse> {
        let all_settled = self.acknowledged_bundle == self.desired.bundle_version();
        let mut before_bundle = MemberKind::ALL
            .into_iter()
            .all(|kind| self.types.contains_key(&ResourceType::Member(kind)));
        for (&kind, subscription) in &mut self.types {
            let keep_facts = kind.is_fact() && !all_settled;
            let desired = self.desired.of_type(kind);
            let changes = subscription.changes(desired, keep_facts);
            if changes.is_empty() {
                continue;
            }
            if subscription.outstanding.is_some() {
                before_bundle = false;
                continue;
            }
            if kind == ResourceType::Bundle && !before_bundle {
                continue;
            }
            self.last_nonce += 1;
            return Some(subscription.send(kind, changes, self.last_nonce.to_string()));
        }
        None
    }

    fn note_bundle(&mut self, first: bool, event: Option<&Event>) {
        if let Some(Event::Acknowledged { resources, .. }) = event {
            self.acknowledged_bundle = resources.first().map(|(_, version)| *version);
        } else if first {
            let held = self.types.get(&ResourceType::Bundle);
            self.acknowledged_bundle = held.and_then(|subscription| {
                subscription.sent.values().find_map(|sent| match sent {
                    Sent::Version(version) => Some(*version),
                    Sent::Stale | Sent::Asked => None,
                })
            });
        }
    }
}

/// What there is to say about one type.
struct Changes {
    resources: Vec<(Arc<str>, Resource)>,
    removed: Vec<Arc<str>>,
}

impl Changes {
    fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.removed.is_empty()
    }
}

impl Subscription {
    /// An answer counts only for the response that waits; a stale nonce says nothing.
    fn answer(&mut self, kind: ResourceType, nonce: &str, error: Option<Status>) -> Option<Event> {
        let answered = self.outstanding.take_if(|it| it.nonce == nonce)?;
        Some(match error {
            None => Event::Acknowledged {
                resource_type: kind,
                resources: answered.resources,
            },
            Some(status) => Event::Refused {
                resource_type: kind,
                resources: answered
                    .resources
                    .into_iter()
                    .map(|(name, _)| name)
                    .chain(answered.removed)
                    .collect(),
                reason: status.message,
            },
        })
    }

    fn change(
        &mut self,
        first: bool,
        subscribe: Vec<String>,
        unsubscribe: Vec<String>,
    ) -> Result<(), Violation> {
        if first && subscribe.is_empty() {
            self.wildcard = true;
        }
        for name in subscribe {
            if name == WILDCARD {
                self.wildcard = true;
                continue;
            }
            let name: Arc<str> = name.into();
            self.sent.insert(name.clone(), Sent::Asked);
            self.names.insert(name);
        }
        for name in unsubscribe {
            if name == WILDCARD {
                self.wildcard = false;
                self.sent.retain(|name, _| self.names.contains(name));
            } else if self.names.remove(&*name) {
                if self.wildcard {
                    // Still covered: the client is told that, or that it is gone.
                    self.sent.insert(name.into(), Sent::Asked);
                } else {
                    self.sent.remove(&*name);
                }
            }
        }
        if self.names.len() > MAX_NAMES {
            return Err(Violation::TooManyNames);
        }
        Ok(())
    }

    fn hold(&mut self, versions: BTreeMap<String, String>) {
        for (name, version) in versions {
            if self.covers(&name) {
                let held = parse_digest(&version).map_or(Sent::Stale, Sent::Version);
                self.sent.insert(name.into(), held);
            }
        }
    }

    fn covers(&self, name: &str) -> bool {
        self.wildcard || self.names.contains(name)
    }

    fn changes(&self, desired: Option<&super::ResourceSet>, keep_facts: bool) -> Changes {
        let resources = desired
            .into_iter()
            .flatten()
            .filter(|(name, it)| {
                self.covers(name) && self.sent.get(*name) != Some(&Sent::Version(it.version))
            })
            .map(|(name, it)| (name.clone(), it.clone()))
            .collect();
        let removed = self
            .sent
            .iter()
            .filter(|(name, _)| !desired.is_some_and(|set| set.contains_key(*name)))
            .filter(|(_, sent)| !keep_facts || **sent == Sent::Asked)
            .map(|(name, _)| name.clone())
            .collect();
        Changes { resources, removed }
    }

    fn send(
        &mut self,
        kind: ResourceType,
        changes: Changes,
        nonce: String,
    ) -> DeltaDiscoveryResponse {
        let type_url = kind.type_url();
        let mut outstanding = Outstanding {
            nonce: nonce.clone(),
            resources: Vec::new(),
            removed: changes.removed,
        };
        for name in &outstanding.removed {
            self.sent.remove(name);
        }
        let (mut resources, mut bytes) = (Vec::new(), 0);
        for (name, resource) in changes.resources {
            bytes += resource.bytes.len() + name.len() + type_url.len() + 100;
            if bytes > RESPONSE_BYTES && !resources.is_empty() {
                break;
            }
            self.sent
                .insert(name.clone(), Sent::Version(resource.version));
            resources.push(Envelope {
                version: resource.version.to_string(),
                resource: Some(Any {
                    type_url: type_url.to_owned(),
                    value: resource.bytes,
                }),
                name: name.to_string(),
            });
            outstanding.resources.push((name, resource.version));
        }
        let removed_resources = outstanding.removed.iter().map(ToString::to_string);
        let response = DeltaDiscoveryResponse {
            system_version_info: String::new(),
            resources,
            type_url: type_url.to_owned(),
            removed_resources: removed_resources.collect(),
            nonce,
        };
        self.outstanding = Some(outstanding);
        response
    }
}
