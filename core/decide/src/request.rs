use std::net::IpAddr;

use mesh_ir::{SpiffeId, Tick, Timestamp};

use crate::answers::Answers;

/// A header section, however a proxy stores it.
pub trait Headers {
    /// Calls `f` with every value under a name (in lower case), in the order of arrival.
    fn for_each(&self, name: &str, f: &mut dyn FnMut(&[u8]));
}

/// Names and values in order; for tests and tools. Names are in lower case.
impl Headers for [(String, Vec<u8>)] {
    fn for_each(&self, name: &str, f: &mut dyn FnMut(&[u8])) {
        for (_, value) in self.iter().filter(|(key, _)| key == name) {
            f(value);
        }
    }
}

impl Headers for Vec<(String, Vec<u8>)> {
    fn for_each(&self, name: &str, f: &mut dyn FnMut(&[u8])) {
        self.as_slice().for_each(name, f);
    }
}

/// What has no fields: a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoHeaders;

impl Headers for NoHeaders {
    fn for_each(&self, _: &str, _: &mut dyn FnMut(&[u8])) {}
}

/// The head of a request, in the bytes in which it came.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method token.
    pub method: &'a [u8],
    /// The request target (origin-form, absolute-form, `*`) or `:path`.
    pub target: &'a [u8],
    /// `:authority`, where the protocol has one. `Host` is read from the headers;
    /// where both are there they must agree.
    pub authority: Option<&'a [u8]>,
    /// Every other field, `host` among them.
    pub headers: &'a dyn Headers,
}

/// Who is on the other side of a connection, and what the world says of its request.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// What its certificate proved.
    pub identity: Option<&'a SpiffeId>,
    /// The socket peer; at a gateway what [`crate::client_address`] says.
    pub address: Option<IpAddr>,
    /// To what was asked about this request.
    pub answers: &'a Answers,
}

impl Caller<'static> {
    /// Without identity and address.
    pub(crate) fn nobody() -> &'static Self {
        static NOBODY: Caller<'static> = Caller {
            identity: None,
            address: None,
            answers: Answers::none(),
        };
        &NOBODY
    }
}

impl<'a> Caller<'a> {
    /// Nothing was asked yet.
    pub fn new(identity: Option<&'a SpiffeId>, address: Option<IpAddr>) -> Self {
        Self {
            identity,
            address,
            answers: Answers::none(),
        }
    }
}

/// When a decision is made: two clocks, both read by the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// For buckets and budgets.
    pub now: Tick,
    /// For exceptions that expire.
    pub wall: Timestamp,
}
