//! `mesh-ir` to messages and back.
//!
//! Both directions take their argument apart completely, so that a field added on
//! either side does not build until it is carried. Decoding refuses what it does
//! not understand; see [`InvalidMember`].

mod balancing;
mod enumeration;
mod external;
mod facts;
mod forward;
mod gateway;
mod matching;
mod names;
mod policy;
mod retry;
mod route;
mod service;
mod settings;
mod telemetry;
mod token;

use std::fmt::Display;

use bytes::Bytes;

use crate::invalid::InvalidMember;

/// A message that stands for a type of the IR.
pub(crate) trait Wire: Sized {
    /// That type.
    type Ir;

    /// The one message for a value.
    fn encode(ir: &Self::Ir) -> Self;

    /// The value of a message.
    fn decode(self) -> Result<Self::Ir, InvalidMember>;
}

/// Reads bytes as a message and the message as a value.
pub(crate) fn read<W: Wire + prost::Message + Default>(
    bytes: &[u8],
) -> Result<W::Ir, InvalidMember> {
    let message = <W as prost::Message>::decode(bytes)
        .map_err(|error| InvalidMember::Unreadable(error.to_string()))?;
    Wire::decode(message)
}

/// The bytes of a value.
pub(crate) fn write<W: Wire + prost::Message>(ir: &W::Ir) -> Bytes {
    <W as Wire>::encode(ir).encode_to_vec().into()
}

fn encode_all<W: Wire>(values: &[W::Ir]) -> Vec<W> {
    values.iter().map(W::encode).collect()
}

fn decode_all<W: Wire>(messages: Vec<W>) -> Result<Vec<W::Ir>, InvalidMember> {
    messages.into_iter().map(W::decode).collect()
}

fn required<W: Wire>(message: Option<W>, field: &'static str) -> Result<W::Ir, InvalidMember> {
    W::decode(message.ok_or(InvalidMember::Missing(field))?)
}

fn optional<W: Wire>(message: Option<W>) -> Result<Option<W::Ir>, InvalidMember> {
    message.map(W::decode).transpose()
}

fn text<T, E: Display>(
    field: &'static str,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, InvalidMember> {
    parse(text).map_err(|error| InvalidMember::Text {
        field,
        text: text.to_owned(),
        reason: error.to_string(),
    })
}

fn texts<T, E: Display>(
    field: &'static str,
    values: &[String],
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, InvalidMember> {
    values
        .iter()
        .map(|value| text(field, value, &parse))
        .collect()
}

fn print_all<T: Display>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn narrow<T: TryFrom<u32>>(field: &'static str, value: u32) -> Result<T, InvalidMember> {
    T::try_from(value).map_err(|_| InvalidMember::OutOfRange {
        field,
        value: value.into(),
    })
}

fn unknown(field: &'static str, value: i32) -> InvalidMember {
    InvalidMember::Unknown { field, value }
}
