//! What is asked, from the words of a command line.

use mesh_compiler::simulate::{Caller, Head, Message, Question, Scheme, Simulator, Token};
use mesh_ir::{Host, Name, ObjectRef, ServiceRef, SpiffeId, Timestamp};

use super::Args;

/// Reads the arguments; the error says what to write instead.
pub(super) fn of(
    args: &Args,
    simulator: &Simulator<'_>,
    wall: Timestamp,
) -> Result<Question, String> {
    let from = caller(simulator, &args.from)?;
    let (method, url) = match args.request.as_slice() {
        [url] => ("GET", url.as_str()),
        [method, url] => (method.as_str(), url.as_str()),
        _ => return Err("say METHOD and URL".to_owned()),
    };
    let (message, scheme) = message(args, method, url)?;
    Ok(Question {
        scheme,
        address: args.address,
        tokens: args
            .claims
            .iter()
            .map(|it| token(it))
            .collect::<Result<_, _>>()?,
        authorizers: args.authorizer.into(),
        request_id: args.request_id.clone(),
        ..Question::new(from, message, wall)
    })
}

fn message(args: &Args, method: &str, url: &str) -> Result<(Message, Scheme), String> {
    // A path may hold another URL.
    let whole = url.split_once("://").filter(|_| !url.starts_with('/'));
    match whole {
        Some((scheme @ ("tcp" | "tls"), rest)) => {
            Ok((connection(scheme, rest)?, Scheme::default()))
        }
        Some((scheme @ ("http" | "https"), rest)) => {
            let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (authority, target) = rest.split_at(at);
            let scheme = if scheme == "https" {
                Scheme::Https
            } else {
                Scheme::Http
            };
            let head = head(args, method, authority, target)?;
            Ok((Message::Request(head), scheme))
        }
        Some((scheme, _)) => Err(format!("`{scheme}` is none of http, https, tcp, tls")),
        None if !url.starts_with('/') => Err(format!(
            "`{url}` is neither a path nor a URL: write `http://{url}`"
        )),
        None => {
            let to = args.to.as_deref();
            let to = to.ok_or("a URL that is only a path needs `--to SERVICE`")?;
            let to = service(to)?.to_string();
            let head = head(args, method, &to, url)?;
            Ok((Message::Request(head), Scheme::Http))
        }
    }
}

/// A request in the bytes that are on the wire; `host` and `x-request-id` are among its
/// headers.
pub(super) fn raw(
    simulator: &Simulator<'_>,
    from: &str,
    head: Head,
    wall: Timestamp,
) -> Result<Question, String> {
    let from = caller(simulator, from)?;
    let id = head.headers.iter().find(|(name, _)| name == "x-request-id");
    let request_id = id.map(|(_, value)| String::from_utf8_lossy(value).into_owned());
    Ok(Question {
        request_id,
        ..Question::new(from, Message::Request(head), wall)
    })
}

/// A caller by service, gateway or identity; of several accounts the first.
fn caller(simulator: &Simulator<'_>, text: &str) -> Result<Caller, String> {
    if text == "anyone" {
        return Ok(Caller::outside());
    }
    if text.starts_with("spiffe://") {
        let identity = SpiffeId::parse(text).map_err(|error| format!("`{text}`: {error}"))?;
        return Ok(simulator.caller(identity));
    }
    let callers = if let Some(gateway) = text.strip_prefix("gateway:") {
        simulator.callers_through(&object(gateway)?)
    } else {
        simulator.callers_of(&service(text)?)
    };
    let callers = callers.map_err(|why| why.to_string())?;
    Ok(callers
        .into_iter()
        .next()
        .expect("a service that answers has a workload"))
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

fn object(text: &str) -> Result<ObjectRef, String> {
    let ServiceRef { namespace, name } = service(text)?;
    Ok(ObjectRef { namespace, name })
}

fn connection(scheme: &str, rest: &str) -> Result<Message, String> {
    let rest = rest.trim_end_matches('/');
    let wrong = || format!("`{rest}` is not name.namespace:port");
    let (host, port) = rest.rsplit_once(':').ok_or_else(wrong)?;
    Ok(Message::Connection {
        service: service(host)?,
        port: port.parse().map_err(|_| wrong())?,
        server_name: Host::parse(host).ok().filter(|_| scheme == "tls"),
    })
}

/// `{"sub": "ann"}` or `issuer.namespace={"sub": "ann"}`.
fn token(text: &str) -> Result<Token, String> {
    let (issuer, claims) = match text.split_once('=') {
        Some((issuer, claims)) if !issuer.contains('{') => (Some(object(issuer)?), claims),
        _ => (None, text),
    };
    let wrong = |error| format!("`{claims}` is no JSON object of claims: {error}");
    Ok(Token {
        issuer,
        claims: serde_json::from_str(claims).map_err(wrong)?,
    })
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
