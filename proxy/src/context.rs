use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Instant;

use mesh_decide::Moment;
use mesh_ir::Timestamp;

use crate::active::Active;
use crate::alarm::Alarms;
use crate::clock::{Clock, wall};
use crate::pool::Pool;
use crate::telemetry::{AccessLog, Metrics};

/// Why something open ends that the decisions in force do not permit any more.
pub(crate) const REVOKED: &str = "revoked";

/// What the connections of one worker have in common. Never leaves its thread.
pub(crate) struct Context {
    active: RefCell<Option<Rc<Active>>>,
    /// When the next exception in force ends by itself.
    expires: Cell<Option<Timestamp>>,
    /// The proxy's clocks.
    pub clock: Clock,
    /// Timers for what has to wait.
    pub alarms: Alarms,
    /// Connections to other proxies and to the application.
    pub pool: Pool,
    /// Where lines go.
    pub log: AccessLog,
    /// What is counted.
    pub metrics: Metrics,
    /// Rises with every endpoint chosen; round robin goes by it.
    turn: Cell<u64>,
    /// Copies of requests on their way.
    pub mirrors: Places,
    draining: Cell<bool>,
    open: RefCell<Vec<Weak<dyn Supervised>>>,
}

/// At most this many copies of requests are on their way from one worker.
const MAX_MIRRORS: u32 = 128;

/// Places for what runs beside requests.
#[derive(Default)]
pub(crate) struct Places(Rc<Cell<u32>>);

/// One of them; dropping it gives it back.
pub(crate) struct Place(Rc<Cell<u32>>);

impl Places {
    /// A place, if there is one left.
    pub(crate) fn enter(&self) -> Option<Place> {
        let taken = self.0.get();
        (taken < MAX_MIRRORS).then(|| {
            self.0.set(taken + 1);
            Place(self.0.clone())
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// A connection that is looked after from outside its task.
pub(crate) trait Supervised {
    /// A second went by.
    fn tick(&self, now: Instant);
    /// Other decisions are in force, or an exception has ended: what is not
    /// permitted any more ends, and nothing else.
    fn judge(&self, active: &Active, moment: Moment);
    /// Finish, as soon as the protocol lets you.
    fn drain(&self);
    /// End now.
    fn abort(&self);
}

impl Context {
    pub(crate) fn new(clock: Clock, log: AccessLog) -> Self {
        Self {
            active: RefCell::new(None),
            expires: Cell::new(None),
            clock,
            alarms: Alarms::default(),
            pool: Pool::default(),
            log,
            metrics: Metrics::default(),
            turn: Cell::new(0),
            mirrors: Places::default(),
            draining: Cell::new(false),
            open: RefCell::default(),
        }
    }

    /// What a request that begins now is judged by; `None` before the first bundle.
    pub(crate) fn active(&self) -> Option<Rc<Active>> {
        self.active.borrow().clone()
    }

    /// From now on judge by this. What is open is judged again where the meaning
    /// is another one; facts and identities take nothing away.
    pub(crate) fn activate(&self, active: Active) {
        let active = Rc::new(active);
        self.metrics.activate(&active);
        let before = self.active.replace(Some(active.clone()));
        if before.is_none_or(|before| !Arc::ptr_eq(&before.tables, &active.tables)) {
            self.judge(&active);
        }
    }

    fn judge(&self, active: &Active) {
        let moment = self.moment();
        self.expires.set(active.tables.next_expiry(moment.wall));
        self.each(|connection| connection.judge(active, moment));
    }

    /// Both clocks, for a decision.
    pub(crate) fn moment(&self) -> Moment {
        self.moment_at(Instant::now())
    }

    /// The same, where the monotonic clock was just read.
    pub(crate) fn moment_at(&self, now: Instant) -> Moment {
        Moment {
            now: self.clock.tick(now),
            wall: wall(),
        }
    }

    /// The next number of a counter that only rises.
    pub(crate) fn turn(&self) -> u64 {
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        turn
    }

    /// Whether this worker is on its way out.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.get()
    }

    /// Asks every connection to finish.
    pub(crate) fn drain(&self) {
        self.draining.set(true);
        self.each(|connection| connection.drain());
    }

    /// Ends every connection that is left.
    pub(crate) fn abort(&self) {
        self.each(|connection| connection.abort());
    }

    /// Once a second. Exceptions end by the wall clock, which may be set: so it is
    /// looked at, instead of a timer that ran beside it.
    pub(crate) fn tick(&self, now: Instant) {
        let expired = self.expires.get().is_some_and(|expires| expires <= wall());
        if let Some(active) = self.active().filter(|_| expired) {
            self.judge(&active);
        }
        self.each(|connection| connection.tick(now));
        self.pool.reap(now);
    }

    /// Looks after a connection as long as it lives.
    pub(crate) fn supervise(&self, connection: Weak<dyn Supervised>) {
        self.open.borrow_mut().push(connection);
    }

    /// Connections still open.
    pub(crate) fn open(&self) -> usize {
        let mut open = self.open.borrow_mut();
        open.retain(|connection| connection.strong_count() > 0);
        open.len()
    }

    fn each(&self, visit: impl Fn(&dyn Supervised)) {
        // Collected first: a visit may wake a task, never run one, but it may
        // end up dropping a connection that is in the list.
        let mut open = self.open.borrow_mut();
        open.retain(|connection| connection.strong_count() > 0);
        let alive: Vec<_> = open.iter().filter_map(Weak::upgrade).collect();
        drop(open);
        for connection in alive {
            visit(&*connection);
        }
    }
}
