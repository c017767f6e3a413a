//! What a rule takes, told as plainly as can be.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use mesh_ir::{
    CallerMatch, HostPattern, NamedValue, PathPattern, RequestMatch, Segment, SpiffeId, ValueMatch,
    Who,
};
use regex::bytes::{Regex, RegexBuilder};

use super::super::Mode;
use super::written::{Request, Written, trust_domain};

pub(in super::super) fn takes(rule: &Written, request: &Request) -> bool {
    (rule.hosts.is_empty() || host(&rule.hosts, &request.host))
        && (rule.from.is_empty() || rule.from.iter().any(|it| caller(it, request, rule.mode)))
        && (rule.matches.is_empty() || rule.matches.iter().any(|it| entry(it, request, rule.mode)))
}

pub(super) fn host(hosts: &[HostPattern], host: &str) -> bool {
    hosts.iter().any(|it| match it {
        HostPattern::Exact(exact) => exact.as_str() == host,
        HostPattern::Below(base) => host.ends_with(&format!(".{base}")),
    })
}

fn caller(entry: &CallerMatch, request: &Request, mode: Mode) -> bool {
    who(&entry.who, request.identity.as_ref(), mode == Mode::Deny)
        && (entry.cidr.is_empty() || request.address.is_some_and(|it| within(&entry.cidr, it)))
        && !entry
            .not
            .iter()
            .any(|it| caller(it, request, mode.inside_not()))
}

pub(super) fn within(nets: &[IpNet], address: IpAddr) -> bool {
    nets.iter().any(|net| net.contains(&address))
}

pub(super) fn who(who: &Who, identity: Option<&SpiffeId>, closes: bool) -> bool {
    let Some(id) = identity else {
        return matches!(who, Who::Anyone);
    };
    match who {
        Who::Service { identities, .. } | Who::Gateway { identities, .. } => {
            identities.contains(id)
        }
        Who::Namespace(name) => {
            let prefix = format!("spiffe://mesh.example/ns/{name}/sa/");
            id.to_string().starts_with(&prefix)
        }
        Who::Identity(pattern) => pattern.matches(id),
        Who::Authenticated => closes || *id.trust_domain() == trust_domain(),
        Who::Anyone => true,
    }
}

fn entry(entry: &RequestMatch, request: &Request, mode: Mode) -> bool {
    let (path, query) = match request.target.split_once('?') {
        Some((path, query)) => (path, query),
        None => (request.target.as_str(), ""),
    };
    let method = |it: &String| *it == request.method || (it == "GET" && request.method == "HEAD");
    let header = |it: &NamedValue| {
        let values = request.headers.iter().filter(|(name, _)| *name == it.name);
        holds(
            &it.value,
            &values.map(|(_, value)| value.clone()).collect::<Vec<_>>(),
            mode,
        )
    };
    (entry.methods.is_empty() || entry.methods.iter().any(method))
        && (entry.paths.is_empty() || paths(&entry.paths, path, mode))
        && entry.headers.iter().all(header)
        && entry
            .query
            .iter()
            .all(|it| holds(&it.value, &query_values(query, &it.name), mode))
        && entry
            .cookies
            .iter()
            .all(|it| holds(&it.value, &cookies(request, &it.name), mode))
        && !entry
            .not
            .iter()
            .any(|it| self::entry(it, request, mode.inside_not()))
}

/// Whether some values of one name meet a condition.
fn holds(test: &ValueMatch, values: &[Vec<u8>], mode: Mode) -> bool {
    let good = |it: &Vec<u8>| value(test, it, mode == Mode::Deny);
    match (test, mode) {
        (ValueMatch::Absent, _) => values.is_empty(),
        (_, Mode::Allow) => !values.is_empty() && values.iter().all(good),
        _ => values.iter().any(good),
    }
}

pub(super) fn value(test: &ValueMatch, value: &[u8], folded: bool) -> bool {
    match test {
        ValueMatch::Exact(text) => value == text.as_bytes(),
        ValueMatch::Prefix(text) => value.starts_with(text.as_bytes()),
        ValueMatch::Suffix(text) => value.ends_with(text.as_bytes()),
        ValueMatch::In(texts) => texts.iter().any(|text| value == text.as_bytes()),
        ValueMatch::Regex(pattern) => regex(pattern, folded, value),
        ValueMatch::Present => true,
        ValueMatch::Absent => false,
    }
}

fn regex(pattern: &str, folded: bool, text: &[u8]) -> bool {
    thread_local! {
        static KNOWN: RefCell<BTreeMap<(String, bool), Regex>> = const { RefCell::new(BTreeMap::new()) };
    }
    KNOWN.with_borrow_mut(|known| {
        let build = || {
            RegexBuilder::new(&format!(r"\A(?:{pattern})\z"))
                .unicode(false)
                .case_insensitive(folded)
                .dot_matches_new_line(folded)
                .build()
                .unwrap()
        };
        if known.len() > 1000 {
            known.clear();
        }
        let regex = known
            .entry((pattern.to_owned(), folded))
            .or_insert_with(build);
        regex.is_match(text)
    })
}

pub(super) fn query_values(query: &str, name: &str) -> Vec<Vec<u8>> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let split = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    split
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| decoded(&value.replace('+', " ")))
        .collect()
}

pub(super) fn cookies(request: &Request, name: &str) -> Vec<Vec<u8>> {
    let mut values = vec![];
    for (_, line) in request.headers.iter().filter(|(name, _)| name == "cookie") {
        for pair in line.split(|byte| *byte == b';') {
            let text = String::from_utf8(pair.to_vec()).unwrap();
            if let Some((key, value)) = text.trim().split_once('=')
                && key == name
            {
                values.push(value.trim_start().as_bytes().to_vec());
            }
        }
    }
    values
}

/// Whether a path as it came is in one of the patterns.
pub(super) fn paths(patterns: &[PathPattern], path: &str, mode: Mode) -> bool {
    let readings = readings(&canonical(path));
    let any = |reading: &String| patterns.iter().any(|it| pattern(it, reading, mode));
    match mode {
        Mode::Plain => any(&readings[0]),
        Mode::Allow => readings.iter().all(any),
        Mode::Deny => readings.iter().any(any),
    }
}

fn readings(path: &str) -> Vec<String> {
    let mut all = vec![];
    for text in [path.to_owned(), path.replace("%2F", "/")] {
        let stripped: Vec<_> = text
            .split('/')
            .map(|it| it.split(';').next().unwrap())
            .collect();
        let stripped = stripped.join("/");
        all.extend([merged(&stripped), merged(&text), stripped, text]);
    }
    all
}

fn merged(path: &str) -> String {
    let mut path = path.to_owned();
    while path.contains("//") {
        path = path.replace("//", "/");
    }
    path
}

fn canonical(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some(first) = rest.chars().next() {
        if first == '%' {
            let byte = u8::from_str_radix(&rest[1..3], 16).unwrap();
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push_str(&rest[..3].to_ascii_uppercase());
            }
            rest = &rest[3..];
        } else {
            out.push(first);
            rest = &rest[1..];
        }
    }
    out
}

fn decoded(text: &str) -> Vec<u8> {
    let mut out = vec![];
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(&rest[1..3]).unwrap();
            out.push(u8::from_str_radix(digits, 16).unwrap());
            rest = &rest[3..];
        } else {
            out.push(*first);
            rest = after;
        }
    }
    out
}

fn pattern(pattern: &PathPattern, path: &str, mode: Mode) -> bool {
    match (pattern, mode) {
        (PathPattern::Regex(text), Mode::Deny) => {
            let forms = [path.as_bytes().to_vec(), decoded(path)];
            forms.iter().any(|form| {
                let other = match form.strip_suffix(b"/") {
                    Some([]) => form.clone(),
                    Some(shorter) => shorter.to_vec(),
                    None => [&form[..], b"/"].concat(),
                };
                regex(text, true, form) || regex(text, true, &other)
            })
        }
        (PathPattern::Regex(text), _) => regex(text, false, path.as_bytes()),
        (PathPattern::Segments { .. }, Mode::Deny) => {
            let fold = |text: &str| decoded(text).to_ascii_lowercase();
            let same = |a: &str, b: &str| fold(a) == fold(b);
            let root = matches!(pattern, PathPattern::Segments { segments, below: true, .. } if segments.is_empty());
            let shorter = path.strip_suffix('/').filter(|it| !it.is_empty());
            let longer = format!("{path}/");
            (root && path == "*")
                || [Some(path), shorter, Some(&longer)]
                    .into_iter()
                    .flatten()
                    .any(|path| segments(pattern, path, &same))
                    && !(is_root(pattern) && path != "/")
        }
        _ => segments(pattern, path, &|a, b| a == b),
    }
}

fn is_root(pattern: &PathPattern) -> bool {
    pattern.to_string() == "/"
}

fn segments(pattern: &PathPattern, path: &str, same: &dyn Fn(&str, &str) -> bool) -> bool {
    let PathPattern::Segments {
        segments,
        below,
        slash,
    } = pattern
    else {
        return false;
    };
    let Some(rest) = path.strip_prefix('/') else {
        return false;
    };
    let mut wanted: Vec<Option<&Segment>> = segments.iter().map(Some).collect();
    if *slash || (segments.is_empty() && !below) {
        wanted.push(None);
    }
    let parts: Vec<&str> = rest.split('/').collect();
    let fits = wanted
        .iter()
        .zip(&parts)
        .all(|(wanted, part)| match wanted {
            None => part.is_empty(),
            Some(Segment::One) => !part.is_empty(),
            Some(Segment::Literal(text)) => same(text, part),
        });
    fits && (parts.len() == wanted.len() || (*below && parts.len() > wanted.len()))
}
