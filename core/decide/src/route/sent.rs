use crate::normal::NormalForm;
use crate::path::Target;
use crate::request::Request;

/// What is sent.
#[derive(Clone, Copy)]
pub(super) enum Sent<'a> {
    Request {
        request: &'a Request<'a>,
        form: &'a NormalForm<'a>,
        /// Of the side that the client speaks to.
        scheme: &'static str,
    },
    Connection {
        server_name: Option<&'a str>,
    },
}

impl Sent<'_> {
    /// Of the side that the client speaks to; a connection has none.
    pub(super) fn scheme(&self) -> &'static str {
        match self {
            Self::Request { scheme, .. } => scheme,
            Self::Connection { .. } => "",
        }
    }
}

/// The request as a leg sees it.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) target: Target<'a>,
    pub(super) form: &'a NormalForm<'a>,
    pub(super) scheme: &'static str,
}
