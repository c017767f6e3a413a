/// `region/zone`.
pub(super) fn zone(text: &str) -> Result<String, &'static str> {
    match text.split_once('/') {
        Some((region, zone)) if is_part(region) && is_part(zone) => Ok(text.to_owned()),
        _ => Err("write it as `region/zone`"),
    }
}

/// `region` or `region/zone`.
pub(super) fn region(text: &str) -> Result<String, &'static str> {
    if is_part(text) {
        return Ok(text.to_owned());
    }
    zone(text).map_err(|_| "write it as `region` or `region/zone`")
}

fn is_part(part: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    !part.is_empty() && part.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_lies_in_a_region() {
        assert!(zone("eu/eu-a").is_ok() && region("eu/eu-a").is_ok() && region("eu").is_ok());
        for text in ["", "/", "eu/", "/a", "a/b/c", "a b", "é"] {
            assert!(zone(text).is_err() && region(text).is_err(), "{text}");
        }
        assert!(zone("eu").is_err());
    }
}
