use crate::syntax::ast::Spanned;
use crate::syntax::codes::invalid_value;
use crate::syntax::decode::scalar::parsed;
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::any_text;

/// Headers that frame a message, name its host or say who the caller is: no intent edits them.
const RESERVED: [&str; 16] = [
    "connection",
    "content-length",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-forwarded-client-cert",
    "x-request-id",
];

/// Headers of one hop, which the application never sees, and the mesh's own: a rule
/// that read them would judge what the other side of a connection made up.
const NOT_MATCHED: [&str; 8] = [
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "x-forwarded-client-cert",
];

const TOKEN: &str = "letters, digits and !#$%&'*+-.^_`|~ only";

/// A header's name as a key, in lower case.
pub(in crate::syntax) fn header_name(
    key: Spanned<&str>,
    report: &mut Report,
) -> Read<Spanned<String>> {
    let name = lower_token(key, report)?;
    let hop_or_own = NOT_MATCHED.contains(&name.value.as_str());
    let reason = match name.value.as_str() {
        "host" => "the host is no header: use `hosts` of the document",
        own if hop_or_own || own.starts_with("x-mesh-") => {
            "it belongs to one connection or to the mesh; the application never sees it"
        }
        _ => return Ok(name),
    };
    Err(invalid(key, reason, report))
}

/// The name of a header that may be edited, in lower case.
pub(in crate::syntax) fn edited_header(
    name: Spanned<&str>,
    report: &mut Report,
) -> Read<Spanned<String>> {
    let lower = lower_token(name, report)?;
    let reserved = RESERVED.contains(&lower.value.as_str());
    if reserved || lower.value.starts_with("x-mesh-") {
        let reason = "this header frames the message or carries an identity, and is not edited";
        return Err(invalid(name, reason, report));
    }
    Ok(lower)
}

/// The name of a header as a value, in lower case.
pub(in crate::syntax) fn named_header(
    node: &Node<'_>,
    report: &mut Report,
    judge: fn(Spanned<&str>, &mut Report) -> Read<Spanned<String>>,
) -> Read<Spanned<String>> {
    let text = any_text(node, report)?;
    judge(Spanned::new(&text.value, text.span), report)
}

/// The name of a cookie as a value.
pub(in crate::syntax) fn cookie_value(
    node: &Node<'_>,
    report: &mut Report,
) -> Read<Spanned<String>> {
    parsed(node, report, "the name of a cookie", |text| {
        if is_token(text) {
            Ok(text.to_owned())
        } else {
            Err(TOKEN)
        }
    })
}

/// What a header may hold (RFC 9110 section 5.5, without obs-text), no space at its ends.
pub(in crate::syntax) fn header_value(
    node: &Node<'_>,
    report: &mut Report,
) -> Read<Spanned<String>> {
    parsed(node, report, "the value of a header", |text| {
        if text
            .bytes()
            .any(|b| !(b == b'\t' || (b' '..=b'~').contains(&b)))
        {
            Err("visible ASCII characters and spaces only")
        } else if text.trim() != text {
            Err("no space at either end")
        } else {
            Ok(text.to_owned())
        }
    })
}

/// A request method: case counts.
pub(in crate::syntax) fn method(node: &Node<'_>, report: &mut Report) -> Read<Spanned<String>> {
    parsed(node, report, "a method", |text| {
        if !is_token(text) {
            Err(TOKEN)
        } else if text == "CONNECT" {
            Err("no intent is about CONNECT")
        } else if text.bytes().any(|b| b.is_ascii_lowercase()) {
            Err("methods are written in capitals: case counts")
        } else {
            Ok(text.to_owned())
        }
    })
}

/// A cookie's name as a key, as written.
pub(in crate::syntax) fn cookie_name(
    key: Spanned<&str>,
    report: &mut Report,
) -> Read<Spanned<String>> {
    if is_token(key.value) {
        Ok(Spanned::new(key.value.to_owned(), key.span))
    } else {
        Err(invalid(key, TOKEN, report))
    }
}

/// A token of RFC 9110 section 5.6.2.
pub(super) fn is_token(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(allowed)
}

fn lower_token(name: Spanned<&str>, report: &mut Report) -> Read<Spanned<String>> {
    if name.value.starts_with(':') {
        return Err(invalid(name, "pseudo-headers are not headers", report));
    }
    if !is_token(name.value) {
        return Err(invalid(name, TOKEN, report));
    }
    Ok(Spanned::new(name.value.to_ascii_lowercase(), name.span))
}

fn invalid(
    name: Spanned<&str>,
    reason: &str,
    report: &mut Report,
) -> crate::syntax::report::Reported {
    let what = "a name to use here";
    report.push(invalid_value::error(name.span, name.value, what, reason))
}
