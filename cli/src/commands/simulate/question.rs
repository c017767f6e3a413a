//! What is asked, in the terms of decisions.

use mesh_ir::{Mesh, Name, Role, ServiceRef, SpiffeId, Timestamp};

use super::Args;

/// A request or connection, and who makes it.
pub(super) struct Question<'a> {
    /// The caller's identity.
    pub(super) identity: SpiffeId,
    /// The caller's role; `None` for an identity without a proxy of the mesh.
    pub(super) role: Option<&'a Role>,
    /// What the caller sends.
    pub(super) message: Message,
    /// Where it comes from.
    pub(super) address: Option<std::net::IpAddr>,
    /// Draws the version, if it is said.
    pub(super) request_id: Option<String>,
    /// When.
    pub(super) wall: Timestamp,
}

/// What the caller sends.
pub(super) enum Message {
    /// An HTTP request, in the bytes that would be on the wire.
    Request(Head),
    /// A connection to a TCP port, by its number.
    Connection(ServiceRef, u16),
}

/// The head of a request; `host` is among the headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) method: Vec<u8>,
    pub(super) target: Vec<u8>,
    pub(super) headers: Vec<(String, Vec<u8>)>,
}

impl<'a> Question<'a> {
    /// Reads the arguments; the error says what to write instead.
    pub(super) fn of(args: &Args, mesh: &'a Mesh, wall: Timestamp) -> Result<Self, String> {
        let (identity, role) = caller(mesh, &args.from)?;
        let (method, url) = match args.request.as_slice() {
            [url] => ("GET", url.as_str()),
            [method, url] => (method.as_str(), url.as_str()),
            _ => return Err("say METHOD and URL".to_owned()),
        };
        let message = match url.split_once("://") {
            Some(("tcp" | "tls", rest)) => connection(rest)?,
            Some(("http" | "https", rest)) => {
                let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
                let (authority, target) = rest.split_at(at);
                Message::Request(head(args, method, authority, target)?)
            }
            Some((scheme, _)) => {
                return Err(format!("`{scheme}` is none of http, https, tcp, tls"));
            }
            None => {
                let to = args.to.as_deref();
                let to = to.ok_or("a URL that is only a path needs `--to SERVICE`")?;
                let to = service(to)?.to_string();
                Message::Request(head(args, method, &to, url)?)
            }
        };
        Ok(Self {
            identity,
            role,
            message,
            address: args.address,
            request_id: args.request_id.clone(),
            wall,
        })
    }

    /// A request in the bytes that are on the wire; `host` and `x-request-id` are
    /// among its headers.
    pub(super) fn raw(
        mesh: &'a Mesh,
        from: &str,
        head: Head,
        wall: Timestamp,
    ) -> Result<Self, String> {
        let (identity, role) = caller(mesh, from)?;
        let id = head.headers.iter().find(|(name, _)| name == "x-request-id");
        let request_id = id.map(|(_, value)| String::from_utf8_lossy(value).into_owned());
        Ok(Self {
            identity,
            role,
            message: Message::Request(head),
            address: None,
            request_id,
            wall,
        })
    }
}

/// A caller by service or identity, and the role that it has.
fn caller<'a>(mesh: &'a Mesh, text: &str) -> Result<(SpiffeId, Option<&'a Role>), String> {
    if text.starts_with("spiffe://") {
        let identity = SpiffeId::parse(text).map_err(|error| format!("`{text}`: {error}"))?;
        let role = mesh.roles.iter().find(|role| role.identity == identity);
        return Ok((identity, role));
    }
    let id = service(text)?;
    let missing = || format!("there is no service `{id}`");
    let service = mesh.services.get(&id).ok_or_else(missing)?;
    let mut roles = mesh.roles.iter();
    let role = roles
        .find(|role| role.serves.contains(&id))
        .ok_or_else(|| format!("no workload of `{id}` is in the inventory, so it calls nobody"))?;
    let identity = service.accounts.first().unwrap_or(&role.identity);
    let own = mesh
        .role(identity, std::slice::from_ref(&id))
        .unwrap_or(role);
    Ok((own.identity.clone(), Some(own)))
}

/// `name.namespace` or `namespace/name`.
fn service(text: &str) -> Result<ServiceRef, String> {
    let wrong = || format!("`{text}` is neither name.namespace nor namespace/name");
    let (namespace, name) = match text.split_once('/') {
        Some(parts) => parts,
        None => text
            .split_once('.')
            .map(|(name, rest)| (rest, name))
            .ok_or_else(wrong)?,
    };
    let parse = |part| Name::parse(part).map_err(|error| format!("{}: {error}", wrong()));
    Ok(ServiceRef {
        namespace: parse(namespace)?,
        name: parse(name)?,
    })
}

fn connection(rest: &str) -> Result<Message, String> {
    let rest = rest.trim_end_matches('/');
    let wrong = || format!("`{rest}` is not name.namespace:port");
    let (host, port) = rest.rsplit_once(':').ok_or_else(wrong)?;
    let port = port.parse().map_err(|_| wrong())?;
    Ok(Message::Connection(service(host)?, port))
}

fn head(args: &Args, method: &str, authority: &str, target: &str) -> Result<Head, String> {
    let mut headers = Vec::new();
    for header in &args.headers {
        let wrong = || format!("`{header}` is not `name: value`");
        let (name, value) = header.split_once(':').ok_or_else(wrong)?;
        let name = name.trim().to_ascii_lowercase();
        headers.push((name, value.trim().as_bytes().to_vec()));
    }
    let has = |headers: &[(String, Vec<u8>)], name: &str| headers.iter().any(|(n, _)| n == name);
    if !has(&headers, "host") {
        headers.push(("host".to_owned(), authority.as_bytes().to_vec()));
    }
    if let Some(id) = &args.request_id
        && !has(&headers, "x-request-id")
    {
        headers.push(("x-request-id".to_owned(), id.as_bytes().to_vec()));
    }
    // As a client writes it: a target begins with a slash.
    let slash = if target.starts_with('/') { "" } else { "/" };
    Ok(Head {
        method: method.as_bytes().to_vec(),
        target: format!("{slash}{target}").into_bytes(),
        headers,
    })
}
