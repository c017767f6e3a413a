//! What the proxy holds, between its session with the operator and its disk.
//!
//! A bundle on disk is believed no more than one on the wire: its digest is
//! computed again from what was understood.

use mesh_ir::{IncompleteSnapshot, Snapshot};
use mesh_xds::session::client::{ActiveBundle, Holdings};
use mesh_xds::{
    InvalidMember, ResourceType, decode_bundle, decode_endpoints, decode_listeners, decode_member,
    decode_trust_roots, encode_bundle, encode_endpoints, encode_listeners, encode_member,
    encode_trust_roots, snapshot_digest,
};

use crate::resource::Resource;

/// Why kept resources are not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidHoldings {
    /// One cannot be read.
    #[error("a kept {kind:?} cannot be read: {source}")]
    Resource {
        /// Which type.
        kind: ResourceType,
        /// Why not.
        source: InvalidMember,
    },
    /// Members without a bundle.
    #[error("the kept members have no bundle")]
    NoBundle,
    /// Members that make no view.
    #[error(transparent)]
    Incomplete(#[from] IncompleteSnapshot),
    /// Members that are not those of the bundle.
    #[error("the kept members make the digest {found}, the kept bundle says {expected}")]
    Digest {
        /// What the bundle says.
        expected: mesh_ir::Digest,
        /// What the members make.
        found: mesh_ir::Digest,
    },
}

/// The active bundle as it is kept: the bundle, then its members.
pub(crate) fn keep_bundle(active: &ActiveBundle) -> Vec<Resource> {
    let bundle = Resource {
        kind: ResourceType::Bundle,
        body: encode_bundle(&active.bundle),
    };
    let members = active.snapshot.clone().into_members();
    let members = members.iter().map(|member| {
        let encoded = encode_member(member);
        Resource {
            kind: encoded.resource_type(),
            body: encoded.bytes,
        }
    });
    std::iter::once(bundle).chain(members).collect()
}

/// The inverse of [`keep_bundle`]; `None` where nothing was kept.
pub(crate) fn take_bundle(kept: &[Resource]) -> Result<Option<ActiveBundle>, InvalidHoldings> {
    if kept.is_empty() {
        return Ok(None);
    }
    let (mut bundle, mut members) = (None, vec![]);
    for resource in kept {
        let failed = |source| InvalidHoldings::Resource {
            kind: resource.kind,
            source,
        };
        match resource.kind {
            ResourceType::Bundle => bundle = Some(decode_bundle(&resource.body).map_err(failed)?),
            ResourceType::Member(kind) => {
                members.push(decode_member(kind, &resource.body).map_err(failed)?);
            }
            ResourceType::Endpoints | ResourceType::TrustRoots | ResourceType::Listeners => {}
        }
    }
    let bundle = bundle.ok_or(InvalidHoldings::NoBundle)?;
    let snapshot = Snapshot::from_members(members)?;
    let found = snapshot_digest(&snapshot);
    if found != bundle.digest {
        return Err(InvalidHoldings::Digest {
            expected: bundle.digest,
            found,
        });
    }
    Ok(Some(ActiveBundle { bundle, snapshot }))
}

/// The facts as they are kept.
pub(crate) fn keep_facts(holdings: &Holdings) -> Vec<Resource> {
    let resource = |kind, body| Resource { kind, body };
    let roots = holdings.trust_roots.values();
    let endpoints = holdings.endpoints.values();
    let listeners = holdings.listeners.iter();
    roots
        .map(|it| resource(ResourceType::TrustRoots, encode_trust_roots(it)))
        .chain(listeners.map(|it| resource(ResourceType::Listeners, encode_listeners(it))))
        .chain(endpoints.map(|it| resource(ResourceType::Endpoints, encode_endpoints(it))))
        .collect()
}

/// The inverse of [`keep_facts`]; the active bundle is not among them.
pub(crate) fn take_facts(kept: &[Resource]) -> Result<Holdings, InvalidHoldings> {
    let mut holdings = Holdings::default();
    for resource in kept {
        let failed = |source| InvalidHoldings::Resource {
            kind: resource.kind,
            source,
        };
        match resource.kind {
            ResourceType::TrustRoots => {
                let roots = decode_trust_roots(&resource.body).map_err(failed)?;
                holdings
                    .trust_roots
                    .insert(roots.trust_domain.clone(), roots);
            }
            ResourceType::Listeners => {
                holdings.listeners = Some(decode_listeners(&resource.body).map_err(failed)?);
            }
            ResourceType::Endpoints => {
                let endpoints = decode_endpoints(&resource.body).map_err(failed)?;
                holdings
                    .endpoints
                    .insert(endpoints.service.clone(), endpoints);
            }
            ResourceType::Member(_) | ResourceType::Bundle => {}
        }
    }
    Ok(holdings)
}
