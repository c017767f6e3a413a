use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use mesh_identity::Svid;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SanType,
};
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_parser::prelude::{FromDer, ParsedExtension, X509Certificate};

use super::*;
use crate::store::RedbStore;

fn domain(text: &str) -> TrustDomain {
    TrustDomain::parse(text).unwrap()
}

fn identity(text: &str) -> SpiffeId {
    SpiffeId::parse(&format!("spiffe://shop.example/ns/shop/sa/{text}")).unwrap()
}

fn hour() -> CertificateProfile {
    CertificateProfile::new(Duration::from_hours(1)).unwrap()
}

/// An authority with its root, in a directory that lives as long.
fn pinned() -> (tempfile::TempDir, Ca) {
    let directory = tempfile::tempdir().unwrap();
    let ca = open(directory.path());
    ca.pin(&domain("shop.example")).unwrap();
    (directory, ca)
}

fn open(directory: &Path) -> Ca {
    let store = RedbStore::open(&directory.join("store.redb")).unwrap();
    Ca::open(directory, Arc::new(store)).unwrap()
}

fn request(key: &KeyPair, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    let mut parameters = CertificateParams::default();
    change(&mut parameters);
    parameters.serialize_request(key).unwrap().der().to_vec()
}

fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

fn sign(ca: &Ca, request: &[u8]) -> Result<CertificateDer<'static>, CaError> {
    let key = ProvenKey::of_request(request)?;
    let issued = ca.sign(&key, &identity("web"), hour(), SystemTime::now())?;
    Ok(issued.leaf)
}

#[test]
fn the_first_trust_domain_is_pinned_and_survives_a_restart() {
    let (directory, ca) = pinned();
    let roots = ca.roots().unwrap();
    assert!(ca.pin(&domain("shop.example")).is_ok());
    assert!(matches!(
        ca.pin(&domain("other.example")),
        Err(CaError::OtherTrustDomain { .. })
    ));
    drop(ca);
    let again = open(directory.path());
    assert_eq!(again.roots(), Some(roots));
    assert!(again.pin(&domain("other.example")).is_err());
    assert!(sign(&again, &request(&key(), |_| {})).is_ok());
}

#[test]
fn nobody_else_can_read_the_root_key() {
    let (directory, _ca) = pinned();
    let mode = |path: &str| {
        let metadata = std::fs::metadata(directory.path().join(path)).unwrap();
        metadata.permissions().mode() & 0o777
    };
    assert_eq!((mode("ca"), mode("ca/root.key")), (0o700, 0o600));
}

#[test]
fn a_damaged_root_is_an_error_and_never_replaced() {
    for (file, content) in [("root.key", ""), ("root.pem", "x")] {
        let (directory, ca) = pinned();
        drop(ca);
        std::fs::write(directory.path().join("ca").join(file), content).unwrap();
        let store = Arc::new(RedbStore::open(&directory.path().join("store.redb")).unwrap());
        assert!(matches!(
            Ca::open(directory.path(), store),
            Err(CaError::Damaged { .. })
        ));
    }
}

#[test]
fn a_key_whose_certificate_was_never_written_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("ca")).unwrap();
    std::fs::write(directory.path().join("ca/root.key"), key().serialize_pem()).unwrap();
    let ca = open(directory.path());
    assert!(ca.roots().is_none());
    ca.pin(&domain("shop.example")).unwrap();
    drop(ca);
    assert!(open(directory.path()).roots().is_some());
}

#[test]
fn a_leaf_is_believed_by_an_independent_verifier_and_has_our_profile() {
    let (_directory, ca) = pinned();
    let leaf = sign(&ca, &request(&key(), |_| {})).unwrap();
    let root = CertificateDer::from(ca.roots().unwrap().roots[0].clone());
    for usage in [KeyUsage::server_auth(), KeyUsage::client_auth()] {
        EndEntityCert::try_from(&leaf)
            .unwrap()
            .verify_for_usage(
                webpki::ALL_VERIFICATION_ALGS,
                &[anchor_from_trusted_cert(&root).unwrap()],
                &[],
                UnixTime::now(),
                usage,
                None,
                None,
            )
            .unwrap();
    }
    let svid = Svid::from_der(&leaf).unwrap();
    assert_eq!(svid.id, identity("web"));
    let now = Timestamp::now().as_second();
    assert!((now - 35..=now - 29).contains(&svid.not_before));
    assert!((now + 3595..=now + 3601).contains(&svid.not_after));
    let (_, parsed) = X509Certificate::from_der(&leaf).unwrap();
    let (_, issuer) = X509Certificate::from_der(&root).unwrap();
    assert_eq!(parsed.subject().iter().count(), 0);
    assert_eq!(parsed.issuer(), issuer.subject());
    let authority = |it: &X509Certificate<'_>| {
        it.iter_extensions()
            .find_map(|ext| match ext.parsed_extension() {
                ParsedExtension::AuthorityKeyIdentifier(it) => {
                    it.key_identifier.as_ref().map(|id| id.0.to_vec())
                }
                _ => None,
            })
    };
    let subject = issuer
        .iter_extensions()
        .find_map(|ext| match ext.parsed_extension() {
            ParsedExtension::SubjectKeyIdentifier(it) => Some(it.0.to_vec()),
            _ => None,
        });
    assert!(subject.is_some());
    assert_eq!(authority(&parsed), subject);
}

#[test]
fn nothing_of_a_request_but_its_key_is_used() {
    let (_directory, ca) = pinned();
    let key = key();
    let hostile = request(&key, |it| {
        it.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        it.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        it.subject_alt_names = vec![
            SanType::URI("spiffe://shop.example/ns/bank/sa/vault".try_into().unwrap()),
            SanType::URI("spiffe://other.example/ns/x/sa/y".try_into().unwrap()),
            SanType::DnsName("bank.example".try_into().unwrap()),
        ];
    });
    let leaf = sign(&ca, &hostile).unwrap();
    assert_eq!(Svid::from_der(&leaf).unwrap().id, identity("web"));
    let (_, parsed) = X509Certificate::from_der(&leaf).unwrap();
    assert!(!parsed.is_ca());
    let names = parsed.subject_alternative_name().unwrap().unwrap();
    assert_eq!(names.value.general_names.len(), 1);
    assert_eq!(
        *parsed.public_key().subject_public_key.data,
        *key.public_key_raw()
    );
}

#[test]
fn requests_that_prove_nothing_get_nothing() {
    let proven = |bytes: &[u8]| ProvenKey::of_request(bytes).map(|_| ());
    let good = request(&key(), |_| {});
    for at in [good.len() - 1, good.len() / 2] {
        let mut flipped = good.clone();
        flipped[at] ^= 1;
        assert!(matches!(proven(&flipped), Err(InvalidRequest::Unproven(_))));
    }
    for algorithm in [&PKCS_ECDSA_P384_SHA384, &PKCS_ED25519] {
        let key = KeyPair::generate_for(algorithm).unwrap();
        assert_eq!(proven(&request(&key, |_| {})), Err(InvalidRequest::Key));
    }
    let large = vec![0; 1 << 20];
    assert_eq!(proven(&large), Err(InvalidRequest::TooLarge(1 << 20)));
    assert!(proven(b"").is_err() && proven(&good[..good.len() - 1]).is_err());
    let unknown = request(&key(), |it| {
        let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
        extension.set_criticality(true);
        it.custom_extensions.push(extension);
    });
    assert!(proven(&unknown).is_err());
}

#[test]
fn no_leaf_outlives_the_root_and_serials_differ() {
    let (_directory, ca) = pinned();
    let key = ProvenKey::of_request(&request(&key(), |_| {})).unwrap();
    let near_the_end = SystemTime::now() + Duration::from_hours(10 * 365 * 24 - 1);
    let day = CertificateProfile::new(CertificateProfile::MAX_LIFETIME).unwrap();
    let leaf = ca.sign(&key, &identity("web"), day, near_the_end).unwrap();
    let root = ca.roots().unwrap().roots[0].clone();
    let (_, root) = X509Certificate::from_der(&root).unwrap();
    assert_eq!(leaf.not_after, root.validity().not_after.timestamp());
    let other = ca.sign(&key, &identity("web"), day, near_the_end).unwrap();
    let serial = |leaf: &[u8]| {
        X509Certificate::from_der(leaf)
            .unwrap()
            .1
            .raw_serial()
            .to_vec()
    };
    assert_ne!(serial(&leaf.leaf), serial(&other.leaf));
}

#[test]
fn an_identity_of_another_trust_domain_is_never_issued() {
    let (_directory, ca) = pinned();
    let key = ProvenKey::of_request(&request(&key(), |_| {})).unwrap();
    let foreign = SpiffeId::parse("spiffe://other.example/ns/shop/sa/web").unwrap();
    assert!(ca.sign(&key, &foreign, hour(), SystemTime::now()).is_err());
    assert!(ca.mint(&foreign, Timestamp::now()).is_err());
}

#[test]
fn a_token_used_by_many_at_once_lets_exactly_one_in() {
    let (_directory, ca) = pinned();
    for _ in 0..5 {
        let minted = ca.mint(&identity("web"), Timestamp::now()).unwrap();
        let redeemed = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    if let Ok(found) = ca.redeem(&minted.token, Timestamp::now()) {
                        assert_eq!(found, identity("web"));
                        redeemed.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(redeemed.into_inner(), 1);
    }
}

#[test]
fn a_wrong_secret_does_not_use_a_token_up() {
    let (_directory, ca) = pinned();
    let minted = ca.mint(&identity("web"), Timestamp::now()).unwrap();
    let parts: Vec<_> = minted.token.split('.').collect();
    let wrong = format!("{}.{}.{}", parts[0], "0".repeat(64), parts[2]);
    for text in [&wrong, "", "..", "a.b.c", &"x".repeat(9999), parts[0]] {
        assert!(matches!(
            ca.redeem(text, Timestamp::now()),
            Err(RedeemError::Unknown)
        ));
    }
    assert!(ca.redeem(&minted.token, Timestamp::now()).is_ok());
}

#[test]
fn a_token_names_the_root_and_survives_a_restart_but_not_ten_minutes() {
    let (directory, ca) = pinned();
    let now = Timestamp::now();
    let first = ca.mint(&identity("web"), now).unwrap();
    let second = ca.mint(&identity("web"), now).unwrap();
    let root = mesh_xds::hash(&ca.roots().unwrap().roots[0]);
    assert!(first.token.ends_with(&format!(".{root}")));
    assert_eq!(first.expires, now + SignedDuration::from_mins(10));
    drop(ca);
    let ca = open(directory.path());
    assert!(ca.redeem(&first.token, now).is_ok());
    let late = now + SignedDuration::from_mins(10);
    assert!(matches!(
        ca.redeem(&second.token, late),
        Err(RedeemError::Expired)
    ));
}

#[test]
fn the_secret_of_a_token_is_not_kept() {
    let (directory, ca) = pinned();
    let minted = ca.mint(&identity("web"), Timestamp::now()).unwrap();
    let secret = minted.token.split('.').nth(1).unwrap();
    assert!(secret.len() >= 32, "at least 128 bits");
    drop(ca);
    let store = std::fs::read(directory.path().join("store.redb")).unwrap();
    let found = store
        .windows(secret.len())
        .any(|it| it == secret.as_bytes());
    assert!(!found);
}

#[test]
fn the_operators_own_certificate_is_renewed_at_half_its_life() {
    let (_directory, ca) = pinned();
    let own = OwnCertificate::new(Arc::new(ca));
    let now = SystemTime::now();
    let first = own.at(now).unwrap();
    let leaf = |key: &rustls::sign::CertifiedKey| key.cert[0].clone();
    assert_eq!(
        Svid::from_der(&leaf(&first)).unwrap().id.path(),
        "/ns/meshwright/sa/operator"
    );
    assert_eq!(
        first.cert.len(),
        2,
        "with the root, for who has a token only"
    );
    let soon = own.at(now + Duration::from_hours(11)).unwrap();
    assert_eq!(leaf(&first), leaf(&soon));
    let later = own.at(now + Duration::from_hours(12)).unwrap();
    assert_ne!(leaf(&first), leaf(&later));
    let clock_set_back = own.at(now).unwrap();
    assert_ne!(leaf(&later), leaf(&clock_set_back));
}
