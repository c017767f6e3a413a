use regex::bytes::RegexBuilder;

/// Whether a regex of the language covers the whole of a text; `None` where it
/// does not compile.
pub(crate) fn full_match(pattern: &str, text: &str) -> Option<bool> {
    let regex = RegexBuilder::new(&format!(r"\A(?:{pattern})\z"))
        .unicode(false)
        .size_limit(1 << 20)
        .build()
        .ok()?;
    Some(regex.is_match(text.as_bytes()))
}
