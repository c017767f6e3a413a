use std::net::SocketAddr;

use jiff::Timestamp;
use mesh_identity::{InvalidSvid, SpiffeId, Svid};
use rustls_pki_types::CertificateDer;
use tonic::Status;

/// Who is at the other end of a connection.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    /// Its socket.
    pub(super) address: SocketAddr,
    /// What its certificate proved, if it has one.
    svid: Option<Svid>,
}

impl Peer {
    /// From the chain that TLS verified.
    pub(super) fn new(
        address: SocketAddr,
        chain: Option<&[CertificateDer<'_>]>,
    ) -> Result<Self, InvalidSvid> {
        let leaf = chain.and_then(<[_]>::first);
        let svid = leaf.map(|leaf| Svid::from_der(leaf)).transpose()?;
        Ok(Self { address, svid })
    }

    /// Whether it proved an identity.
    pub(super) fn is_known(&self) -> bool {
        self.svid.is_some()
    }

    /// The identity that it proved.
    pub(super) fn identity(&self) -> Result<&SpiffeId, Status> {
        self.svid
            .as_ref()
            .map(|svid| &svid.id)
            .ok_or_else(|| Status::unauthenticated("this needs a certificate of the mesh"))
    }

    /// The end of its certificate.
    pub(super) fn not_after(&self) -> Option<Timestamp> {
        let svid = self.svid.as_ref()?;
        Timestamp::from_second(svid.not_after).ok()
    }
}
