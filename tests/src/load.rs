use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crate::{Answer, Connection};

/// What a load saw.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    /// Requests that were answered as expected.
    pub good: u64,
    /// What went wrong otherwise, at most the first 20.
    pub bad: Vec<String>,
    /// How many went wrong.
    pub bad_count: u64,
}

/// Requests without pause from a few threads until it is stopped.
pub struct Load {
    stop: Arc<AtomicBool>,
    tally: Arc<Mutex<Tally>>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    /// Starts `threads` clients that send `GET target` to `host` through the
    /// proxy at `address`. With `fresh`, every request opens a connection.
    pub fn start(
        threads: usize,
        address: &str,
        host: &str,
        target: &str,
        fresh: bool,
        good: fn(&Answer) -> bool,
    ) -> Self {
        let (stop, tally) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(Mutex::new(Tally::default())),
        );
        let threads = (0..threads)
            .map(|_| {
                let (stop, tally) = (Arc::clone(&stop), Arc::clone(&tally));
                let (address, host, target) =
                    (address.to_owned(), host.to_owned(), target.to_owned());
                std::thread::spawn(move || {
                    client(&stop, &tally, &address, &host, &target, fresh, good);
                })
            })
            .collect();
        Self {
            stop,
            tally,
            threads,
        }
    }

    /// What was seen so far.
    pub fn tally(&self) -> Tally {
        self.tally.lock().expect("no client panicked").clone()
    }

    /// Waits until this many more requests were answered as expected.
    #[track_caller]
    pub fn at_least(&self, more: u64) {
        let start = self.tally().good;
        crate::eventually("the load goes on", || self.tally().good >= start + more);
    }

    /// Stops and gives what was seen.
    pub fn stop(self) -> Tally {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().expect("no client panicked");
        }
        self.tally.lock().expect("no client panicked").clone()
    }
}

fn client(
    stop: &AtomicBool,
    tally: &Mutex<Tally>,
    address: &str,
    host: &str,
    target: &str,
    fresh: bool,
    good: fn(&Answer) -> bool,
) {
    let mut connection: Option<Connection> = None;
    while !stop.load(Ordering::Relaxed) {
        let kept = connection.take().filter(|_| !fresh);
        let result = kept
            .map_or_else(|| Connection::open(address), Ok)
            .and_then(|mut open| {
                let answer = open.send("GET", host, target, &[])?;
                if answer.header("connection") != Some("close") {
                    connection = Some(open);
                }
                Ok(answer)
            });
        let mut tally = tally.lock().expect("no client panicked");
        let problem = match result {
            Ok(answer) if good(&answer) => {
                tally.good += 1;
                continue;
            }
            Ok(answer) => format!(
                "{} {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            ),
            Err(error) => error.to_string(),
        };
        tally.bad_count += 1;
        if tally.bad.len() < 20 {
            tally.bad.push(problem);
        }
    }
}
