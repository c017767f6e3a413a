use std::sync::Arc;

use mesh_identity::{SpiffeId, TrustDomain};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType,
};
use rustls::{ClientConnection, ServerConnection};
use rustls_pki_types::{CertificateDer, ServerName};
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use super::*;

const WEB: &str = "spiffe://shop.example/ns/shop/sa/web";
const API: &str = "spiffe://shop.example/ns/shop/sa/api";
const OPERATOR: &str = "spiffe://shop.example/ns/meshwright/sa/operator";

/// A root that signs what a test asks for.
struct Root(CertifiedIssuer<'static, KeyPair>);

/// What a test wants of a leaf beyond its identity.
#[derive(Clone, Copy, PartialEq)]
enum Leaf {
    Good,
    Expired,
    Authority,
}

impl Root {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    fn trust(&self, domain: &str) -> Arc<Trust> {
        let domain = TrustDomain::parse(domain).unwrap();
        Arc::new(Trust::new(domain, vec![self.der()]).unwrap())
    }

    /// Key and chain, leaf and root.
    fn sign(&self, id: &str, leaf: Leaf) -> (Zeroizing<Vec<u8>>, Vec<CertificateDer<'static>>) {
        let pair = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.subject_alt_names = vec![SanType::URI(id.try_into().unwrap())];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let now = OffsetDateTime::now_utc();
        params.not_before = now - Duration::hours(1);
        params.not_after = match leaf {
            Leaf::Expired => now - Duration::minutes(1),
            Leaf::Good | Leaf::Authority => now + Duration::hours(1),
        };
        if leaf == Leaf::Authority {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        let certificate = params.signed_by(&pair, &self.0).unwrap();
        let chain = vec![certificate.der().clone(), self.der()];
        (Zeroizing::new(pair.serialize_der()), chain)
    }

    fn identity(&self, id: &str, leaf: Leaf) -> TlsIdentity {
        let (key, chain) = self.sign(id, leaf);
        let credentials = Credentials::new(key, chain).unwrap();
        TlsIdentity::new(&credentials, self.trust("shop.example")).unwrap()
    }
}

fn id(text: &str) -> SpiffeId {
    SpiffeId::parse(text).unwrap()
}

/// Who the server and the client saw, once both finished.
type Seen = (SpiffeId, Option<SpiffeId>);

/// Runs a handshake in memory to its end or first error.
fn handshake(client: Arc<ClientConfig>, server: Arc<ServerConfig>) -> Result<Seen, rustls::Error> {
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let mut client = ClientConnection::new(client, name).unwrap();
    let mut server = ServerConnection::new(server).unwrap();
    for _ in 0..8 {
        let mut bytes = vec![];
        while client.wants_write() {
            client.write_tls(&mut bytes).unwrap();
        }
        let mut unread = &bytes[..];
        while !unread.is_empty() {
            server.read_tls(&mut unread).unwrap();
            server.process_new_packets()?;
        }
        let mut bytes = vec![];
        while server.wants_write() {
            server.write_tls(&mut bytes).unwrap();
        }
        let mut unread = &bytes[..];
        while !unread.is_empty() {
            client.read_tls(&mut unread).unwrap();
            client.process_new_packets()?;
        }
    }
    assert!(!client.is_handshaking() && !server.is_handshaking());
    let seen_by_client = peer_identity(client.peer_certificates()).unwrap();
    let seen_by_server = server
        .peer_certificates()
        .map(|chain| peer_identity(Some(chain)).unwrap());
    Ok((seen_by_client, seen_by_server))
}

fn between(
    client: &TlsIdentity,
    accept: &str,
    server: &TlsIdentity,
) -> Result<Seen, rustls::Error> {
    handshake(
        client.client(&[id(accept)], Alpn::Http2),
        server.server(Alpn::Http),
    )
}

#[test]
fn two_workloads_of_one_domain_see_each_other() {
    let root = Root::new();
    let (web, api) = (
        root.identity(WEB, Leaf::Good),
        root.identity(API, Leaf::Good),
    );
    assert_eq!(between(&web, API, &api), Ok((id(API), Some(id(WEB)))));
}

#[test]
fn a_server_with_another_identity_is_refused() {
    let root = Root::new();
    let (web, api) = (
        root.identity(WEB, Leaf::Good),
        root.identity(API, Leaf::Good),
    );
    let error = between(&web, "spiffe://shop.example/ns/shop/sa/db", &api).unwrap_err();
    assert!(error.to_string().contains("WrongPeer"), "{error}");
}

#[test]
fn another_root_is_refused_in_both_directions() {
    let (ours, theirs) = (Root::new(), Root::new());
    let (web, api) = (
        ours.identity(WEB, Leaf::Good),
        theirs.identity(API, Leaf::Good),
    );
    assert!(between(&web, API, &api).is_err());
    assert!(between(&api, WEB, &web).is_err());
}

#[test]
fn another_trust_domain_under_our_root_is_refused() {
    let root = Root::new();
    let foreign = "spiffe://other.example/ns/shop/sa/web";
    let (key, chain) = root.sign(foreign, Leaf::Good);
    let credentials = Credentials::new(key, chain).unwrap();
    let web = TlsIdentity::new(&credentials, root.trust("shop.example")).unwrap();
    let api = root.identity(API, Leaf::Good);
    assert!(between(&web, API, &api).is_err());
    assert!(between(&api, foreign, &web).is_err());
}

#[test]
fn an_expired_certificate_fails_new_handshakes() {
    let root = Root::new();
    let (old, api) = (
        root.identity(WEB, Leaf::Expired),
        root.identity(API, Leaf::Good),
    );
    assert!(between(&old, API, &api).is_err());
    assert!(between(&api, WEB, &old).is_err());
}

#[test]
fn a_certificate_authority_is_no_leaf() {
    let root = Root::new();
    let (key, chain) = root.sign(WEB, Leaf::Authority);
    assert!(Credentials::new(key, chain).is_err());
}

#[test]
fn a_client_without_a_certificate_is_refused() {
    let root = Root::new();
    let api = root.identity(API, Leaf::Good);
    let verifier = PeerVerifier::new(root.trust("shop.example"), PeerRule::OneOf(vec![id(API)]));
    let nobody = Arc::new(client_config(verifier, None, Alpn::Http2).unwrap());
    let error = handshake(nobody, api.server(Alpn::Http)).unwrap_err();
    assert_eq!(error, rustls::Error::NoCertificatesPresented);
}

#[test]
fn a_key_that_is_not_the_leafs_is_refused() {
    let root = Root::new();
    let ((_, chain), (key, _)) = (root.sign(WEB, Leaf::Good), root.sign(WEB, Leaf::Good));
    let credentials = Credentials::new(key, chain).unwrap();
    assert!(TlsIdentity::new(&credentials, root.trust("shop.example")).is_err());
}

/// A join against a server that asks for no certificate, as the operator allows.
fn join(expected: &Root, actual: &Root, server_id: &str) -> Result<Seen, rustls::Error> {
    let hash = Sha256::digest(expected.der()).into();
    let client = operator_client(OperatorProof::RootHash(hash), None).unwrap();
    let (key, chain) = actual.sign(server_id, Leaf::Good);
    let credentials = Credentials::new(key, chain).unwrap();
    let server = ServerConfig::builder_with_provider(trust::provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(credentials.chain().to_vec(), credentials.key())
        .unwrap();
    handshake(Arc::new(client), Arc::new(server))
}

#[test]
fn a_join_accepts_the_operator_under_the_root_of_the_token() {
    let root = Root::new();
    assert_eq!(join(&root, &root, OPERATOR), Ok((id(OPERATOR), None)));
}

#[test]
fn a_join_refuses_an_impostor_before_a_word_is_said() {
    let (root, other) = (Root::new(), Root::new());
    assert!(join(&root, &other, OPERATOR).is_err(), "another root");
    assert!(join(&root, &root, WEB).is_err(), "a workload as operator");
}
