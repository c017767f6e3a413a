use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::pem::{self, PemObject as _};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

/// Characters of base64 on a line (RFC 7468).
const LINE: usize = 64;

type KeyAndChain = (Zeroizing<Vec<u8>>, Vec<CertificateDer<'static>>);

pub(super) fn write_identity(key: &[u8], chain: &[CertificateDer<'_>]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(8 * 1024));
    block(&mut text, "PRIVATE KEY", key);
    text.push_str(&write_certificates(chain));
    text
}

pub(super) fn write_certificates(certificates: &[CertificateDer<'_>]) -> String {
    let mut text = String::new();
    for certificate in certificates {
        block(&mut text, "CERTIFICATE", certificate);
    }
    text
}

pub(super) fn read_identity(text: &[u8]) -> Result<KeyAndChain, pem::Error> {
    let key = PrivatePkcs8KeyDer::from_pem_slice(text)?;
    let key = Zeroizing::new(key.secret_pkcs8_der().to_vec());
    Ok((key, read_certificates(text)?))
}

pub(super) fn read_certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    CertificateDer::pem_slice_iter(text).collect()
}

fn block(text: &mut String, label: &str, der: &[u8]) {
    let encoded = Zeroizing::new(STANDARD.encode(der));
    let _ = writeln!(text, "-----BEGIN {label}-----");
    let mut rest = &encoded[..];
    while !rest.is_empty() {
        let (line, left) = rest.split_at(rest.len().min(LINE));
        text.push_str(line);
        text.push('\n');
        rest = left;
    }
    let _ = writeln!(text, "-----END {label}-----");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let chain = [vec![1; 100], vec![], vec![2; 48]].map(CertificateDer::from);
        let text = write_identity(b"key", &chain);
        let (key, read) = read_identity(text.as_bytes()).unwrap();
        assert_eq!((&key[..], &read[..]), (&b"key"[..], &chain[..]));
    }

    #[test]
    fn a_file_without_a_key_is_no_identity() {
        let text = write_certificates(&[CertificateDer::from(vec![1])]);
        assert!(read_identity(text.as_bytes()).is_err());
    }
}
