use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use mesh_identity::{SpiffeId, TrustDomain};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};
use zeroize::Zeroizing;

use super::CaError;
use super::issue::{instant, random_serial};

/// Ten years; roots are rotated, not outlived.
const LIFETIME: Duration = Duration::from_hours(10 * 365 * 24);
const KEY: &str = "root.key";
const CERTIFICATE: &str = "root.pem";

/// The signing authority of one trust domain.
pub(super) struct Root {
    trust_domain: TrustDomain,
    der: CertificateDer<'static>,
    not_after: i64,
    issuer: Issuer<'static, KeyPair>,
}

impl std::fmt::Debug for Root {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Root({})", self.trust_domain)
    }
}

impl Root {
    pub(super) fn trust_domain(&self) -> &TrustDomain {
        &self.trust_domain
    }

    pub(super) fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// Unix seconds; no leaf lives longer.
    pub(super) fn not_after(&self) -> i64 {
        self.not_after
    }

    pub(super) fn issuer(&self) -> &Issuer<'static, KeyPair> {
        &self.issuer
    }

    /// Makes a root and keeps it. The certificate is written last: a key without
    /// one has signed nothing and is replaced.
    pub(super) fn create(
        directory: &Path,
        trust_domain: &TrustDomain,
        now: SystemTime,
    ) -> Result<Self, CaError> {
        make_private(directory)?;
        let crypto = |error: rcgen::Error| CaError::Crypto(error.to_string());
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(crypto)?;
        let certificate = parameters(trust_domain, now)?
            .self_signed(&key)
            .map_err(crypto)?;
        let key_pem = Zeroizing::new(key.serialize_pem());
        write_atomically(directory, KEY, key_pem.as_bytes())?;
        write_atomically(directory, CERTIFICATE, certificate.pem().as_bytes())?;
        Self::assemble(directory, key, certificate.der().clone())
    }

    /// The root that was made before, if there is one.
    pub(super) fn load(directory: &Path) -> Result<Option<Self>, CaError> {
        let Some(certificate) = read(&directory.join(CERTIFICATE))? else {
            return Ok(None);
        };
        let damaged = |reason: &str| damaged(directory, reason);
        let der = CertificateDer::from_pem_slice(&certificate)
            .map_err(|_| damaged("root.pem holds no certificate"))?;
        let pem = read(&directory.join(KEY))?.ok_or_else(|| damaged("root.key is missing"))?;
        let pem = Zeroizing::new(pem);
        make_private(directory)?;
        let key = std::str::from_utf8(&pem)
            .ok()
            .and_then(|text| KeyPair::from_pem(text).ok())
            .ok_or_else(|| damaged("root.key holds no key"))?;
        Self::assemble(directory, key, der).map(Some)
    }

    fn assemble(
        directory: &Path,
        key: KeyPair,
        der: CertificateDer<'static>,
    ) -> Result<Self, CaError> {
        let damaged = |reason: &str| damaged(directory, reason);
        let (_, parsed) =
            X509Certificate::from_der(&der).map_err(|_| damaged("root.pem cannot be read"))?;
        if *parsed.public_key().subject_public_key.data != *key.public_key_raw() {
            return Err(damaged("root.key is not the key of root.pem"));
        }
        let trust_domain = authority(&parsed)
            .ok_or_else(|| damaged("root.pem names no trust domain"))?
            .trust_domain()
            .clone();
        let not_after = parsed.validity().not_after.timestamp();
        let issuer = Issuer::from_ca_cert_der(&der, key)
            .map_err(|error| damaged(&format!("root.pem cannot issue: {error}")))?;
        Ok(Self {
            trust_domain,
            der,
            not_after,
            issuer,
        })
    }
}

fn damaged(directory: &Path, reason: &str) -> CaError {
    CaError::Damaged {
        path: directory.to_owned(),
        reason: reason.to_owned(),
    }
}

/// X509-SVID sections 4.1 and 4.3: a signing certificate, whose SPIFFE ID has no path.
fn parameters(trust_domain: &TrustDomain, now: SystemTime) -> Result<CertificateParams, CaError> {
    let mut parameters = CertificateParams::default();
    let id = format!("spiffe://{trust_domain}");
    let name = |text: &str| text.try_into().map_err(|_| CaError::Crypto(id.clone()));
    parameters.not_before = instant(now, -60);
    parameters.not_after = instant(now + LIFETIME, 0);
    parameters.serial_number = Some(random_serial());
    parameters.distinguished_name = DistinguishedName::new();
    parameters
        .distinguished_name
        .push(DnType::CommonName, "Meshwright root");
    parameters.subject_alt_names = vec![SanType::URI(name(&id)?)];
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(parameters)
}

/// The path-less SPIFFE ID of a signing certificate.
fn authority(certificate: &X509Certificate<'_>) -> Option<SpiffeId> {
    let names = certificate.subject_alternative_name().ok()??;
    let mut uris = names
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::URI(uri) => SpiffeId::parse(uri).ok(),
            _ => None,
        });
    uris.next().filter(|id| id.path().is_empty())
}

fn file_error(path: &Path) -> impl FnOnce(io::Error) -> CaError {
    let path = path.to_owned();
    move |source| CaError::File { path, source }
}

fn make_private(directory: &Path) -> Result<(), CaError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .and_then(|()| fs::set_permissions(directory, fs::Permissions::from_mode(0o700)))
        .map_err(file_error(directory))
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, CaError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file_error(path)(error)),
    }
}

/// All of it or nothing, also where the machine stops in between.
fn write_atomically(directory: &Path, name: &str, bytes: &[u8]) -> Result<(), CaError> {
    let path = directory.join(name);
    let new = directory.join(format!("{name}.new"));
    let write = || {
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        File::open(directory)?.sync_all()
    };
    write().map_err(file_error(&path))
}
