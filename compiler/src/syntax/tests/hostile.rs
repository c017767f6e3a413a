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

/// A document of a kind with a namespace.
fn object(kind: &str, spec: &str) -> Vec<u8> {
    let head = "apiVersion: meshwright.dev/v1\nmetadata: {name: a, namespace: b}\nkind: ";
    format!("{head}{kind}\nspec: {spec}\n").into_bytes()
}

/// A document of a kind that lies in no namespace.
fn global(kind: &str, spec: &str) -> Vec<u8> {
    let head = "apiVersion: meshwright.dev/v1\nmetadata: {name: a}\nkind: ";
    format!("{head}{kind}\nspec: {spec}\n").into_bytes()
}

/// A case of a `PolicyTest` with such a request.
fn test_of(request: &str) -> Vec<u8> {
    let case = format!(
        "{{name: a, from: {{anyone: true}}, request: {request}, expect: {{forward: {{}}}}}}"
    );
    object("PolicyTest", &format!("{{cases: [{case}]}}"))
}

/// Environments and rollouts whose values want more than they may have.
fn overlays() -> Vec<(&'static str, Vec<u8>)> {
    let nested = |open: &str, close: &str| format!("{}a{}", open.repeat(70), close.repeat(70));
    let long = "9".repeat(MIB);
    let patch = "{target: {kind: Mesh, name: a}, merge: ";
    let wave = |text: &str| global("Rollout", &format!("{{waves: [{text}]}}"));
    let segments = "a/".repeat(MIB / 2);
    vec![
        (
            "a deep merge",
            global(
                "Environment",
                &format!("{{patches: [{patch}{}}}]}}", nested("{a: ", "}")),
            ),
        ),
        (
            "a merge of null",
            global(
                "Environment",
                &format!("{{patches: [{patch}{{a: [~]}}}}]}}"),
            ),
        ),
        (
            "a patch of itself",
            global(
                "Environment",
                "{patches: [{target: {kind: Environment, name: a}, merge: {a: b}}]}",
            ),
        ),
        (
            "a file pattern that leaves",
            global("Environment", "{exclude: [../**]}"),
        ),
        (
            "a long file pattern",
            global("Environment", &format!("{{exclude: ['{segments}']}}")),
        ),
        ("a long percentage", wave(&format!("{{percent: {long}%}}"))),
        ("a long count", wave(&format!("{{count: {long}}}"))),
        ("a share of nothing", wave("{percent: 0.000%}")),
    ]
}

/// Tests, issuers and gateways whose values want more than they may have.
fn edges() -> Vec<(&'static str, Vec<u8>)> {
    let nested = |open: &str, close: &str| format!("{}a{}", open.repeat(70), close.repeat(70));
    let long = "9".repeat(MIB);
    let url = |text: &str| test_of(&format!("{{url: \"{text}\"}}"));
    vec![
        (
            "deep claims",
            test_of(&format!(
                "{{url: http://a, claims: {}}}",
                nested("{a: ", "}")
            )),
        ),
        (
            "a claim of 65 bits",
            test_of("{url: http://a, claims: {a: 99999999999999999999}}"),
        ),
        (
            "a claim that is a fraction",
            test_of("{url: http://a, claims: {a: 1.5}}"),
        ),
        ("a long port", url(&format!("http://a:{long}/"))),
        ("many colons", url(&format!("http://{}", ":".repeat(MIB)))),
        ("a user in a URL", url("http://user:password@a/")),
        ("an address in a URL", url("http://[::1]/")),
        ("no host", url("https://")),
        (
            "a long pointer",
            object(
                "TokenIssuer",
                &format!("{{claimsToHeaders: {{'{}': x-a}}}}", "/~2".repeat(MIB / 3)),
            ),
        ),
        (
            "keys without TLS",
            object("TokenIssuer", "{keys: {url: 'http://id.example/keys'}}"),
        ),
        (
            "keys of the machine",
            object("TokenIssuer", "{keys: {file: ../../etc/passwd}}"),
        ),
        (
            "no algorithm",
            object("TokenIssuer", "{algorithms: [none]}"),
        ),
        (
            "a shared secret",
            object("TokenIssuer", "{algorithms: [HS256]}"),
        ),
        (
            "many listeners",
            object(
                "Gateway",
                &format!("{{listeners: [{}]}}", "{port: 0}, ".repeat(9000)),
            ),
        ),
    ]
}

/// Services and routes whose values want more than they may have.
fn services() -> Vec<(&'static str, Vec<u8>)> {
    let balancing = |text: &str| object("Service", &format!("{{loadBalancing: {text}}}"));
    let route = |text: &str| object("Route", &format!("{{service: a, rules: [{text}]}}"));
    vec![
        (
            "weights that add up to nothing",
            balancing("{locality: {weights: {zone: 0}}}"),
        ),
        (
            "a failover that goes near",
            balancing("{locality: {failover: [region, zone]}}"),
        ),
        (
            "equal words",
            balancing(&format!(
                "{{locality: {{failover: [{}zone]}}}}",
                "zone, ".repeat(9000)
            )),
        ),
        (
            "cookies for everybody",
            route("{cors: {origins: ['*'], credentials: true}}"),
        ),
        (
            "an origin with a path",
            route("{cors: {origins: ['https://a/b']}}"),
        ),
        (
            "a fault that never ends",
            route("{fault: {delay: {for: none}}}"),
        ),
        (
            "a header of the mesh",
            route("{headers: {request: {set: {x-mesh-reason: a}}}}"),
        ),
        (
            "a split header",
            route("{headers: {request: {set: {a: \"b\\r\\nc: d\"}}}}"),
        ),
        (
            "a mirror without end",
            route(&format!("{{mirror: [{}]}}", "{}, ".repeat(9000))),
        ),
        (
            "a probe of everything",
            object("Service", "{probes: {http: [/**]}}"),
        ),
    ]
}

#[test]
fn every_hostile_file_ends_with_a_bounded_number_of_diagnostics() {
    let files: Vec<_> = [bytes(), yaml(), overlays(), edges(), services()].concat();
    assert!(files.len() >= 80);
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
