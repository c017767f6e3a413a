/// A service in [`crate::Tables`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceIndex(pub(crate) u32);

/// A port in the `ports` of its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortIndex(pub(crate) u32);

/// A version in the `versions` of its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionIndex(pub(crate) u32);

/// A port of a served service: what an inbound listener enforces.
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
    LimitIndex
);
