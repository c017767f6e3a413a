use std::net::{IpAddr, Ipv4Addr};

use mesh_ir::{
    CallerMatch, HostPattern, Name, NamedValue, PathPattern, RequestMatch, Segment, SpiffeId,
    ValueMatch, Who,
};

use super::pattern::full_match;
use super::sample::sample;
use super::value;
use crate::algebra::{Rule, Side};

/// What no rule is likely to name.
const UNUSUAL: &str = "zz.q";
/// The most points of one rule.
const MOST: usize = 8;

/// One request, plain enough that every mode reads it alike but for case: its path
/// has no repeated slash, parameter or escape, a name has one value, and it carries
/// no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Point {
    identity: SpiffeId,
    /// As [`Side`] has it.
    address: Option<IpAddr>,
    host: String,
    method: String,
    path: String,
    headers: Vec<NamedValue>,
    query: Vec<NamedValue>,
    cookies: Vec<NamedValue>,
}

impl Point {
    /// Requests of a rule, of as many kinds as it plainly has; none where that takes
    /// more than a look.
    pub(crate) fn of(rule: &Rule<'_>, side: Side) -> Vec<Self> {
        let any = [RequestMatch::default()];
        let entries = match rule.matches {
            [] => &any[..],
            entries => entries,
        };
        let callers = callers(rule, side);
        let host = host(rule.hosts);
        let mut points: Vec<Self> = vec![];
        for entry in entries {
            let method = entry.methods.first().map_or("ZZ", |it| it);
            for path in paths(entry).into_iter().filter(|_| method != "CONNECT") {
                let at = callers.iter().filter_map(|(identity, address)| {
                    Some(Self {
                        identity: identity.clone(),
                        address: *address,
                        host: host.clone(),
                        method: method.to_owned(),
                        path: path.clone(),
                        headers: exact(&entry.headers)?,
                        query: exact(&entry.query)?,
                        cookies: exact(&entry.cookies)?,
                    })
                });
                points.extend(at.filter(|point| point.is_in(rule) == Some(true)));
            }
        }
        points.truncate(MOST);
        points
    }

    /// Whether a rule takes this request; `None` where that takes more than a look.
    pub(crate) fn is_in(&self, rule: &Rule<'_>) -> Option<bool> {
        if !rule.hosts.is_empty() && !rule.hosts.iter().any(|it| it.matches(&self.host)) {
            return Some(false);
        }
        if !rule.from.is_empty() && !rule.from.iter().any(|it| self.is_from(it, rule)) {
            return Some(false);
        }
        if rule.matches.is_empty() {
            return Some(true);
        }
        any(rule.matches, |it| self.is_like(it, rule))
    }

    fn is_from(&self, entry: &CallerMatch, rule: &Rule<'_>) -> bool {
        let id = &self.identity;
        let who = match &entry.who {
            Who::Service { identities, .. } | Who::Gateway { identities, .. } => {
                identities.contains(id)
            }
            Who::Namespace(name) => {
                id.trust_domain() == rule.trust_domain && id.namespace() == Some(name.as_str())
            }
            Who::Identity(pattern) => pattern.matches(id),
            Who::Authenticated => rule.closes() || id.trust_domain() == rule.trust_domain,
            Who::Anyone => true,
        };
        let within = entry.cidr.is_empty()
            || match self.address {
                Some(address) => entry.cidr.iter().any(|net| net.contains(&address)),
                None => rule.closes(),
            };
        let inner = rule.inside_not();
        let not = || entry.not.iter().any(|it| self.is_from(it, &inner));
        who && within && entry.token.is_none() && !not()
    }

    fn is_like(&self, entry: &RequestMatch, rule: &Rule<'_>) -> Option<bool> {
        let method = |it: &String| *it == self.method || (it == "GET" && self.method == "HEAD");
        if !entry.methods.is_empty() && !entry.methods.iter().any(method) {
            return Some(false);
        }
        let path = |it: &PathPattern| self.has_path(it, rule.closes());
        if !entry.paths.is_empty() && !any(&entry.paths, path)? {
            return Some(false);
        }
        let values = [
            (&entry.headers, &self.headers),
            (&entry.query, &self.query),
            (&entry.cookies, &self.cookies),
        ];
        for (conditions, values) in values {
            for condition in conditions {
                if !holds(condition, values, rule.closes())? {
                    return Some(false);
                }
            }
        }
        let inner = rule.inside_not();
        Some(!any(&entry.not, |it| self.is_like(it, &inner))?)
    }

    fn has_path(&self, pattern: &PathPattern, closes: bool) -> Option<bool> {
        let ends_in_slash = self.path.len() > 1 && self.path.ends_with('/');
        let (segments, below, slash) = match pattern {
            PathPattern::Regex(regex) => {
                let other = match self.path.strip_suffix('/') {
                    Some("") => self.path.clone(),
                    Some(shorter) => shorter.to_owned(),
                    None => format!("{}/", self.path),
                };
                let also = closes && full_match(regex, &other, true)?;
                return Some(full_match(regex, &self.path, closes)? || also);
            }
            PathPattern::Segments {
                segments,
                below,
                slash,
            } => (segments, *below, *slash),
        };
        let parts: Vec<&str> = self.path[1..].split('/').collect();
        let fits = segments.len() <= parts.len()
            && segments
                .iter()
                .zip(&parts)
                .all(|(segment, part)| match segment {
                    Segment::One => !part.is_empty(),
                    Segment::Literal(text) if closes => folded(text) == part.to_ascii_lowercase(),
                    Segment::Literal(text) => text == part,
                });
        let is_root = self.path == "/";
        let end = match (segments.len(), below) {
            (_, true) => true,
            (0, false) => is_root,
            (count, false) if ends_in_slash => parts.len() == count + 1 && (slash || closes),
            (count, false) => parts.len() == count && !is_root && (!slash || closes),
        };
        Some(fits && end)
    }
}

/// A literal segment as what closes compares it, where a path has no escapes.
fn folded(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let escaped = rest.get(1..3).filter(|_| first == '%');
        let byte = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(byte.map_or(first, char::from));
        rest = &rest[if byte.is_some() { 3 } else { first.len_utf8() }..];
    }
    out.to_ascii_lowercase()
}

/// Whether a test holds of any; `None` where it holds of none and is open for some.
fn any<T>(all: &[T], test: impl Fn(&T) -> Option<bool>) -> Option<bool> {
    let mut found = Some(false);
    for one in all {
        match test(one) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => found = None,
        }
    }
    found
}

fn holds(condition: &NamedValue, values: &[NamedValue], closes: bool) -> Option<bool> {
    let value = values.iter().find(|it| it.name == condition.name);
    let Some(value) = value else {
        return Some(condition.value == ValueMatch::Absent);
    };
    match (&condition.value, &value.value) {
        (ValueMatch::Regex(regex), ValueMatch::Exact(text)) => full_match(regex, text, closes),
        (test, ValueMatch::Exact(text)) => value::takes(test, text),
        _ => None,
    }
}

/// Values that meet some conditions, of those that may stand anywhere.
fn exact(conditions: &[NamedValue]) -> Option<Vec<NamedValue>> {
    let mut values = vec![];
    for condition in conditions {
        let text = match &condition.value {
            ValueMatch::Absent => continue,
            ValueMatch::Exact(text) => text.clone(),
            ValueMatch::Prefix(text) => format!("{text}{UNUSUAL}"),
            ValueMatch::Suffix(text) => format!("{UNUSUAL}{text}"),
            ValueMatch::In(texts) => texts.first()?.clone(),
            ValueMatch::Present => UNUSUAL.to_owned(),
            ValueMatch::Regex(regex) => sample(regex)?,
        };
        let may_stand = |byte: u8| byte.is_ascii_graphic() && byte != b';' || byte == b' ';
        if text.trim() != text || !text.bytes().all(may_stand) {
            return None;
        }
        values.push(NamedValue {
            name: condition.name.clone(),
            value: ValueMatch::Exact(text),
        });
    }
    Some(values)
}

/// Paths of an entry, one of each pattern.
fn paths(entry: &RequestMatch) -> Vec<String> {
    if entry.paths.is_empty() {
        return vec![format!("/{UNUSUAL}/{UNUSUAL}/{UNUSUAL}")];
    }
    let path = |pattern: &PathPattern| {
        let (segments, below, slash) = match pattern {
            PathPattern::Regex(regex) => return sample(regex).filter(|it| is_plain(it)),
            PathPattern::Segments {
                segments,
                below,
                slash,
            } => (segments, *below, *slash),
        };
        let mut path = String::new();
        for segment in segments {
            path.push('/');
            match segment {
                Segment::One => path.push_str(UNUSUAL),
                Segment::Literal(text) if text.contains('%') => return None,
                Segment::Literal(text) => path.push_str(text),
            }
        }
        if below {
            path.push_str("/zz.q/zz.q");
        } else if slash || segments.is_empty() {
            path.push('/');
        }
        Some(path)
    };
    entry.paths.iter().filter_map(path).take(MOST).collect()
}

/// Whether a path is one that all readers read alike.
fn is_plain(path: &str) -> bool {
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_~:@!,=".contains(&byte);
    path.starts_with('/') && !path.contains("//") && path.bytes().all(usual)
}

/// A host of a target.
fn host(hosts: &[HostPattern]) -> String {
    match hosts.first() {
        Some(HostPattern::Exact(host)) => host.to_string(),
        Some(HostPattern::Below(base)) => format!("{UNUSUAL}.{base}"),
        None => UNUSUAL.to_owned(),
    }
}

/// Callers of a rule, one of each entry.
fn callers(rule: &Rule<'_>, side: Side) -> Vec<(SpiffeId, Option<IpAddr>)> {
    let own = rule.trust_domain.as_str();
    let unusual = |domain: &str| SpiffeId::parse(&format!("spiffe://{domain}/zz-q/zz-q/zz-q")).ok();
    let of_namespace =
        |name: &Name| SpiffeId::workload(rule.trust_domain, name.as_str(), "zz-q").ok();
    let has_address = side.is_callee();
    let far = has_address.then_some(IpAddr::V4(Ipv4Addr::new(198, 18, 77, 77)));
    if rule.from.is_empty() {
        return unusual(own).map(|id| (id, far)).into_iter().collect();
    }
    let caller = |entry: &CallerMatch| {
        let identity = match &entry.who {
            Who::Service { identities, .. } | Who::Gateway { identities, .. } => {
                identities.first().cloned()
            }
            Who::Namespace(name) => of_namespace(name),
            Who::Identity(pattern) => Some(pattern.example()),
            Who::Authenticated => unusual(own),
            Who::Anyone => unusual("zz-q"),
        };
        let near = entry.cidr.first().map(|net| net.addr().to_canonical());
        Some((identity?, near.filter(|_| has_address).or(far)))
    };
    rule.from.iter().filter_map(caller).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use mesh_ir::TrustDomain;

    use super::*;
    use crate::algebra::Mode;

    fn is_in(one: &[&str], other: &[&str], mode: Mode) -> Vec<Option<bool>> {
        let domain = TrustDomain::parse("a").unwrap();
        let entry = |paths: &[&str]| RequestMatch {
            paths: paths
                .iter()
                .map(|it| PathPattern::parse(it).unwrap())
                .collect(),
            ..RequestMatch::default()
        };
        let (one, other) = ([entry(one)], [entry(other)]);
        let rule = |matches, mode| Rule {
            from: &[],
            hosts: &[],
            matches,
            mode,
            trust_domain: &domain,
        };
        let points = Point::of(&rule(&one, Mode::Plain), Side::Caller);
        let other = rule(&other, mode);
        points.iter().map(|point| point.is_in(&other)).collect()
    }

    #[test]
    fn a_point_of_each_path_is_looked_for_in_the_other_rule() {
        let plain = Mode::Plain;
        assert_eq!(
            is_in(&["/a", "/b/**"], &["/a/**"], plain),
            [Some(true), Some(false)]
        );
        assert_eq!(is_in(&["/a/*"], &["/a/b"], plain), [Some(false)]);
        assert_eq!(is_in(&["/"], &["/**"], plain), [Some(true)]);
        assert_eq!(is_in(&["/A/"], &["/a"], plain), [Some(false)]);
        assert_eq!(is_in(&["/A/"], &["/a"], Mode::Deny), [Some(true)]);
    }
}
