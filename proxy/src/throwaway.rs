//! A certificate authority that nobody else knows, for tests and benches.

use std::sync::Arc;

use mesh_identity::SpiffeId;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType,
};
use zeroize::Zeroizing;

use crate::identity::Credentials;
use crate::tls::{TlsIdentity, Trust};

/// A root that signs whatever it is asked to.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

type Fault = Box<dyn std::error::Error + Send + Sync>;

impl Authority {
    /// Makes a root.
    pub(crate) fn new() -> Result<Self, Fault> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        Ok(Self(issuer))
    }

    /// A certificate for this identity, and trust in this root for its trust domain.
    pub(crate) fn identity(&self, id: &SpiffeId) -> Result<TlsIdentity, Fault> {
        let pair = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.subject_alt_names = vec![SanType::URI(id.to_string().try_into()?)];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let leaf = params.signed_by(&pair, &self.0)?;
        let root = self.0.der().clone();
        let chain = vec![leaf.der().clone(), root.clone()];
        let credentials = Credentials::new(Zeroizing::new(pair.serialize_der()), chain)?;
        let trust = Trust::new(id.trust_domain().clone(), vec![root])?;
        Ok(TlsIdentity::new(&credentials, Arc::new(trust))?)
    }
}
