use mesh_ir::{
    CallerMatch, Name, NamedValue, PathPattern, RequestMatch, Segment, SpiffeId, ValueMatch, Who,
};

use super::pattern::full_match;
use super::value;
use crate::algebra::Rule;

/// What no rule is likely to name.
const UNUSUAL: &str = "zz.q";
/// The most points of one rule.
const MOST: usize = 8;

/// One request, plain enough that every mode reads it alike but for case: its path
/// has no repeated slash, parameter or escape, and a name has one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Point {
    identity: Option<SpiffeId>,
    method: String,
    path: String,
    headers: Vec<NamedValue>,
    query: Vec<NamedValue>,
    cookies: Vec<NamedValue>,
}

impl Point {
    /// Requests of a rule, of as many kinds as it plainly has; none where that takes
    /// more than a look.
    pub(crate) fn of(rule: &Rule<'_>) -> Vec<Self> {
        if !rule.hosts.is_empty() {
            return vec![];
        }
        let any = [RequestMatch::default()];
        let entries = if rule.matches.is_empty() {
            &any[..]
        } else {
            rule.matches
        };
        let callers = callers(rule);
        let mut points: Vec<Self> = vec![];
        for entry in entries {
            for path in paths(entry) {
                for identity in &callers {
                    points.extend(Self::at(entry, path.clone(), identity));
                }
            }
        }
        points.retain(|point| point.is_in(rule) == Some(true));
        points.truncate(MOST);
        points
    }

    fn at(entry: &RequestMatch, path: String, identity: &SpiffeId) -> Option<Self> {
        Some(Self {
            identity: Some(identity.clone()),
            method: entry.methods.first().map_or("ZZ", |it| it).to_owned(),
            path,
            headers: exact(&entry.headers)?,
            query: exact(&entry.query)?,
            cookies: exact(&entry.cookies)?,
        })
    }

    /// Whether a rule takes this request; `None` where that takes more than a look.
    pub(crate) fn is_in(&self, rule: &Rule<'_>) -> Option<bool> {
        if !rule.hosts.is_empty() {
            return None;
        }
        let from = rule.from.is_empty() || any(rule.from, |it| self.is_from(it, rule))?;
        Some(from && (rule.matches.is_empty() || any(rule.matches, |it| self.is_like(it, rule))?))
    }

    fn is_from(&self, entry: &CallerMatch, rule: &Rule<'_>) -> Option<bool> {
        let id = self.identity.as_ref()?;
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
        if !who {
            return Some(false);
        }
        let is_plain = entry.cidr.is_empty() && entry.token.is_none();
        let inner = rule.inside_not();
        let not = any(&entry.not, |it| self.is_from(it, &inner))?;
        if not { Some(false) } else { is_plain.then_some(true) }
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
        let (segments, below, slash) = match pattern {
            PathPattern::Regex(_) if closes => return None,
            PathPattern::Regex(regex) => return full_match(regex, &self.path),
            PathPattern::Segments {
                segments,
                below,
                slash,
            } => (segments, *below, *slash),
        };
        let mut parts: Vec<&str> = self.path[1..].split('/').collect();
        let ends_in_slash = parts.last() == Some(&"");
        if closes && ends_in_slash {
            parts.pop();
        }
        let is_root = segments.is_empty() && !below;
        let count = segments.len() + usize::from(!closes && (slash || is_root));
        let enough = if below {
            parts.len() >= segments.len()
        } else {
            parts.len() == count
        };
        let same = |text: &str, part: &str| {
            if closes {
                text.eq_ignore_ascii_case(part)
            } else {
                text == part
            }
        };
        let escaped = |segment: &Segment| matches!(segment, Segment::Literal(it) if it.contains('%'));
        if closes && segments.iter().any(escaped) {
            return None;
        }
        let mut pairs = segments.iter().zip(&parts);
        let fits = pairs.all(|(segment, part)| match segment {
            Segment::One => !part.is_empty(),
            Segment::Literal(text) => same(text, part),
        });
        let end = below || closes || count == segments.len() || ends_in_slash;
        Some(enough && fits && end)
    }
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
        (ValueMatch::Regex(_), _) if closes => None,
        (test, ValueMatch::Exact(text)) => value::takes(test, text),
        _ => None,
    }
}

/// Values that meet some conditions.
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
            ValueMatch::Regex(_) => return None,
        };
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
        let PathPattern::Segments {
            segments,
            below,
            slash,
        } = pattern
        else {
            return None;
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
        if *below {
            path.push_str("/zz.q/zz.q");
        } else if *slash || segments.is_empty() {
            path.push('/');
        }
        Some(path)
    };
    entry.paths.iter().filter_map(path).take(MOST).collect()
}

/// Callers of a rule, one of each entry.
fn callers(rule: &Rule<'_>) -> Vec<SpiffeId> {
    let own = rule.trust_domain.as_str();
    let unusual = |domain: &str| SpiffeId::parse(&format!("spiffe://{domain}/zz-q/zz-q/zz-q")).ok();
    let of_namespace = |name: &Name| SpiffeId::workload(rule.trust_domain, name.as_str(), "zz-q").ok();
    if rule.from.is_empty() {
        return unusual(own).into_iter().collect();
    }
    let caller = |entry: &CallerMatch| match &entry.who {
        Who::Service { identities, .. } | Who::Gateway { identities, .. } => {
            identities.first().cloned()
        }
        Who::Namespace(name) => of_namespace(name),
        Who::Identity(pattern) => Some(pattern.example()),
        Who::Authenticated => unusual(own),
        Who::Anyone => unusual("zz-q"),
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
            paths: paths.iter().map(|it| PathPattern::parse(it).unwrap()).collect(),
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
        let points = Point::of(&rule(&one, Mode::Plain));
        let other = rule(&other, mode);
        points.iter().map(|point| point.is_in(&other)).collect()
    }

    #[test]
    fn a_point_of_each_path_is_looked_for_in_the_other_rule() {
        let plain = Mode::Plain;
        assert_eq!(is_in(&["/a", "/b/**"], &["/a/**"], plain), [Some(true), Some(false)]);
        assert_eq!(is_in(&["/a/*"], &["/a/b"], plain), [Some(false)]);
        assert_eq!(is_in(&["/"], &["/**"], plain), [Some(true)]);
        assert_eq!(is_in(&["/A/"], &["/a"], plain), [Some(false)]);
        assert_eq!(is_in(&["/A/"], &["/a"], Mode::Deny), [Some(true)]);
    }
}
