use mesh_ir::{Name, ObjectRef, ServiceRef, Timestamp};

use crate::simulate::{Caller, Head, Message, Question, Scheme, Simulator, Token};
use crate::syntax::ast::{Case, Reference, TestRequest, TestScheme, TestUrl, Who};

/// The questions of a case, one for each caller that it names, never none; or why it
/// cannot be asked.
pub(super) fn questions(
    simulator: &Simulator<'_>,
    here: &Name,
    case: &Case,
    now: Timestamp,
) -> Result<Vec<Question>, String> {
    let callers = callers(simulator, here, &case.from)?;
    let of = |from: Caller| {
        let message = message(simulator, here, &from, &case.request)?;
        let request = &case.request;
        let wall = request.time.as_ref().map_or(now, |time| time.value);
        let tokens = request.claims.iter().map(|claims| Token {
            issuer: request.issuer.as_ref().map(|it| object(&it.value, here)),
            claims: claims.value.clone(),
        });
        Ok(Question {
            scheme: match request.url.value.scheme {
                TestScheme::Https => Scheme::Https,
                _ => Scheme::Http,
            },
            address: request.address.as_ref().map(|address| address.value),
            tokens: tokens.collect(),
            ..Question::new(from, message, wall)
        })
    };
    callers.into_iter().map(of).collect()
}

fn callers(simulator: &Simulator<'_>, here: &Name, from: &Who) -> Result<Vec<Caller>, String> {
    let callers = match from {
        Who::Service(service) => simulator
            .callers_of(&service.value.resolve(here))
            .map_err(|why| why.to_string())?,
        Who::Gateway(gateway) => simulator
            .callers_through(&object(&gateway.value, here))
            .map_err(|why| why.to_string())?,
        Who::Namespace(namespace) => simulator.callers_in(&namespace.value),
        Who::Identity(pattern) => {
            let roles = simulator.mesh().roles.iter().map(|role| &role.identity);
            let mut known: Vec<_> = roles.filter(|it| pattern.value.matches(it)).collect();
            known.dedup();
            let known = known.into_iter().cloned();
            let mut callers: Vec<Caller> = known.map(|it| simulator.caller(it)).collect();
            if callers.is_empty() {
                callers.push(simulator.caller(pattern.value.example()));
            }
            callers
        }
        Who::Anyone(_) | Who::Authenticated(_) => vec![Caller::outside()],
    };
    if callers.is_empty() {
        return Err("nobody runs in the namespace that asks".to_owned());
    }
    Ok(callers)
}

fn message(
    simulator: &Simulator<'_>,
    here: &Name,
    from: &Caller,
    request: &TestRequest,
) -> Result<Message, String> {
    let url = &request.url.value;
    match url.scheme {
        TestScheme::Http | TestScheme::Https => Ok(Message::Request(head(request))),
        TestScheme::Tcp | TestScheme::Tls => connection(simulator, here, from, url),
    }
}

fn head(request: &TestRequest) -> Head {
    let url = &request.url.value;
    let method = request.method.as_ref();
    let mut headers: Vec<(String, Vec<u8>)> = vec![];
    for header in &request.headers {
        let value = header.value.value.clone().into_bytes();
        headers.push((header.name.value.clone(), value));
    }
    if !headers.iter().any(|(name, _)| name == "host") {
        let host = match url.port {
            Some(port) => format!("{}:{port}", url.host),
            None => url.host.to_string(),
        };
        headers.push(("host".to_owned(), host.into_bytes()));
    }
    Head {
        method: method.map_or("GET", |it| it.value.as_str()).into(),
        target: url.target.clone().into_bytes(),
        headers,
    }
}

fn connection(
    simulator: &Simulator<'_>,
    here: &Name,
    from: &Caller,
    url: &TestUrl,
) -> Result<Message, String> {
    let server_name = (url.scheme == TestScheme::Tls).then(|| url.host.clone());
    let port = url.port.ok_or("a connection needs a port after the host")?;
    if !simulator.is_workload(from) && simulator.has_listener(port) {
        return Ok(Message::AtGateway { port, server_name });
    }
    let service = simulator.callee(url.host.as_str(), here);
    let service = service.ok_or_else(|| format!("no service is called `{}`", url.host))?;
    Ok(Message::Connection {
        service,
        port,
        server_name,
    })
}

fn object(reference: &Reference, here: &Name) -> ObjectRef {
    let ServiceRef { namespace, name } = reference.resolve(here);
    ObjectRef { namespace, name }
}
