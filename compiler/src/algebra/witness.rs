use std::fmt;
use std::net::IpAddr;

use mesh_ir::{ObjectRef, SpiffeId};
use serde_json::{Map, Value};

/// One request of a set, in the bytes in which it would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Witness {
    /// What the caller's certificate proves.
    pub(crate) identity: Option<SpiffeId>,
    /// The socket peer; `None` on the caller's side, where nothing looks at it.
    pub(crate) address: Option<IpAddr>,
    /// The method token.
    pub(crate) method: String,
    /// In canonical form.
    pub(crate) host: String,
    /// Path and query.
    pub(crate) target: String,
    /// Beside `host`; names in lower case.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    /// The claims of each valid token, by issuer.
    pub(crate) tokens: Vec<(ObjectRef, Map<String, Value>)>,
}

/// `GET /reviews/x?debug=1 with end-user: jason`.
impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.target)?;
        for (index, (name, value)) in self.headers.iter().enumerate() {
            let between = if index == 0 { " with " } else { ", " };
            write!(f, "{between}{name}: {}", String::from_utf8_lossy(value))?;
        }
        Ok(())
    }
}
