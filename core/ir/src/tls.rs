use std::fmt;

use crate::Name;

/// Whether a port takes callers without mutual TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum MtlsMode {
    /// Every caller proves an identity.
    #[default]
    Strict,
    /// Plain text too, for a while; needs an exception.
    Permissive,
}

impl MtlsMode {
    /// The word of the language.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Permissive => "permissive",
        }
    }
}

impl fmt::Display for MtlsMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is shown to the other side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certificate {
    /// A secret of the object's namespace on Kubernetes.
    Secret(Name),
    /// PEM files of the machine that the proxy runs on.
    Files {
        /// The leaf first.
        chain: String,
        /// Its key.
        key: String,
    },
    /// The workload's own SPIFFE certificate.
    Mesh,
}

/// The oldest version that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum TlsVersion {
    /// TLS 1.2.
    #[default]
    Tls12,
    /// TLS 1.3.
    Tls13,
}
