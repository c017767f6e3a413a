/// A service, external service or gateway in [`crate::Tables`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceIndex(pub(crate) u32);

/// A port in the `ports` of its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortIndex(pub(crate) u32);

/// A version in the `versions` of its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionIndex(pub(crate) u32);

/// What an inbound listener enforces: a port of a served service, a listener of a
/// gateway, or a port of an external service whose access is judged here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InboundPort(pub(crate) u32);

/// A set of header edits in [`crate::Tables`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EditsIndex(pub(crate) u32);

/// A retry policy in [`crate::Tables`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RetryIndex(pub(crate) u32);

/// A written answer in [`crate::Tables`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RespondIndex(pub(crate) u32);

/// A token issuer in [`crate::Tables`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssuerIndex(pub(crate) u32);

/// An authorizer in [`crate::Tables`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthorizerIndex(pub(crate) u32);

/// A limit in [`crate::Tables`] and its buckets in [`crate::State`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LimitIndex(pub(crate) u32);

macro_rules! positions {
    ($($index:ident),*) => {$(
        impl $index {
            /// The position in its list.
            pub fn position(self) -> usize {
                self.0 as usize
            }

            pub(crate) fn at(position: usize) -> Self {
                Self(u32::try_from(position).expect("a snapshot has fewer than 2^32 objects"))
            }
        }
    )*};
}

positions!(
    ServiceIndex,
    PortIndex,
    VersionIndex,
    InboundPort,
    EditsIndex,
    RetryIndex,
    RespondIndex,
    IssuerIndex,
    AuthorizerIndex,
    LimitIndex
);
