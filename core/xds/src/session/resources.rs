use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use mesh_ir::{Bundle, Digest, Endpoints, Listeners, TrustRoots};

use crate::{
    BUNDLE_NAME, ResourceType, RoleBundle, encode_bundle, encode_endpoints, encode_listeners,
    encode_trust_roots, hash,
};

/// A resource as a client should have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The SHA-256 of `bytes`.
    pub version: Digest,
    /// Its encoding.
    pub bytes: Bytes,
}

impl Resource {
    /// A resource with these bytes.
    pub fn new(bytes: Bytes) -> Self {
        Self {
            version: hash(&bytes),
            bytes,
        }
    }
}

/// The resources of one type, by name.
pub type ResourceSet = BTreeMap<Arc<str>, Resource>;

/// Everything that one client should have. Cheap to clone; sets are shared between
/// the clients that have them in common.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Desired {
    sets: BTreeMap<ResourceType, Arc<ResourceSet>>,
}

impl Desired {
    /// Members and bundle of a role.
    pub fn of_role(role: &RoleBundle) -> Self {
        let mut sets: BTreeMap<ResourceType, ResourceSet> = BTreeMap::new();
        for member in role.members.iter() {
            sets.entry(member.resource_type()).or_default().insert(
                member.name.clone(),
                Resource {
                    version: member.version,
                    bytes: member.bytes.clone(),
                },
            );
        }
        sets.insert(
            ResourceType::Bundle,
            one(BUNDLE_NAME.into(), bundle_resource(&role.bundle)),
        );
        Self {
            sets: sets
                .into_iter()
                .map(|(kind, set)| (kind, Arc::new(set)))
                .collect(),
        }
    }

    /// The same with other endpoints.
    #[must_use]
    pub fn with_endpoints<'a>(self, endpoints: impl IntoIterator<Item = &'a Endpoints>) -> Self {
        let named = |it: &Endpoints| {
            let name = format!("{}/{}", it.service.namespace, it.service.name);
            (name.into(), Resource::new(encode_endpoints(it)))
        };
        let set = endpoints.into_iter().map(named).collect();
        self.with(ResourceType::Endpoints, Arc::new(set))
    }

    /// The same with other trust roots.
    #[must_use]
    pub fn with_trust_roots(self, roots: &TrustRoots) -> Self {
        let resource = Resource::new(encode_trust_roots(roots));
        let set = one(roots.trust_domain.as_str().into(), resource);
        self.with(ResourceType::TrustRoots, Arc::new(set))
    }

    /// The same with other listeners.
    #[must_use]
    pub fn with_listeners(self, listeners: &Listeners) -> Self {
        let resource = Resource::new(encode_listeners(listeners));
        let set = one(listeners.workload.as_str().into(), resource);
        self.with(ResourceType::Listeners, Arc::new(set))
    }

    /// The same with another set of one type.
    #[must_use]
    pub fn with(mut self, kind: ResourceType, set: Arc<ResourceSet>) -> Self {
        self.sets.insert(kind, set);
        self
    }

    /// What there is of a type.
    pub fn of_type(&self, kind: ResourceType) -> Option<&ResourceSet> {
        self.sets.get(&kind).map(|set| &**set)
    }

    /// The version of the bundle.
    pub fn bundle_version(&self) -> Option<Digest> {
        let bundle = self.of_type(ResourceType::Bundle)?.get(BUNDLE_NAME)?;
        Some(bundle.version)
    }
}

/// A bundle as a resource; its version tells epochs apart.
pub(super) fn bundle_resource(bundle: &Bundle) -> Resource {
    Resource::new(encode_bundle(bundle))
}

fn one(name: Arc<str>, resource: Resource) -> ResourceSet {
    ResourceSet::from([(name, resource)])
}
