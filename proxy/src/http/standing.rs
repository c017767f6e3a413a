use std::cell::Cell;
use std::net::IpAddr;
use std::rc::Rc;

use http::request;
use mesh_decide::{Caller, Headers, Moment, Plan, PortIndex, ServiceIndex, permits_request};
use mesh_identity::SpiffeId;
use mesh_ir::{Name, ServiceRef};

use super::forward::target;
use crate::active::Active;
use crate::ending::Ending;

/// What a request is let in by, as far as its connection says it.
pub(super) struct Gate {
    pub service: ServiceRef,
    pub port: Name,
    /// Who calls, as its certificate proved; `None` only without TLS.
    pub peer: Option<Rc<SpiffeId>>,
    pub address: IpAddr,
}

/// An exchange that is not over, seen from outside its task: what it asked for, so
/// that other decisions can be asked about it, and how it is told to end.
pub(super) struct Standing {
    question: Question,
    pub ending: Ending,
    relays: Cell<bool>,
}

enum Question {
    /// A caller's request to the application.
    Inbound { gate: Rc<Gate>, head: Head },
    /// The application's request to a service, by the tables that planned it.
    Outbound {
        planned: Rc<Active>,
        /// The service that its host names.
        called: ServiceIndex,
        /// Who takes it, another one where a rule sends it on.
        taking: (ServiceIndex, PortIndex),
    },
}

impl Gate {
    pub(super) fn caller(&self) -> Caller<'_> {
        Caller::new(self.peer.as_deref(), Some(self.address))
    }
}

impl Standing {
    /// `head` as it was judged.
    pub(super) fn inbound(gate: &Rc<Gate>, head: &request::Parts) -> Self {
        Self::new(Question::Inbound {
            gate: gate.clone(),
            head: Head::copy(head),
        })
    }

    pub(super) fn outbound(planned: &Rc<Active>, plan: &Plan) -> Self {
        Self::new(Question::Outbound {
            planned: planned.clone(),
            called: plan.called,
            taking: (plan.service, plan.port),
        })
    }

    fn new(question: Question) -> Self {
        Self {
            question,
            ending: Ending::default(),
            relays: Cell::new(false),
        }
    }

    /// The head of the answer was passed on, its body follows.
    pub(super) fn relays(&self) {
        self.relays.set(true);
    }

    /// Whether [`Self::relays`] was said.
    pub(super) fn is_relaying(&self) -> bool {
        self.relays.get()
    }

    /// Whether it would be let through by these tables; nothing is charged.
    pub(super) fn is_permitted(&self, active: &Active, moment: Moment) -> bool {
        match &self.question {
            Question::Inbound { gate, head } => {
                let at = active.tables.inbound(&gate.service, &gate.port);
                at.is_some_and(|at| {
                    let request = head.request();
                    permits_request(&active.tables, at, &gate.caller(), &request, moment)
                })
            }
            Question::Outbound {
                planned,
                called,
                taking: (service, port),
            } => {
                let tables = &planned.tables;
                let id = |at: &ServiceIndex| &tables.service(*at).id;
                let port = &tables.port(*service, *port).name;
                active.calls(id(called)) && active.reaches(id(service), port)
            }
        }
    }
}

/// A head as it was received, in one piece of memory that keeps no buffer of a
/// connection alive: every request is copied, few are ever asked about again.
struct Head {
    /// Method, target, `:authority`; then of each field the lengths of name and
    /// value, four bytes each, and both.
    bytes: Vec<u8>,
    /// Where the method ends.
    method: usize,
    /// Where the target ends.
    target: usize,
    /// Where `:authority` ends, or would.
    authority: usize,
    has_authority: bool,
}

/// What is put aside for a head at first; most are smaller.
const ROOM: usize = 512;

impl Head {
    fn copy(head: &request::Parts) -> Self {
        let (target, authority) = target(head);
        let mut bytes = Vec::with_capacity(ROOM);
        bytes.extend_from_slice(head.method.as_str().as_bytes());
        let method = bytes.len();
        bytes.extend_from_slice(target.as_bytes());
        let target = bytes.len();
        bytes.extend_from_slice(authority.unwrap_or_default());
        let (authority, has_authority) = (bytes.len(), authority.is_some());
        for (name, value) in &head.headers {
            let (name, value) = (name.as_str().as_bytes(), value.as_bytes());
            bytes.extend_from_slice(&length(name));
            bytes.extend_from_slice(&length(value));
            bytes.extend_from_slice(name);
            bytes.extend_from_slice(value);
        }
        Self {
            bytes,
            method,
            target,
            authority,
            has_authority,
        }
    }

    fn request(&self) -> mesh_decide::Request<'_> {
        let authority = &self.bytes[self.target..self.authority];
        mesh_decide::Request {
            method: &self.bytes[..self.method],
            target: &self.bytes[self.method..self.target],
            authority: self.has_authority.then_some(authority),
            headers: self,
        }
    }
}

impl Headers for Head {
    fn for_each(&self, name: &str, f: &mut dyn FnMut(&[u8])) {
        let mut rest = &self.bytes[self.authority..];
        while let Some((field, value, after)) = split(rest) {
            if field == name.as_bytes() {
                f(value);
            }
            rest = after;
        }
    }
}

fn length(part: &[u8]) -> [u8; 4] {
    let length = u32::try_from(part.len()).expect("a head is smaller than 4 GiB");
    length.to_le_bytes()
}

/// The first field, and what comes after it.
fn split(rest: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (name, rest) = rest.split_first_chunk()?;
    let (value, rest) = rest.split_first_chunk()?;
    let bytes = |length: &[u8; 4]| usize::try_from(u32::from_le_bytes(*length)).ok();
    let (name, rest) = rest.split_at_checked(bytes(name)?)?;
    let (value, rest) = rest.split_at_checked(bytes(value)?)?;
    Some((name, value, rest))
}

#[cfg(test)]
mod tests {
    use http::{Request, Version};

    use super::*;

    #[test]
    fn a_kept_head_asks_what_the_received_one_asked() {
        let request = Request::post("http://api.shop:80/x?q=1")
            .version(Version::HTTP_2)
            .header("x-empty", "")
            .header("x-a", "1")
            .header("x-b", "2")
            .header("x-a", "3");
        let kept = Head::copy(&request.body(()).unwrap().into_parts().0);
        let asked = kept.request();
        assert_eq!((asked.method, asked.target), (&b"POST"[..], &b"/x?q=1"[..]));
        assert_eq!(asked.authority, Some(&b"api.shop:80"[..]));
        let values = |name: &str| {
            let mut values = vec![];
            kept.for_each(name, &mut |value| values.push(value.to_vec()));
            values
        };
        assert_eq!(values("x-a"), [b"1", b"3"]);
        assert_eq!(values("x-empty"), [b""]);
        assert!(values("x-c").is_empty());
    }

    #[test]
    fn a_head_without_fields_is_kept_too() {
        let request = Request::get("/").body(()).unwrap();
        let kept = Head::copy(&request.into_parts().0);
        assert_eq!(kept.request().authority, None);
        kept.for_each("host", &mut |_| panic!("there is none"));
    }
}
