use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

use crate::{InvalidSpiffeId, SpiffeId};

/// What a leaf certificate says of its holder, read to the letter of X509-SVID.
///
/// Signature and chain are the TLS library's business; this reads one DER leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Svid {
    /// The one URI SAN.
    pub id: SpiffeId,
    /// Unix seconds.
    pub not_before: i64,
    /// Unix seconds.
    pub not_after: i64,
}

/// Why a certificate is not an X509-SVID of a workload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSvid {
    /// Not DER, or bytes after it.
    #[error("the certificate cannot be read")]
    Unreadable,
    /// No URI SAN, or more than one (X509-SVID section 2).
    #[error("a certificate of the mesh has exactly one URI name, this has {0}")]
    UriNames(usize),
    /// The URI SAN is no SPIFFE ID.
    #[error("the certificate's URI name is no SPIFFE ID: {0}")]
    SpiffeId(#[from] InvalidSpiffeId),
    /// The ID has no path: a signing authority.
    #[error("a SPIFFE ID without a path is a signing authority, not a workload")]
    NoPath,
    /// `cA` is set (X509-SVID section 4.1).
    #[error("the leaf is a certificate authority")]
    IsAuthority,
    /// Key usage missing, without `digitalSignature`, or with a signing right (section 4.3).
    #[error("the leaf's key usage is not that of an X509-SVID")]
    KeyUsage,
    /// Extended key usage present without both `serverAuth` and `clientAuth` (section 4.4).
    #[error("the leaf's extended key usage does not cover both server and client")]
    ExtendedKeyUsage,
}

impl Svid {
    /// Reads a DER-encoded leaf.
    pub fn from_der(der: &[u8]) -> Result<Self, InvalidSvid> {
        let (rest, certificate) =
            X509Certificate::from_der(der).map_err(|_| InvalidSvid::Unreadable)?;
        if !rest.is_empty() {
            return Err(InvalidSvid::Unreadable);
        }
        check_usage(&certificate)?;
        let id = SpiffeId::parse(only_uri(&certificate)?)?;
        if id.path().is_empty() {
            return Err(InvalidSvid::NoPath);
        }
        let validity = certificate.validity();
        Ok(Self {
            id,
            not_before: validity.not_before.timestamp(),
            not_after: validity.not_after.timestamp(),
        })
    }
}

fn only_uri<'a>(certificate: &'a X509Certificate<'a>) -> Result<&'a str, InvalidSvid> {
    let names = certificate
        .subject_alternative_name()
        .map_err(|_| InvalidSvid::Unreadable)?;
    let mut uris = names
        .iter()
        .flat_map(|san| &san.value.general_names)
        .filter_map(|name| match name {
            GeneralName::URI(uri) => Some(*uri),
            _ => None,
        });
    match (uris.next(), uris.count()) {
        (Some(uri), 0) => Ok(uri),
        (first, more) => Err(InvalidSvid::UriNames(usize::from(first.is_some()) + more)),
    }
}

fn check_usage(certificate: &X509Certificate<'_>) -> Result<(), InvalidSvid> {
    if certificate.is_ca() {
        return Err(InvalidSvid::IsAuthority);
    }
    let usage = certificate
        .key_usage()
        .map_err(|_| InvalidSvid::Unreadable)?;
    let right = usage.is_some_and(|u| {
        u.critical && u.value.digital_signature() && !u.value.key_cert_sign() && !u.value.crl_sign()
    });
    if !right {
        return Err(InvalidSvid::KeyUsage);
    }
    let extended = certificate
        .extended_key_usage()
        .map_err(|_| InvalidSvid::Unreadable)?;
    if extended.is_some_and(|e| !(e.value.server_auth && e.value.client_auth)) {
        return Err(InvalidSvid::ExtendedKeyUsage);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_certificate_are_refused() {
        for der in [
            &b""[..],
            b"\x30",
            b"\x30\x82\xff\xff",
            b"-----BEGIN CERTIFICATE-----",
        ] {
            assert_eq!(Svid::from_der(der), Err(InvalidSvid::Unreadable));
        }
    }
}
