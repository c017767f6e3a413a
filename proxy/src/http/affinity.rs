use http::header::COOKIE;
use http::{HeaderMap, HeaderValue, request};
use mesh_decide::{Draw, Headers, Plan, key_draw};
use mesh_ir::{Key, SetCookie};

use super::forward::{Fields, target};
use crate::active::Active;

/// What keeps a request on the endpoint of its key.
pub(super) struct Affinity {
    /// For every choice of an endpoint.
    pub draw: Draw,
    /// What the client is given, to be known by the next time.
    pub set_cookie: Option<HeaderValue>,
}

/// `None` where the service that takes the request does not balance by a key.
pub(super) fn affinity(active: &Active, plan: &Plan, head: &request::Parts) -> Option<Affinity> {
    let balancing = &active.tables.service(plan.service).load_balancing;
    if balancing.by.is_empty() {
        return None;
    }
    let names = |cookie: &&SetCookie| balancing.by.contains(&Key::Cookie(cookie.name.clone()));
    let cookie = balancing.set_cookie.as_ref().filter(names);
    let cookie = cookie.filter(|cookie| !has_cookie(&head.headers, &cookie.name));
    let given = cookie.map(|cookie| {
        let value: u128 = rand::random();
        (cookie, format!("{}={value:032x}", cookie.name))
    });
    let (target, authority) = target(head);
    let request = mesh_decide::Request {
        method: head.method.as_str().as_bytes(),
        target: target.as_bytes(),
        authority,
        headers: &Next {
            fields: Fields(&head.headers),
            cookie: given.as_ref().map(|(_, pair)| pair.as_bytes()),
        },
    };
    Some(Affinity {
        draw: key_draw(&active.tables, plan, &request)?,
        set_cookie: given.and_then(|(cookie, pair)| set_cookie(cookie, &pair)),
    })
}

/// The request as it looks the next time, with the cookie that the client is given.
struct Next<'a> {
    fields: Fields<'a>,
    cookie: Option<&'a [u8]>,
}

impl Headers for Next<'_> {
    fn for_each(&self, name: &str, f: &mut dyn FnMut(&[u8])) {
        self.fields.for_each(name, f);
        if let Some(cookie) = self.cookie.filter(|_| name == "cookie") {
            f(cookie);
        }
    }
}

fn has_cookie(headers: &HeaderMap, name: &str) -> bool {
    let lines = headers.get_all(COOKIE).iter();
    let mut pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.any(|pair| {
        let end = pair.iter().position(|byte| *byte == b'=');
        end.is_some_and(|end| pair[..end].trim_ascii() == name.as_bytes())
    })
}

/// RFC 6265 section 4.1.
fn set_cookie(cookie: &SetCookie, pair: &str) -> Option<HeaderValue> {
    let age = cookie.ttl.map(|ttl| format!("; Max-Age={}", ttl.as_secs()));
    let age = age.unwrap_or_default();
    HeaderValue::from_str(&format!("{pair}; Path=/; HttpOnly{age}")).ok()
}
