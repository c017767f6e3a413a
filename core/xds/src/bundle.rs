use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use mesh_ir::{Bundle, CommitId, Epoch, Member, Mesh, ObjectRef, Role, ServiceRef, View, Views};

use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;
use crate::wire::{read, write};
use crate::{EncodedMember, digest, encode_member};

/// The encoding of a bundle.
pub fn encode_bundle(bundle: &Bundle) -> Bytes {
    write::<proto::Bundle>(bundle)
}

/// Reads a bundle.
pub fn decode_bundle(bytes: &[u8]) -> Result<Bundle, InvalidMember> {
    read::<proto::Bundle>(bytes)
}

/// What every replica of one role is given: its members, encoded once, and the
/// bundle over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleBundle {
    /// Whose it is.
    pub role: Role,
    /// Names the members by their digest.
    pub bundle: Bundle,
    /// In the order in which they are sent.
    pub members: Arc<[EncodedMember]>,
}

impl RoleBundle {
    /// What one role is given of a mesh. [`EncodedMesh`] serves whoever gives to many.
    pub fn of(mesh: &Mesh, role: &Role, epoch: Epoch, commit: CommitId) -> Self {
        EncodedMesh::of(mesh).role_bundle(role, epoch, commit)
    }
}

/// A mesh whose members are encoded once, for the bundles of all its roles.
#[derive(Debug)]
pub struct EncodedMesh<'m> {
    views: Views<'m>,
    settings: EncodedMember,
    services: BTreeMap<&'m ServiceRef, EncodedMember>,
    routes: BTreeMap<&'m ObjectRef, EncodedMember>,
    access: BTreeMap<&'m ObjectRef, EncodedMember>,
    limits: BTreeMap<&'m ObjectRef, EncodedMember>,
    issuers: BTreeMap<&'m ObjectRef, EncodedMember>,
    gateways: BTreeMap<&'m ObjectRef, EncodedMember>,
    externals: BTreeMap<&'m ServiceRef, EncodedMember>,
    telemetry: BTreeMap<&'m ObjectRef, EncodedMember>,
}

impl<'m> EncodedMesh<'m> {
    /// Encodes what roles may share.
    pub fn of(mesh: &'m Mesh) -> Self {
        Self {
            views: Views::of(mesh),
            settings: encode_member(&Member::Settings(mesh.settings.clone())),
            services: encoded(&mesh.services, Member::Service),
            routes: encoded(&mesh.routes, Member::Route),
            access: encoded(&mesh.access, Member::Access),
            limits: encoded(&mesh.limits, Member::RateLimit),
            issuers: encoded(&mesh.issuers, Member::TokenIssuer),
            gateways: encoded(&mesh.gateways, Member::Gateway),
            externals: encoded(&mesh.externals, Member::ExternalService),
            telemetry: encoded(&mesh.telemetry, Member::Telemetry),
        }
    }

    /// What a role is given.
    pub fn role_bundle(&self, role: &Role, epoch: Epoch, commit: CommitId) -> RoleBundle {
        let View {
            services,
            routes,
            access,
            limits,
            issuers,
            gateways,
            externals,
            telemetry,
        } = self.views.view(role);
        let services = services.iter().map(|it| &self.services[&it.id]);
        let routes = routes.iter().map(|it| &self.routes[&it.id]);
        let access = access.iter().map(|it| &self.access[&it.id]);
        let limits = limits.iter().map(|it| &self.limits[&it.id]);
        let issuers = issuers.iter().map(|it| &self.issuers[&it.id]);
        let gateways = gateways.iter().map(|it| &self.gateways[&it.id]);
        let externals = externals.iter().map(|it| &self.externals[&it.id]);
        let telemetry = telemetry.iter().map(|it| &self.telemetry[&it.id]);
        let own = encode_member(&Member::Role(role.clone()));
        let shared = services.chain(routes).chain(access).chain(limits);
        let shared = shared.chain(issuers).chain(gateways).chain(externals);
        let shared = shared.chain(telemetry);
        let members: Arc<[_]> = [self.settings.clone(), own]
            .into_iter()
            .chain(shared.cloned())
            .collect();
        RoleBundle {
            role: role.clone(),
            bundle: Bundle {
                epoch,
                commit,
                digest: digest(members.iter()),
            },
            members,
        }
    }
}

fn encoded<K: Ord, T: Clone>(
    objects: &BTreeMap<K, Arc<T>>,
    member: impl Fn(T) -> Member,
) -> BTreeMap<&K, EncodedMember> {
    objects
        .iter()
        .map(|(id, object)| (id, encode_member(&member(T::clone(object)))))
        .collect()
}
