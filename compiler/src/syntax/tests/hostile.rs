//! Files that want to crash, hang or fill a reader. Each ends with a diagnostic, and
//! with an amount of them that does not grow with the file.

use std::fmt::Write as _;

use crate::syntax::report::MAX_FINDINGS;
use crate::syntax::testing::parsed;

const MIB: usize = 1 << 20;
const HEAD: &str =
    "apiVersion: meshwright.dev/v1\nkind: Team\nmetadata: {name: a}\nspec:\n  contact: ";

/// A document whose `contact` is this.
fn contact(value: &str) -> Vec<u8> {
    format!("{HEAD}{value}\n").into_bytes()
}

fn repeat(front: &str, part: &str, times: usize, back: &str) -> Vec<u8> {
    format!("{front}{}{back}", part.repeat(times)).into_bytes()
}

fn alias_bomb() -> Vec<u8> {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..40 {
        let below = level - 1;
        let aliases = vec![format!("*a{below}"); 9].join(", ");
        writeln!(text, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    text.into_bytes()
}

fn many_keys(count: usize) -> Vec<u8> {
    let mut text = String::new();
    for key in 0..count {
        writeln!(text, "key{key}: v").unwrap();
    }
    text.into_bytes()
}

fn staircase(levels: usize) -> Vec<u8> {
    let mut text = String::new();
    for level in 0..levels {
        writeln!(text, "{}a:", " ".repeat(level)).unwrap();
    }
    text.into_bytes()
}

fn utf16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xFF, 0xFE].into_iter().chain(units).collect()
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

/// Files that are wrong below the level of YAML.
fn bytes() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("noise", noise(MIB)),
        ("zeros", vec![0; MIB]),
        ("NUL in a text", contact("a\0b")),
        ("invalid UTF-8", vec![0xFF; 1000]),
        ("cut UTF-8", b"a: \xE2\x82".to_vec()),
        ("overlong UTF-8", b"a: \xC0\xAF".to_vec()),
        ("surrogates in UTF-8", b"a: \xED\xA0\x80".to_vec()),
        ("UTF-16", utf16("apiVersion: meshwright.dev/v1\n")),
        ("UTF-16, big end first", b"\xFE\xFF\0a\0:".to_vec()),
        ("UTF-32", b"\0\0\xFE\xFF\0\0\0a".to_vec()),
        ("byte order mark", b"\xEF\xBB\xBFa: b".to_vec()),
        (
            "two byte order marks",
            b"\xEF\xBB\xBF\xEF\xBB\xBFa: b".to_vec(),
        ),
        ("carriage returns only", b"a: b\rc: d\r".to_vec()),
        ("line separators", "a: b\u{2028}c: d".into()),
        ("reversed text", contact("\u{202E}txet")),
        ("escape sequences", contact("\x1B[31mred")),
        ("an executable", b"\x7FELF\x02\x01\x01\0\0\0\0\0".to_vec()),
        ("gzip", b"\x1F\x8B\x08\0\0\0\0\0\0\x03".to_vec()),
        ("over every size", vec![b' '; (16 << 20) + 1]),
    ]
}

/// Files that are hard for readers of YAML.
fn yaml() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("an alias bomb", alias_bomb()),
        ("an alias of itself", b"a: &a [*a]".to_vec()),
        ("merge keys", repeat("a:\n", "  <<: {b: c}\n", 5000, "")),
        ("deep lists", repeat("a: ", "[", 100_000, "")),
        (
            "deep lists, closed",
            repeat("a: ", "[", 100_000, &"]".repeat(100_000)),
        ),
        ("deep mappings", repeat("", "{a: ", 100_000, "")),
        ("deep keys", repeat("", "? ", 100_000, "")),
        ("deep block lists", repeat("", "- ", 100_000, "a")),
        ("a staircase", staircase(1000)),
        ("a long scalar", contact(&format!("[{}]", "a".repeat(MIB)))),
        (
            "a long quoted scalar",
            contact(&format!("[\"{}\"]", "é".repeat(MIB / 2))),
        ),
        (
            "a scalar of many lines",
            repeat(HEAD, "  a\n", MIB / 4, "  : b: c"),
        ),
        (
            "a block scalar that never ends",
            repeat("a: |\n", "  b\n", MIB / 4, "c: d: e"),
        ),
        ("an overlong key", repeat("", "k", MIB, ": v")),
        ("an overlong quoted key", repeat("\"", "k", MIB, "\": v")),
        ("many keys", many_keys(200_000)),
        ("many unknown keys", many_keys(9000)),
        ("equal keys", repeat("", "a: b\n", 100_000, "")),
        ("many entries", repeat("a: [", "b, ", 300_000, "c]")),
        ("many nulls", repeat("a: [", "~, ", 9000, "~]")),
        ("many documents", repeat("", "---\na\n", 10_000, "")),
        ("many ended documents", repeat("", "a\n...\n", 10_000, "")),
        ("many broken documents", repeat("", "---\n[\n", 10_000, "")),
        ("an unterminated quote", repeat("a: \"", "b\n", MIB / 2, "")),
        (
            "an unterminated apostrophe",
            repeat("a: '", "b\n", MIB / 2, ""),
        ),
        ("unterminated braces", b"a: {b: {c: {".to_vec()),
        ("closing brackets", repeat("", "]", 100_000, "")),
        ("tabs", repeat("a:\n", "\tb: c\n", 1000, "")),
        ("colons", repeat("", ": ", 100_000, "")),
        ("question marks", repeat("", "?\n", 100_000, "")),
        ("dashes", repeat("", "-\n", 9000, "")),
        ("anchors", repeat("a: [", "&a b, ", 9000, "c]")),
        ("tags", repeat("a: [", "!!str b, ", 9000, "c]")),
        ("a tag without end", repeat("a: !<", "b", MIB, "")),
        (
            "directives",
            repeat("", "%TAG ! tag:a,2000:\n", 1000, "---\na: b\n"),
        ),
        ("a huge number", contact(&format!("[{}]", "9".repeat(MIB)))),
        ("a huge escape", contact("\"\\UFFFFFFFF\"")),
        ("comments", repeat("a: b: c", " # d\n", 100_000, "")),
        ("emoji", repeat("", "🦀: 🐟\n", 5000, "")),
        (
            "blanks",
            repeat("a:\n", "          \n", MIB / 11, "b: c: d"),
        ),
    ]
}

#[test]
fn every_hostile_file_ends_with_a_bounded_number_of_diagnostics() {
    let files: Vec<_> = bytes().into_iter().chain(yaml()).collect();
    assert!(files.len() >= 40);
    for (name, content) in files {
        let (parsed, _) = parsed(&content);
        let findings = parsed.diagnostics.len();
        assert!(findings > 0, "{name} has a finding");
        assert!(
            findings <= MAX_FINDINGS + 1,
            "{name} has {findings} findings"
        );
        assert!(parsed.documents.is_empty(), "{name} gives no document");
        for finding in &parsed.diagnostics {
            let length = finding.message.chars().count();
            assert!(length <= 80, "{name}: {}", finding.message);
        }
    }
}
