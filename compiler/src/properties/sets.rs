use crate::algebra::tests;

/// Bytes that choose two rules and some requests: the sets of the rules are those that
/// `mesh-decide` decides, laws of sets hold, and witnesses are where they should be.
pub fn sets(bytes: &[u8]) {
    tests::sets(bytes);
}
