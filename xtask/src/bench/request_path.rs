//! CPU, latency and memory of a plain HTTP/1.1 reverse proxy: ours, Envoy, nginx
//! and HAProxy, one worker each on one core, load and backend on the other,
//! interleaved round by round.

mod backend;
mod contestant;
mod generator;

use std::net::SocketAddr;

use super::process::{Pinned, await_listener, free_address};
use super::{number, statistics};
use contestant::Contestant;
use generator::{Pace, Seen};

const PROXY_CORE: usize = 0;
const LOAD_CORE: usize = 1;
const CONNECTIONS: usize = 64;

/// What one contestant showed in one round.
struct Round {
    cpu_micros: f64,
    p50: f64,
    p99: f64,
    rate: f64,
    resident: f64,
}

/// Runs the whole comparison and prints it.
pub(crate) fn run(arguments: &[&str]) -> Result<(), String> {
    let rounds = number(arguments, "--rounds", 7)?;
    let seconds = number(arguments, "--seconds", 5)?;
    let rate = number(arguments, "--rate", 10_000)?;
    rustix::thread::sched_setaffinity(None, &core(LOAD_CORE))
        .map_err(|error| format!("cannot pin: {error}"))?;
    let backend = free_address()?;
    let _backend = Pinned::start(
        LOAD_CORE,
        &own_path()?,
        &["bench", "child-backend", &backend.to_string()],
    )?;
    await_listener("the backend", backend)?;
    let contestants = contestant::all(backend)?;
    println!(
        "{CONNECTIONS} keep-alive connections, one worker on core {PROXY_CORE}, load and backend on core {LOAD_CORE},"
    );
    println!("{rounds} interleaved rounds of {seconds} s; median (lowest to highest)");
    for pace in [Pace::Saturate, Pace::PerSecond(rate)] {
        let mut table: Vec<Vec<Round>> = contestants.iter().map(|_| vec![]).collect();
        for _ in 0..rounds {
            for (contestant, rounds) in contestants.iter().zip(&mut table) {
                rounds.push(measure(contestant, pace, seconds)?);
            }
        }
        report(&contestants, &table, pace);
    }
    Ok(())
}

fn measure(contestant: &Contestant, pace: Pace, seconds: u64) -> Result<Round, String> {
    // A second to open connections and warm caches, not counted.
    generator::run(contestant.listen, CONNECTIONS, pace, 1)?;
    let before = contestant.process.cpu_micros();
    let Seen {
        mut latencies,
        failures,
        elapsed,
    } = generator::run(contestant.listen, CONNECTIONS, pace, seconds)?;
    let cpu = contestant.process.cpu_micros() - before;
    if failures > 0 {
        return Err(format!("{}: {failures} requests failed", contestant.name));
    }
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52 requests")]
    let requests = latencies.len() as f64;
    Ok(Round {
        cpu_micros: cpu / requests,
        p50: statistics::quantile(&mut latencies, 0.5),
        p99: statistics::quantile(&mut latencies, 0.99),
        rate: requests / elapsed,
        resident: contestant.process.resident_mib(),
    })
}

fn report(contestants: &[Contestant], table: &[Vec<Round>], pace: Pace) {
    println!("\n{pace}");
    println!(
        "  {:<10} {:>26} {:>12} {:>10} {:>10} {:>10}",
        "", "CPU µs/request", "requests/s", "p50 µs", "p99 µs", "RSS MiB"
    );
    let column =
        |rounds: &[Round], value: fn(&Round) -> f64| rounds.iter().map(value).collect::<Vec<_>>();
    let median = |rounds: &[Round], value: fn(&Round) -> f64| {
        statistics::quantile(&mut column(rounds, value), 0.5)
    };
    for (contestant, rounds) in contestants.iter().zip(table) {
        println!(
            "  {:<10} {:>26} {:>12.0} {:>10.0} {:>10.0} {:>10.1}",
            contestant.name,
            statistics::spread(&column(rounds, |r| r.cpu_micros), 1),
            median(rounds, |r| r.rate),
            median(rounds, |r| r.p50),
            median(rounds, |r| r.p99),
            median(rounds, |r| r.resident),
        );
    }
    let (ours, others) = table.split_first().expect("ours is the first");
    for (contestant, theirs) in contestants[1..].iter().zip(others) {
        let ratio = |value: fn(&Round) -> f64| {
            let pairs: Vec<_> = ours
                .iter()
                .zip(theirs)
                .map(|(a, b)| value(a) / value(b))
                .collect();
            statistics::spread(&pairs, 2)
        };
        println!(
            "  ours / {:<8} CPU {}, p99 {}, RSS {}",
            contestant.name,
            ratio(|r| r.cpu_micros),
            ratio(|r| r.p99),
            ratio(|r| r.resident)
        );
    }
}

/// `child-proxy LISTEN APPLICATION`: our proxy's own pipeline without TLS.
pub(crate) fn proxy_child(arguments: &[&str]) -> Result<(), String> {
    let [listen, application] = addresses(arguments)?;
    mesh_proxy::bench::serve_plain(listen, application)
        .map_err(|error| format!("the proxy does not serve: {error}"))
}

/// `child-backend LISTEN`: answers every request with the same few bytes.
pub(crate) fn backend_child(arguments: &[&str]) -> Result<(), String> {
    let [listen] = addresses(arguments)?;
    backend::serve(listen)
}

fn addresses<const N: usize>(arguments: &[&str]) -> Result<[SocketAddr; N], String> {
    let parsed: Vec<SocketAddr> = arguments
        .iter()
        .filter_map(|text| text.parse().ok())
        .collect();
    parsed
        .try_into()
        .map_err(|_| format!("{N} addresses, not {arguments:?}"))
}

fn own_path() -> Result<String, String> {
    let path = std::env::current_exe().map_err(|error| format!("own path: {error}"))?;
    Ok(path.display().to_string())
}

fn core(number: usize) -> rustix::thread::CpuSet {
    let mut set = rustix::thread::CpuSet::new();
    set.set(number);
    set
}
