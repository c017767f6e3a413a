/// Why bytes are no member, bundle or fact.
///
/// Everything that a decoder does not understand is here; nothing is skipped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMember {
    /// Not a message of its type.
    #[error("the bytes cannot be read: {0}")]
    Unreadable(String),
    /// A message or a choice that is never left out.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// An enumerator that this version does not know.
    #[error("`{field}` has the unknown value {value}")]
    Unknown {
        /// Which field.
        field: &'static str,
        /// The number on the wire.
        value: i32,
    },
    /// A number that its field cannot hold.
    #[error("`{field}` cannot be {value}")]
    OutOfRange {
        /// Which field.
        field: &'static str,
        /// The number on the wire.
        value: u64,
    },
    /// A text that is no name, identity, address or path.
    #[error("`{field}` cannot be `{text}`: {reason}")]
    Text {
        /// Which field.
        field: &'static str,
        /// The text on the wire.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The resource is called something else than what it says.
    #[error("the resource `{resource}` says that it is `{content}`")]
    Misnamed {
        /// The name on the envelope.
        resource: String,
        /// The name inside.
        content: String,
    },
}
