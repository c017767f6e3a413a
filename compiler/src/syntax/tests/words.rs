use crate::syntax::read::{Meaning, meaning};
use crate::syntax::testing::SHAPES;

#[test]
fn no_field_of_the_language_is_a_scalar_that_readers_take_differently() {
    for shape in SHAPES {
        for field in shape.fields.iter().chain(shape.later) {
            assert_eq!(meaning(field), Meaning::Text, "{field}");
        }
    }
}

#[test]
fn no_word_of_the_language_is_a_scalar_that_readers_take_differently() {
    let words = [
        "none",
        "allow",
        "deny",
        "strict",
        "permissive",
        "access",
        "team",
        "timeout",
        "proxy",
        "fleet",
        "namespace",
        "mesh",
        "refuse",
        "judge",
        "caller",
        "address",
        "http",
        "https",
        "http2",
        "grpc",
        "tcp",
        "tls",
        "round-robin",
        "random",
        "least-request",
        "5xx",
    ];
    for word in words.iter().chain(&crate::syntax::values::RETRY_WORDS) {
        assert_eq!(meaning(word), Meaning::Text, "{word}");
    }
}

#[test]
fn a_field_is_supported_or_comes_later_never_both() {
    for shape in SHAPES {
        for field in shape.later {
            assert!(!shape.fields.contains(field), "{field} of {}", shape.what);
        }
    }
}
