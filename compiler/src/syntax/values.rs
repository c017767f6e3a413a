//! Scalars of the language, each with a parser that says why a text is none.

mod date;
mod duration;
mod header;
mod key;
mod measure;
mod retry_on;
mod target_path;

use mesh_ir::{Host, HostPattern, Key, Name, PathPattern, Percent, Rate, SpiffePattern, Timestamp};

use super::ast::{OwnedHost, PathTemplate, Reference, Spanned};
use super::codes::{empty, not_supported};
use super::decode::scalar::{parsed, parsed_date, scalar};
use super::node::Node;
use super::report::{Read, Report};

pub(super) use duration::{bound, duration, duration_within};
pub(super) use header::{cookie_name, edited_header, header_name, header_value, method};
#[cfg(test)]
pub(super) use retry_on::WORDS as RETRY_WORDS;
pub(super) use retry_on::retry_on;

/// A DNS label that starts with a letter.
pub(super) fn name(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Name>> {
    parsed(node, report, "a name", Name::parse)
}

/// A key of a mapping, as a name.
pub(super) fn name_key(key: Spanned<&str>, report: &mut Report) -> Read<Spanned<Name>> {
    Name::parse(key.value)
        .map(|name| Spanned::new(name, key.span))
        .map_err(|reason| {
            let error = super::codes::invalid_value::error(key.span, key.value, "a name", reason);
            report.push(error)
        })
}

/// `reviews` or `reviews.shop`.
pub(super) fn reference(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Reference>> {
    parsed(node, report, "a reference to a service", |text| {
        let (name, namespace) = match text.split_once('.') {
            Some((name, namespace)) => (name, Some(namespace)),
            None => (text, None),
        };
        Ok::<_, mesh_ir::InvalidName>(Reference {
            name: Name::parse(name)?,
            namespace: namespace.map(Name::parse).transpose()?,
        })
    })
}

/// Text that is not empty.
pub(super) fn text(node: &Node<'_>, report: &mut Report) -> Read<Spanned<String>> {
    let found = any_text(node, report)?;
    if found.value.trim().is_empty() {
        return Err(report.push(empty::text(node.span)));
    }
    Ok(found)
}

/// Text, perhaps none.
pub(super) fn any_text(node: &Node<'_>, report: &mut Report) -> Read<Spanned<String>> {
    let taken = |text: &str| Ok::<_, std::convert::Infallible>(text.to_owned());
    parsed(node, report, "a text", taken)
}

/// A host in canonical form.
pub(super) fn host(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Host>> {
    parsed(node, report, "a host", Host::parse)
}

/// A host, or `*.` and a host.
pub(super) fn host_pattern(node: &Node<'_>, report: &mut Report) -> Read<Spanned<HostPattern>> {
    parsed(
        node,
        report,
        "a host or `*.` and a host",
        HostPattern::parse,
    )
}

/// A host pattern, perhaps with a path pattern behind it.
pub(super) fn owned_host(node: &Node<'_>, report: &mut Report) -> Read<Spanned<OwnedHost>> {
    parsed(node, report, "a host with or without a path", |text| {
        let (host, path) = text.split_at(text.find('/').unwrap_or(text.len()));
        let host = HostPattern::parse(host).map_err(|reason| reason.to_string())?;
        let path = match path {
            "" => None,
            path => Some(PathPattern::parse(path).map_err(|reason| reason.to_string())?),
        };
        Ok::<_, String>(OwnedHost { host, path })
    })
}

/// `spiffe://…` with `*` for whole segments.
pub(super) fn identity(node: &Node<'_>, report: &mut Report) -> Read<Spanned<SpiffePattern>> {
    parsed(node, report, "an identity", SpiffePattern::parse)
}

/// `10.8.0.0/16`.
pub(super) fn cidr(node: &Node<'_>, report: &mut Report) -> Read<Spanned<ipnet::IpNet>> {
    parsed(node, report, "a range of addresses", |text| {
        let net: ipnet::IpNet = text
            .parse()
            .map_err(|_| "write it as `10.8.0.0/16` or `fd00::/8`".to_owned())?;
        if let ipnet::IpNet::V6(v6) = net
            && v6.addr().to_ipv4_mapped().is_some()
        {
            // Addresses are compared as IPv4 where they are IPv4, so it would never match.
            Err("write an IPv4 range as one: `10.8.0.0/16`".to_owned())
        } else if net.trunc() == net {
            Ok(net)
        } else {
            Err(format!(
                "bits are set behind the prefix: write `{}`",
                net.trunc()
            ))
        }
    })
}

/// `10%`, `0.1%`.
pub(super) fn percent(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Percent>> {
    parsed(node, report, "a percentage", measure::percent)
}

/// `64KiB`, in bytes.
pub(super) fn size(node: &Node<'_>, report: &mut Report) -> Read<Spanned<u64>> {
    parsed(node, report, "a size", measure::size)
}

/// `100/s`.
pub(super) fn rate(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Rate>> {
    parsed(node, report, "a rate", measure::rate)
}

/// The instant at which a date is over.
pub(super) fn end_of_date(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Timestamp>> {
    parsed_date(node, report, "a date", date::end_of_date)
}

/// What requests are told apart by.
pub(super) fn key(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Key>> {
    let written = scalar(node, report, "a key")?;
    if written.text.starts_with("claim:") {
        return Err(report.push(not_supported::word(node.span, &written.text)));
    }
    parsed(node, report, "a key", key::parse)
}

/// The path of a `rewrite` or `redirect`.
pub(super) fn path_template(node: &Node<'_>, report: &mut Report) -> Read<Spanned<PathTemplate>> {
    parsed(node, report, "a path to go to", target_path::parse)
}
