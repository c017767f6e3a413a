//! An operator that a test plays: it signs for one token and serves whatever
//! bytes the test wants, over real TLS and gRPC framing.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use h2::server::SendResponse;
use h2::{RecvStream, SendStream};
use mesh_ir::{SpiffeId, TrustDomain};
use mesh_xds::proto::discovery::{DeltaDiscoveryRequest, DeltaDiscoveryResponse};
use mesh_xds::proto::operator::{ReportResponse, SignRequest, SignResponse};
use mesh_xds::session::Desired;
use mesh_xds::session::server::{Event, ServerSession};
use prost::Message;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PublicKeyData, SanType,
};
use rustls::pki_types::{CertificateDer, CertificateSigningRequestDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// The authority of a played mesh.
pub struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    domain: TrustDomain,
}

impl Authority {
    /// A fresh root for a trust domain.
    pub fn new(domain: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.subject_alt_names = vec![uri(&format!("spiffe://{domain}"))];
        let root = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key"))
            .expect("a root");
        Self {
            root,
            domain: TrustDomain::parse(domain).expect("a trust domain"),
        }
    }

    /// The root's DER.
    pub fn root_der(&self) -> Vec<u8> {
        self.root.der().to_vec()
    }

    /// The third part of a join token: the SHA-256 of the root in hexadecimal.
    pub fn root_hash(&self) -> String {
        mesh_xds::hash(self.root.der()).to_string()
    }

    /// A leaf for an identity and a key.
    pub fn leaf(&self, id: &str, key: &impl PublicKeyData) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![uri(id)];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let now = time::OffsetDateTime::now_utc();
        params.not_before = now - time::Duration::seconds(30);
        params.not_after = now + time::Duration::hours(1);
        params
            .signed_by(key, &self.root)
            .expect("a leaf")
            .der()
            .to_vec()
    }

    /// A fresh key and leaf for an identity, as PEM files' contents: chain and key.
    pub fn pem(&self, id: &str) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let leaf = self.leaf(id, &key);
        (pem("CERTIFICATE", &leaf), key.serialize_pem())
    }

    fn acceptor(&self) -> TlsAcceptor {
        let key = KeyPair::generate().expect("a key");
        let leaf = self.leaf(&SpiffeId::operator(&self.domain).to_string(), &key);
        let chain = vec![CertificateDer::from(leaf), self.root.der().clone()];
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.root.der().clone()).expect("a root");
        let clients = rustls::server::WebPkiClientVerifier::builder_with_provider(
            Arc::new(roots),
            Arc::clone(&provider),
        )
        .allow_unauthenticated()
        .build()
        .expect("a verifier");
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("TLS 1.3 is there")
            .with_client_cert_verifier(clients)
            .with_single_cert(chain, PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .expect("key and leaf fit");
        config.alpn_protocols = vec![b"h2".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }
}

fn uri(text: &str) -> SanType {
    SanType::URI(text.try_into().expect("ASCII"))
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// A running played operator.
pub struct PlayedOperator {
    /// Where proxies connect.
    pub address: SocketAddr,
    /// What a proxy joins with.
    pub token: String,
    /// The reasons of every refusal so far.
    pub refusals: Arc<Mutex<Vec<String>>>,
    /// Join tokens that were presented, in clear.
    pub tokens_seen: Arc<Mutex<Vec<String>>>,
    desired: watch::Sender<Desired>,
}

#[derive(Clone)]
struct Shared {
    authority: Arc<Authority>,
    identity: String,
    desired: watch::Receiver<Desired>,
    refusals: Arc<Mutex<Vec<String>>>,
    tokens_seen: Arc<Mutex<Vec<String>>>,
}

impl PlayedOperator {
    /// Serves in a thread of its own until the process ends; signs for `identity`.
    pub fn start(authority: Arc<Authority>, identity: &str, desired: Desired) -> Self {
        let (sender, receiver) = watch::channel(desired);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let token = format!("0.0.{}", authority.root_hash());
        let shared = Shared {
            authority,
            identity: identity.to_owned(),
            desired: receiver,
            refusals: Arc::default(),
            tokens_seen: Arc::default(),
        };
        let (refusals, tokens_seen) = (
            Arc::clone(&shared.refusals),
            Arc::clone(&shared.tokens_seen),
        );
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async move {
                listener.set_nonblocking(true).expect("a socket");
                let listener = TcpListener::from_std(listener).expect("a socket");
                let acceptor = shared.authority.acceptor();
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(connection(stream, acceptor.clone(), shared.clone()));
                }
            });
        });
        Self {
            address,
            token,
            refusals,
            tokens_seen,
            desired: sender,
        }
    }

    /// Gives proxies something else.
    pub fn publish(&self, desired: Desired) {
        self.desired.send_replace(desired);
    }

    /// The refusals so far, as one text.
    pub fn refused(&self) -> String {
        self.refusals.lock().expect("no task panicked").join("\n")
    }
}

async fn connection(stream: TcpStream, acceptor: TlsAcceptor, shared: Shared) {
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let Ok(mut connection) = h2::server::handshake(stream).await else {
        return;
    };
    while let Some(Ok((request, respond))) = connection.accept().await {
        let (head, body) = request.into_parts();
        let shared = shared.clone();
        tokio::spawn(async move {
            match head.uri.path() {
                "/meshwright.v1.Operator/Sign" => sign(body, respond, &shared).await,
                "/meshwright.v1.Operator/Report" => answer(respond, &ReportResponse {}),
                _ => discover(body, respond, shared).await,
            }
        });
    }
}

async fn sign(mut body: RecvStream, respond: SendResponse<Bytes>, shared: &Shared) {
    let mut held = BytesMut::new();
    let Some(request) = next::<SignRequest>(&mut body, &mut held).await else {
        return;
    };
    if !request.token.is_empty() {
        shared
            .tokens_seen
            .lock()
            .expect("no task panicked")
            .push(request.token);
    }
    let csr = CertificateSigningRequestDer::from(request.csr_der.to_vec());
    let Ok(csr) = rcgen::CertificateSigningRequestParams::from_der(&csr) else {
        return;
    };
    let response = SignResponse {
        chain_der: vec![
            shared
                .authority
                .leaf(&shared.identity, &csr.public_key)
                .into(),
        ],
        roots_der: vec![shared.authority.root_der().into()],
        trust_domain: shared.authority.domain.to_string(),
    };
    answer(respond, &response);
}

async fn discover(mut body: RecvStream, mut respond: SendResponse<Bytes>, mut shared: Shared) {
    let Ok(mut out) = respond.send_response(grpc_head(), false) else {
        return;
    };
    let mut session = ServerSession::new(shared.desired.borrow_and_update().clone());
    let mut held = BytesMut::new();
    loop {
        while let Some(response) = session.poll_response() {
            let response: DeltaDiscoveryResponse = response;
            if out.send_data(frame(&response), false).is_err() {
                return;
            }
        }
        tokio::select! {
            request = next::<DeltaDiscoveryRequest>(&mut body, &mut held) => {
                let Some(request) = request else { return };
                let Ok(event) = session.handle_request(request) else { return };
                if let Some(Event::Refused { reason, .. }) = event {
                    shared.refusals.lock().expect("no task panicked").push(reason);
                }
            }
            changed = shared.desired.changed() => {
                if changed.is_err() {
                    return;
                }
                session.set_desired(shared.desired.borrow_and_update().clone());
            }
        }
    }
}

fn grpc_head() -> http::Response<()> {
    http::Response::builder()
        .header("content-type", "application/grpc")
        .body(())
        .expect("a head")
}

fn answer(mut respond: SendResponse<Bytes>, message: &impl Message) {
    let Ok(mut out) = respond.send_response(grpc_head(), false) else {
        return;
    };
    let _ = out.send_data(frame(message), false);
    finish(&mut out);
}

fn finish(out: &mut SendStream<Bytes>) {
    let mut trailers = http::HeaderMap::new();
    trailers.insert("grpc-status", http::HeaderValue::from_static("0"));
    let _ = out.send_trailers(trailers);
}

fn frame(message: &impl Message) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_u8(0);
    bytes.put_u32(u32::try_from(message.encoded_len()).expect("a small message"));
    message.encode(&mut bytes).expect("room");
    bytes.freeze()
}

/// The next message of a gRPC stream; cancel-safe, since what was read is in `held`.
async fn next<M: Message + Default>(body: &mut RecvStream, held: &mut BytesMut) -> Option<M> {
    loop {
        if held.len() >= 5 {
            let length = (&held[1..5]).get_u32() as usize;
            if held.len() >= 5 + length {
                held.advance(5);
                return M::decode(held.split_to(length)).ok();
            }
        }
        let chunk = body.data().await?.ok()?;
        let _ = body.flow_control().release_capacity(chunk.len());
        held.extend_from_slice(&chunk);
    }
}
