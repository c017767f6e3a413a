use std::fmt::{self, Debug, Write as _};

use mesh_ir::{Name, RuleId};
use sha2::{Digest as _, Sha256};

use crate::syntax::ast::Spanned;

/// The id of an entry: its name, or the first eight hexadecimal digits of the
/// SHA-256 of `content` as it prints itself. The content carries no place, so that
/// moving an entry does not rename it.
pub(super) fn rule_id(name: Option<&Spanned<Name>>, content: &dyn Debug) -> RuleId {
    if let Some(name) = name {
        return RuleId(name.value.as_str().into());
    }
    let mut sink = Sink(Sha256::new());
    write!(sink, "{content:?}").expect("a hash takes every text");
    let digest = sink.0.finalize();
    let mut text = String::with_capacity(8);
    for byte in &digest[..4] {
        write!(text, "{byte:02x}").expect("a string takes every text");
    }
    RuleId(text.into())
}

struct Sink(Sha256);

impl fmt::Write for Sink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_nameless_entry_follows_from_its_content() {
        let id = rule_id(None, &("GET", "/a"));
        assert_eq!(id, rule_id(None, &("GET", "/a")));
        assert_ne!(id, rule_id(None, &("GET", "/b")));
        assert_eq!(id.0.len(), 8);
    }
}
