//! What can be wrong where an environment meets a document: one file per code.

pub(super) mod document_head;
pub(super) mod too_much_text;
pub(super) mod unknown_entry;
pub(super) mod unknown_variable;
