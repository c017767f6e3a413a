//! Scalars of the language, each with a parser that says why a text is none.

mod claim;
mod date;
mod duration;
mod header;
mod key;
mod locality;
mod measure;
mod retry_on;
mod status;
mod target_path;
mod url;

use std::net::IpAddr;

use mesh_ir::{
    Host, HostPattern, Key, Name, PathPattern, Percent, Rate, Segment, SpiffePattern, Timestamp,
};

use super::ast::{Origin, OwnedHost, PathTemplate, Reference, Spanned, TestUrl};
use super::codes::{empty, unqualified};
use super::decode::scalar::{parsed, parsed_date};
use super::node::Node;
use super::report::{Read, Report};

pub(super) use claim::claim_name;
pub(super) use duration::{bound, duration, duration_within};
pub(super) use header::{
    cookie_name, cookie_value, edited_header, header_name, header_value, method, named_header,
};
#[cfg(test)]
pub(super) use retry_on::WORDS as RETRY_WORDS;
pub(super) use retry_on::{grpc_status, retry_on};
#[cfg(test)]
pub(super) use status::CLASSES as STATUS_CLASSES;
pub(super) use status::status_pattern;

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
    parsed(node, report, "a reference", Reference::parse)
}

/// `reviews.shop`, where there is no namespace that a name alone could be of.
pub(super) fn qualified_reference(
    node: &Node<'_>,
    report: &mut Report,
) -> Read<Spanned<Reference>> {
    let found = reference(node, report)?;
    if found.value.namespace.is_some() {
        return Ok(found);
    }
    Err(report.push(unqualified::error(found.span, &found.value)))
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

/// An instant, or the beginning of a day.
pub(super) fn instant(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Timestamp>> {
    parsed_date(node, report, "a time", date::instant)
}

/// A percentage that may be above 100 %.
pub(super) fn growth(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Percent>> {
    parsed(node, report, "a percentage", measure::growth)
}

/// `region/zone`.
pub(super) fn zone(node: &Node<'_>, report: &mut Report) -> Read<Spanned<String>> {
    parsed(node, report, "a locality", locality::zone)
}

/// `region` or `region/zone`.
pub(super) fn region(node: &Node<'_>, report: &mut Report) -> Read<Spanned<String>> {
    parsed(node, report, "a locality", locality::region)
}

/// An IPv4 or IPv6 address.
pub(super) fn address(node: &Node<'_>, report: &mut Report) -> Read<Spanned<IpAddr>> {
    parsed(node, report, "an address", |text| {
        text.parse::<IpAddr>()
            .map_err(|_| "write it as `10.0.0.7` or `fd00::7`")
    })
}

/// A path without `*`.
pub(super) fn literal_path(node: &Node<'_>, report: &mut Report) -> Read<Spanned<PathPattern>> {
    parsed(node, report, "a path without `*`", |text| {
        let path = PathPattern::parse(text).map_err(|reason| reason.to_string())?;
        match &path {
            PathPattern::Segments {
                segments, below, ..
            } if !below && !segments.contains(&Segment::One) => Ok(path),
            _ => Err("one path, not a pattern".to_owned()),
        }
    })
}

/// A URL that is fetched, and its host.
pub(super) fn https_url(node: &Node<'_>, report: &mut Report) -> Read<Spanned<(String, Host)>> {
    parsed(node, report, "a URL to fetch", |text| {
        Ok::<_, String>((text.to_owned(), url::https_host(text)?))
    })
}

/// The URL of a request in a test.
pub(super) fn test_url(node: &Node<'_>, report: &mut Report) -> Read<Spanned<TestUrl>> {
    parsed(node, report, "the URL of a request", url::test_url)
}

/// An origin as browsers write it, or `*`.
pub(super) fn origin(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Origin>> {
    parsed(node, report, "an origin", url::origin)
}

/// A file beside the intents, relative to the document.
pub(super) fn file_below(node: &Node<'_>, report: &mut Report) -> Read<Spanned<String>> {
    parsed(node, report, "a file", |text| {
        let is_part = |part: &str| !matches!(part, "" | "." | "..");
        if text.split('/').all(is_part) {
            Ok(text.to_owned())
        } else {
            Err("relative to the document, without `.`, `..` or a slash at its ends")
        }
    })
}

/// What requests are told apart by.
pub(super) fn key(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Key>> {
    parsed(node, report, "a key", key::parse)
}

/// The path of a `rewrite` or `redirect`.
pub(super) fn path_template(node: &Node<'_>, report: &mut Report) -> Read<Spanned<PathTemplate>> {
    parsed(node, report, "a path to go to", target_path::parse)
}
