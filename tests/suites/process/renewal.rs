//! Certificates of ten seconds, new connections all the time, and nothing fails.

use std::time::{Duration, Instant};

use mesh_tests::{Load, MeshUp, Repository};

/// Six lifetimes: at least eleven renewals of every proxy at half life.
const LONG: Duration = Duration::from_mins(1);

#[test]
fn sixty_seconds_of_new_connections_over_ten_second_certificates() {
    let repository = Repository::of_shop();
    repository.replace("mesh.yaml", "lifetime: 1h", "lifetime: 10s");
    repository.commit("short certificates");
    let mesh = MeshUp::start(repository.path());
    let page = mesh.workload("shop/productpage");
    let first = not_after(&mesh);
    // New connections from the application; over the TCP service also between the proxies.
    let fresh = Load::start(
        2,
        page.outbound(),
        "reviews.shop",
        "/reviews/7",
        true,
        |answer| answer.status == 200,
    );
    let kept = Load::start(
        1,
        page.outbound(),
        "ratings.shop",
        "/ratings/1",
        false,
        |answer| answer.status == 200,
    );
    let start = Instant::now();
    let (mut handshakes, mut refused) = (0_u32, vec![]);
    while start.elapsed() < LONG {
        // A TCP service has a connection, and so a handshake, of its own each time.
        match tcp_echo(page.tcp("db.shop:5432")) {
            Ok(()) => handshakes += 1,
            Err(error) => refused.push(error.to_string()),
        }
    }
    for (name, load) in [("fresh", fresh), ("kept", kept)] {
        let tally = load.stop();
        assert!(tally.good > 100, "{name}: only {} requests", tally.good);
        assert_eq!(tally.bad_count, 0, "{name}: {:?}", tally.bad);
    }
    assert!(
        refused.is_empty() && handshakes > 100,
        "{handshakes} handshakes, {refused:?}"
    );
    assert!(not_after(&mesh) > first, "certificates were renewed");
}

fn not_after(mesh: &MeshUp) -> String {
    let status = mesh.ask("status").expect("the operator answers");
    let proxies = status["proxies"].as_array().expect("a list");
    proxies
        .iter()
        .filter_map(|proxy| proxy["certificate"]["not_after"].as_str())
        .min()
        .expect("a certificate")
        .to_owned()
}

fn tcp_echo(address: &str) -> std::io::Result<()> {
    use std::io::{BufRead, BufReader, Write};
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(b"ping\n")?;
    let mut line = String::new();
    BufReader::new(&stream).read_line(&mut line)?;
    if line.contains("ping") {
        Ok(())
    } else {
        Err(std::io::Error::other(format!("answered `{line}`")))
    }
}
