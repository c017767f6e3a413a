use std::collections::BTreeSet;

use super::super::bits::Bits;

/// Methods shown for any that no rule names.
const USUAL: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];

/// The methods that rules name, `OPTIONS`, `HEAD`, and one that stands for all others,
/// whose place comes second.
pub(in super::super) fn classes<'a>(named: impl Iterator<Item = &'a str>) -> (Vec<String>, usize) {
    let named: BTreeSet<&str> = named
        .filter(|name| *name != "CONNECT")
        .chain(["HEAD", "OPTIONS"])
        .collect();
    let other = USUAL.into_iter().find(|name| !named.contains(name));
    let mut other = other.unwrap_or("X").to_owned();
    while named.contains(other.as_str()) {
        other.push('X');
    }
    let mut methods: Vec<String> = named.into_iter().map(str::to_owned).collect();
    methods.push(other.clone());
    // What is shown first is what is usual.
    methods.sort_by_key(|method| USUAL.iter().position(|usual| usual == method).unwrap_or(7));
    let place = methods.iter().position(|method| *method == other);
    (methods, place.expect("it was put in"))
}

/// The methods among some classes that a list takes; `GET` includes `HEAD`.
pub(in super::super) fn taken(methods: &[String], list: &[String]) -> Bits {
    let mut bits = Bits::none(methods.len());
    for (class, method) in methods.iter().enumerate() {
        let takes = |it: &String| it == method || (it == "GET" && method == "HEAD");
        if list.is_empty() || list.iter().any(takes) {
            bits.insert(class);
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_method_stands_for_all_that_no_rule_names() {
        assert_eq!(classes([].into_iter()).0, ["GET", "HEAD", "OPTIONS"]);
        let (found, other) = classes(["GET", "CONNECT", "PURGE"].into_iter());
        assert_eq!(other, 1);
        assert_eq!(found, ["GET", "POST", "HEAD", "OPTIONS", "PURGE"]);
        let get = taken(&found, &["GET".to_owned()]);
        assert!(get.has(0) && !get.has(1) && get.has(2));
    }
}
