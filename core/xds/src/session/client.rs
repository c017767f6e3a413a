//! The proxy's end: what it holds, across streams.

mod holdings;
mod staging;

use std::collections::BTreeMap;

use mesh_ir::{Bundle, Digest, ServiceRef, Snapshot};

pub use holdings::{ActiveBundle, Holdings};

use super::WILDCARD;
use crate::invalid::InvalidMember;
use crate::proto::discovery::Resource as Envelope;
use crate::proto::discovery::{DeltaDiscoveryRequest, DeltaDiscoveryResponse, Node, Status};
use crate::{
    BUNDLE_NAME, ResourceType, decode_bundle, decode_endpoints, decode_listeners,
    decode_trust_roots,
};
use staging::Staging;

/// `google.rpc.Code.INVALID_ARGUMENT`.
const INVALID_ARGUMENT: i32 = 3;
/// What every node of the mesh calls its cluster.
const CLUSTER: &str = "meshwright";

/// What a proxy was given and what it made of it.
///
/// Order of calls: [`Self::connect`] when a stream opens, its requests are sent in
/// order; [`Self::handle_response`] for each response, whose answer is sent. A
/// bundle has no answer at once: the [`Offer`] is put into effect or not, and
/// [`Self::accept`] or [`Self::refuse`] gives the answer. Both may come late; an
/// offer of a stream that ended is answered by nothing.
#[derive(Debug)]
pub struct ClientSession {
    workload: String,
    stream: u64,
    staging: Staging,
    holdings: Holdings,
}

/// What a response changed, and what to say to it.
#[derive(Debug)]
pub struct Reaction {
    /// To be sent.
    pub answer: Option<DeltaDiscoveryRequest>,
    /// What is new.
    pub change: Change,
    /// Why the answer is a refusal; empty if it is none.
    pub refused: Vec<String>,
}

/// What a response changed.
#[derive(Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing that has an effect.
    Nothing,
    /// A bundle whose members are here and make its digest.
    Bundle(Box<Offer>),
    /// The endpoints of these services, or that there are none.
    Endpoints(Vec<ServiceRef>),
    /// The roots of a trust domain.
    TrustRoots,
    /// Where to listen.
    Listeners,
}

/// A bundle to put into effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub bundle: Bundle,
    /// What it says.
    pub snapshot: Snapshot,
    nonce: String,
    stream: u64,
}

impl ClientSession {
    /// A session of the workload `namespace/name` that begins with what it held before.
    pub fn new(workload: impl Into<String>, holdings: Holdings) -> Self {
        Self {
            workload: workload.into(),
            stream: 0,
            staging: Staging::of(holdings.active.as_ref()),
            holdings,
        }
    }

    /// What is held.
    pub fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// Begins a stream: one request per type, which says what is held.
    pub fn connect(&mut self) -> Vec<DeltaDiscoveryRequest> {
        self.stream += 1;
        let request = |(at, kind): (usize, ResourceType)| DeltaDiscoveryRequest {
            node: (at == 0).then(|| Node {
                id: self.workload.clone(),
                cluster: CLUSTER.to_owned(),
            }),
            type_url: kind.type_url().to_owned(),
            resource_names_subscribe: vec![WILDCARD.to_owned()],
            initial_resource_versions: self.versions(kind),
            ..DeltaDiscoveryRequest::default()
        };
        ResourceType::ALL
            .into_iter()
            .enumerate()
            .map(request)
            .collect()
    }

    /// Takes a response. Types that nobody asked for are ignored.
    pub fn handle_response(&mut self, response: &DeltaDiscoveryResponse) -> Reaction {
        let Some(kind) = ResourceType::from_type_url(&response.type_url) else {
            return Reaction {
                answer: None,
                change: Change::Nothing,
                refused: vec![],
            };
        };
        let nonce = response.nonce.clone();
        let (change, refused) = match first_duplicate(response) {
            Some(name) => (
                Change::Nothing,
                vec![format!("`{name}` comes twice in one response")],
            ),
            None => self.take(kind, response),
        };
        let answer = match (&change, refused.is_empty()) {
            (Change::Bundle(_), _) => None,
            (_, true) => Some(answer(kind, nonce, &[])),
            (_, false) => Some(answer(kind, nonce, &refused)),
        };
        Reaction {
            answer,
            change,
            refused,
        }
    }

    /// The offer is active in every worker.
    pub fn accept(&mut self, offer: Offer) -> Option<DeltaDiscoveryRequest> {
        let Offer {
            bundle,
            snapshot,
            nonce,
            stream,
        } = offer;
        self.holdings.active = Some(ActiveBundle { bundle, snapshot });
        (stream == self.stream).then(|| answer(ResourceType::Bundle, nonce, &[]))
    }

    /// The offer cannot be honoured, for these reasons; what was active stays.
    pub fn refuse(&mut self, offer: Offer, reasons: &[String]) -> Option<DeltaDiscoveryRequest> {
        let unnamed = [String::from("the bundle cannot be honoured")];
        let reasons = if reasons.is_empty() {
            &unnamed
        } else {
            reasons
        };
        (offer.stream == self.stream).then(|| answer(ResourceType::Bundle, offer.nonce, reasons))
    }

    fn versions(&self, kind: ResourceType) -> BTreeMap<String, String> {
        let print = |(name, version): (String, Digest)| (name, version.to_string());
        match kind {
            ResourceType::Member(kind) => self.staging.versions(kind).map(print).collect(),
            _ => self
                .holdings
                .versions(kind)
                .into_iter()
                .map(print)
                .collect(),
        }
    }

    fn take(
        &mut self,
        kind: ResourceType,
        response: &DeltaDiscoveryResponse,
    ) -> (Change, Vec<String>) {
        let mut refused = Vec::new();
        let mut each = |result: Result<(), InvalidMember>, name: &str| {
            if let Err(error) = result {
                refused.push(format!("{name}: {error}"));
            }
        };
        let removed = &response.removed_resources;
        let change = match kind {
            ResourceType::Member(kind) => {
                for envelope in &response.resources {
                    each(self.staging.stage(kind, envelope), &envelope.name);
                }
                self.staging.remove(kind, removed);
                Change::Nothing
            }
            ResourceType::Bundle => match self.offer(response) {
                Ok(Some(offer)) => Change::Bundle(Box::new(offer)),
                Ok(None) => Change::Nothing,
                Err(reasons) => return (Change::Nothing, reasons),
            },
            ResourceType::Endpoints => {
                let mut changed = self.holdings.remove_endpoints(removed);
                for envelope in &response.resources {
                    let taken = content(kind, envelope, decode_endpoints)
                        .and_then(|it| self.holdings.take_endpoints(&envelope.name, it));
                    each(taken.map(|service| changed.push(service)), &envelope.name);
                }
                Change::Endpoints(changed)
            }
            ResourceType::TrustRoots => {
                for envelope in &response.resources {
                    let taken = content(kind, envelope, decode_trust_roots)
                        .and_then(|it| self.holdings.take_trust_roots(&envelope.name, it));
                    each(taken, &envelope.name);
                }
                self.holdings.remove_trust_roots(removed);
                Change::TrustRoots
            }
            ResourceType::Listeners => {
                for envelope in &response.resources {
                    let taken = content(kind, envelope, decode_listeners)
                        .and_then(|it| self.holdings.take_listeners(&self.workload, it));
                    each(taken, &envelope.name);
                }
                Change::Listeners
            }
        };
        (change, refused)
    }

    /// Judges a bundle by what is staged at this moment.
    fn offer(&self, response: &DeltaDiscoveryResponse) -> Result<Option<Offer>, Vec<String>> {
        let Some(envelope) = response.resources.first() else {
            return Ok(None);
        };
        let bundle = content(ResourceType::Bundle, envelope, decode_bundle)
            .and_then(|bundle| named(&envelope.name, BUNDLE_NAME).map(|()| bundle))
            .map_err(|error| vec![error.to_string()])?;
        if let Some(active) = &self.holdings.active
            && active.bundle.epoch > bundle.epoch
        {
            let (new, old) = (bundle.epoch.0, active.bundle.epoch.0);
            return Err(vec![format!(
                "epoch {new} is lower than the active one, {old}"
            )]);
        }
        Ok(Some(Offer {
            snapshot: self.staging.snapshot(bundle.digest)?,
            bundle,
            nonce: response.nonce.clone(),
            stream: self.stream,
        }))
    }
}

fn first_duplicate(response: &DeltaDiscoveryResponse) -> Option<&str> {
    let mut names: Vec<&str> = response.resources.iter().map(|it| &*it.name).collect();
    names.sort_unstable();
    names
        .windows(2)
        .find(|pair| pair[0] == pair[1])
        .map(|pair| pair[0])
}

/// Decodes what an envelope holds, if it is of the type that the response says.
fn content<T>(
    kind: ResourceType,
    envelope: &Envelope,
    decode: impl FnOnce(&[u8]) -> Result<T, InvalidMember>,
) -> Result<T, InvalidMember> {
    let any = envelope
        .resource
        .as_ref()
        .ok_or(InvalidMember::Missing("resource"))?;
    named(kind.type_url(), &any.type_url)?;
    decode(&any.value)
}

/// A resource is called what its content says.
fn named(resource: &str, content: &str) -> Result<(), InvalidMember> {
    if resource == content {
        return Ok(());
    }
    Err(InvalidMember::Misnamed {
        resource: resource.to_owned(),
        content: content.to_owned(),
    })
}

fn answer(kind: ResourceType, nonce: String, refused: &[String]) -> DeltaDiscoveryRequest {
    DeltaDiscoveryRequest {
        type_url: kind.type_url().to_owned(),
        response_nonce: nonce,
        error_detail: (!refused.is_empty()).then(|| Status {
            code: INVALID_ARGUMENT,
            message: refused.join("\n"),
        }),
        ..DeltaDiscoveryRequest::default()
    }
}
