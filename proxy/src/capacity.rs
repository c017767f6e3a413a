//! `limits` of the services served: how much the instance beside this proxy takes at a
//! time, over all callers. What an intent does not bound has no gate, takes no lock.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mesh_decide::{ServiceIndex, Tables};
use mesh_ir::{ServiceLimits, ServiceRef};
use tokio::sync::oneshot;

/// The gates of the services of some tables, by their positions.
#[derive(Default)]
pub(crate) struct Capacities {
    gates: Vec<Option<Gate>>,
}

/// The gate of one service.
pub(crate) struct Gate {
    service: ServiceRef,
    limits: ServiceLimits,
    room: Arc<Room>,
}

/// What is inside, whatever the limits were when it came in.
#[derive(Default)]
struct Room(Mutex<Inside>);

#[derive(Default)]
struct Inside {
    requests: u32,
    connections: u32,
    /// In the order in which they came. Those who went away are still in it.
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    wants: Wants,
    bound: Bound,
    turn: oneshot::Sender<Slot>,
}

/// What something takes of the room.
#[derive(Debug, Clone, Copy)]
struct Wants {
    requests: u32,
    connections: u32,
}

/// How much of each may be taken.
#[derive(Debug, Clone, Copy)]
struct Bound {
    requests: u32,
    connections: u32,
}

/// What asks for room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// A request that has its connection to the application for itself.
    Request,
    /// A request that shares its connection with so many less one.
    Stream(u32),
    /// A connection of bytes, which cannot wait.
    Connection,
}

/// The answer of a gate.
pub(crate) enum Entry {
    /// It may go in.
    Now(Slot),
    /// It is its turn when others have gone.
    Later(Turn),
    /// Neither is there room, nor a place to wait.
    Full,
}

/// A place inside; dropping it lets the next one in.
pub(crate) struct Slot {
    room: Arc<Room>,
    wants: Wants,
}

/// A place in the queue; dropping it leaves.
pub(crate) struct Turn(oneshot::Receiver<Slot>);

impl Capacities {
    /// For these tables; what is inside of a service before stays inside.
    pub(crate) fn carry(&self, tables: &Tables) -> Self {
        let served = &tables.role().serves;
        let gates = tables.services().map(|(_, service)| {
            let is_bounded = !service.limits.is_empty() && served.contains(&service.id);
            is_bounded.then(|| Gate {
                service: service.id.clone(),
                limits: service.limits,
                room: self.room(&service.id),
            })
        });
        Self {
            gates: gates.collect(),
        }
    }

    /// The gate of a service; `None` where nothing is bounded.
    pub(crate) fn gate(&self, service: ServiceIndex) -> Option<&Gate> {
        self.gates.get(service.position())?.as_ref()
    }

    fn room(&self, service: &ServiceRef) -> Arc<Room> {
        let mut known = self.gates.iter().flatten();
        known
            .find(|gate| gate.service == *service)
            .map(|gate| Arc::clone(&gate.room))
            .unwrap_or_default()
    }
}

impl Gate {
    /// Asks for room. Nobody who comes later goes in before one who waits.
    pub(crate) fn enter(&self, asks: Asks) -> Entry {
        let (wants, bound) = self.terms(asks);
        let mut inside = self.room.lock();
        inside.waiting.retain(|it| !it.turn.is_closed());
        if inside.waiting.is_empty() && inside.fits(wants, bound) {
            return Entry::Now(inside.take(&self.room, wants));
        }
        // To wait must be asked for: a queue without a bound only hides an overload.
        let places = self.limits.pending.unwrap_or(0);
        if asks == Asks::Connection || inside.waiting.len() >= places as usize {
            return Entry::Full;
        }
        let (turn, receiver) = oneshot::channel();
        inside.waiting.push_back(Waiting { wants, bound, turn });
        Entry::Later(Turn(receiver))
    }

    fn terms(&self, asks: Asks) -> (Wants, Bound) {
        let requests = self.limits.requests.unwrap_or(u32::MAX);
        let connections = self.limits.connections.unwrap_or(u32::MAX);
        let (wants, requests) = match asks {
            Asks::Request => ((1, 1), requests),
            // Connections follow from how many streams there are.
            Asks::Stream(each) => ((1, 0), requests.min(connections.saturating_mul(each))),
            Asks::Connection => ((0, 1), requests),
        };
        let wants = Wants {
            requests: wants.0,
            connections: wants.1,
        };
        let bound = Bound {
            requests,
            connections,
        };
        (wants, bound)
    }
}

impl Room {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        // Nothing inside the lock panics between two changes that belong together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn fits(&self, wants: Wants, bound: Bound) -> bool {
        let fits = |now: u32, more: u32, bound: u32| more == 0 || now.saturating_add(more) <= bound;
        fits(self.requests, wants.requests, bound.requests)
            && fits(self.connections, wants.connections, bound.connections)
    }

    fn take(&mut self, room: &Arc<Room>, wants: Wants) -> Slot {
        self.requests += wants.requests;
        self.connections += wants.connections;
        Slot {
            room: Arc::clone(room),
            wants,
        }
    }

    /// Whose turn it is, with the place that it gets.
    fn next(&mut self, room: &Arc<Room>) -> Option<(oneshot::Sender<Slot>, Slot)> {
        self.waiting.retain(|it| !it.turn.is_closed());
        let first = self.waiting.front()?;
        if !self.fits(first.wants, first.bound) {
            return None;
        }
        let first = self.waiting.pop_front()?;
        Some((first.turn, self.take(room, first.wants)))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut inside = self.room.lock();
        inside.requests -= self.wants.requests;
        inside.connections -= self.wants.connections;
        // Outside the lock: who has just gone away gives the place back by dropping it.
        let next: Vec<_> = std::iter::from_fn(|| inside.next(&self.room)).collect();
        drop(inside);
        for (turn, slot) in next {
            turn.send(slot).ok();
        }
    }
}

impl Turn {
    /// Waits for it.
    pub(crate) async fn wait(self) -> Option<Slot> {
        self.0.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn gate(requests: Option<u32>, connections: Option<u32>, pending: Option<u32>) -> Gate {
        Gate {
            service: ServiceRef {
                namespace: mesh_ir::Name::parse("shop").unwrap(),
                name: mesh_ir::Name::parse("api").unwrap(),
            },
            limits: ServiceLimits {
                connections,
                requests,
                pending,
            },
            room: Arc::default(),
        }
    }

    fn now(gate: &Gate, asks: Asks) -> Slot {
        match gate.enter(asks) {
            Entry::Now(slot) => slot,
            Entry::Later(_) => panic!("it must wait"),
            Entry::Full => panic!("it is full"),
        }
    }

    fn later(gate: &Gate, asks: Asks) -> Turn {
        match gate.enter(asks) {
            Entry::Later(turn) => turn,
            Entry::Now(_) => panic!("there is room"),
            Entry::Full => panic!("it is full"),
        }
    }

    fn is_full(gate: &Gate, asks: Asks) -> bool {
        matches!(gate.enter(asks), Entry::Full)
    }

    #[test]
    fn one_more_than_the_bound_is_refused_where_nobody_may_wait() {
        let gate = gate(Some(2), None, None);
        let first = now(&gate, Asks::Request);
        let _second = now(&gate, Asks::Stream(100));
        assert!(is_full(&gate, Asks::Request));
        drop(first);
        now(&gate, Asks::Request);
    }

    #[test]
    fn who_waits_goes_in_first_and_in_order() {
        let gate = gate(Some(1), None, Some(2));
        let inside = now(&gate, Asks::Request);
        let first = later(&gate, Asks::Request);
        let second = later(&gate, Asks::Request);
        assert!(is_full(&gate, Asks::Request));
        drop(inside);
        let first = first.wait().now_or_never().flatten();
        assert!(first.is_some());
        let mut waits = Box::pin(second.wait());
        assert!(waits.as_mut().now_or_never().is_none());
        let third = later(&gate, Asks::Request);
        drop(first);
        assert!(waits.now_or_never().flatten().is_some(), "and leaves again");
        assert!(third.wait().now_or_never().flatten().is_some());
    }

    #[test]
    fn who_went_away_holds_neither_a_place_nor_the_queue() {
        let gate = gate(Some(1), None, Some(1));
        let inside = now(&gate, Asks::Request);
        drop(later(&gate, Asks::Request));
        let waits = later(&gate, Asks::Request);
        drop(inside);
        // Its turn has come, and nobody takes it.
        drop(waits);
        now(&gate, Asks::Request);
    }

    #[test]
    fn connections_bound_bytes_and_requests_that_need_one_each() {
        let gate = gate(None, Some(2), None);
        let _bytes = now(&gate, Asks::Connection);
        let _request = now(&gate, Asks::Request);
        assert!(is_full(&gate, Asks::Connection));
        assert!(is_full(&gate, Asks::Request));
        let _stream = now(&gate, Asks::Stream(100));
    }

    #[test]
    fn streams_share_connections() {
        let gate = gate(None, Some(2), None);
        let _held: Vec<_> = (0..6).map(|_| now(&gate, Asks::Stream(3))).collect();
        assert!(is_full(&gate, Asks::Stream(3)));
    }

    #[test]
    fn a_connection_of_bytes_never_waits() {
        let gate = gate(None, Some(1), Some(5));
        let _held = now(&gate, Asks::Connection);
        assert!(is_full(&gate, Asks::Connection));
    }
}
