//! The wire between two proxies, judged by an independent client.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use mesh_tests::played_operator::Authority;
use mesh_tests::{MeshUp, Repository, need_tool};

const HOW: &str = "install Debian's package openssl";

/// Where the proxy of a workload keeps its state.
fn proxy_state(mesh: &MeshUp, workload: &str) -> PathBuf {
    mesh.state_dir()
        .join("proxies")
        .join(mesh.workload(workload).name().replace('/', "."))
}

/// `openssl s_client` to an address, sending one request.
fn s_client(address: &str, arguments: &[&str]) -> (Output, String) {
    use std::io::Write;
    let mut child = Command::new("openssl")
        .args(["s_client", "-connect", address, "-ign_eof", "-showcerts"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let request = b"GET /ratings/1 HTTP/1.1\r\nhost: ratings.shop\r\nconnection: close\r\n\r\n";
    // A server that refuses the handshake may be gone before the request is written.
    let _ = child.stdin.take().unwrap().write_all(request);
    let output = child.wait_with_output().unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (output, said)
}

#[track_caller]
fn is_refused(said: &str) {
    assert!(!said.contains("HTTP/1.1 200"), "an answer came: {said}");
    assert!(
        said.contains("alert") || said.contains("errno") || said.contains("unexpected eof"),
        "{said}"
    );
}

#[test]
fn the_wire_is_tls_1_3_with_both_identities_and_refuses_strangers() {
    if !need_tool("openssl", HOW) {
        return;
    }
    let repository = Repository::of_shop();
    let mesh = MeshUp::start(repository.path());
    let inbound = mesh.workload("shop/ratings").inbound().to_owned();
    let page = proxy_state(&mesh, "shop/productpage");
    let (identity, roots) = (page.join("identity.pem"), page.join("roots.pem"));
    let (identity, roots) = (identity.to_str().unwrap(), roots.to_str().unwrap());
    let with = |pem: &str| ["-cert", pem, "-key", pem, "-CAfile", roots].map(str::to_owned);
    let strings = |words: &[String]| -> Vec<String> { words.to_vec() };

    // The page's own key: TLS 1.3, a verified chain, the server's identity, an answer that names the page.
    let words = strings(&with(identity));
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let (_, said) = s_client(&inbound, &words);
    assert!(said.contains("TLSv1.3"), "{said}");
    assert!(said.contains("Verify return code: 0 (ok)"), "{said}");
    assert!(said.contains("HTTP/1.1 200"), "{said}");
    assert!(
        said.contains(mesh.workload("shop/productpage").identity()),
        "the application sees the peer: {said}"
    );
    assert_eq!(
        uri_of_first_certificate(&said),
        mesh.workload("shop/ratings").identity()
    );

    // Older TLS, no certificate.
    let older: Vec<_> = words.iter().copied().chain(["-tls1_2"]).collect();
    is_refused(&s_client(&inbound, &older).1);
    is_refused(&s_client(&inbound, &["-CAfile", roots]).1);

    // A certificate of another trust domain, and one of the same name from another root.
    let directory = tempfile::tempdir().unwrap();
    for domain in ["other.example", "shop.example"] {
        let (chain, key) =
            Authority::new(domain).pem(&format!("spiffe://{domain}/ns/shop/sa/productpage"));
        let file = directory.path().join("evil.pem");
        std::fs::write(&file, chain + &key).unwrap();
        let words = with(file.to_str().unwrap());
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        is_refused(&s_client(&inbound, &words).1);
    }

    // A good certificate of a workload that nobody lets in.
    let stranger = proxy_state(&mesh, "lab/stranger").join("identity.pem");
    let words = with(stranger.to_str().unwrap());
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let (_, said) = s_client(&inbound, &words);
    assert!(said.contains("HTTP/1.1 403"), "{said}");
}

/// The URI SAN of the leaf that `s_client -showcerts` printed.
fn uri_of_first_certificate(said: &str) -> String {
    use std::io::Write;
    let start = said
        .find("-----BEGIN CERTIFICATE-----")
        .expect("a certificate");
    let end = said[start..]
        .find("-----END CERTIFICATE-----")
        .expect("its end")
        + start;
    let pem = format!("{}-----END CERTIFICATE-----\n", &said[start..end]);
    let mut child = Command::new("openssl")
        .args(["x509", "-noout", "-ext", "subjectAltName"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(pem.as_bytes())
        .unwrap();
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    output
        .split("URI:")
        .nth(1)
        .expect("a URI")
        .trim()
        .to_owned()
}
