use crate::syntax::kinds::words;
use crate::syntax::read::{Meaning, meaning};
use crate::syntax::testing::SHAPES;

#[test]
fn no_field_of_the_language_is_a_scalar_that_readers_take_differently() {
    for shape in SHAPES {
        for field in shape.fields {
            assert_eq!(meaning(field), Meaning::Text, "{field}");
        }
    }
}

#[test]
fn no_word_of_the_language_is_a_scalar_that_readers_take_differently() {
    let words = words();
    assert!(words.len() > 90, "{words:?}");
    for word in words {
        assert_eq!(meaning(word), Meaning::Text, "{word}");
    }
}

#[test]
fn no_mapping_has_a_field_twice() {
    for shape in SHAPES {
        let mut fields = shape.fields.to_vec();
        fields.sort_unstable();
        fields.dedup();
        assert_eq!(fields.len(), shape.fields.len(), "{}", shape.what);
    }
}
