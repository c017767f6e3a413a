use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;

/// An enumeration of the IR that is a number on the wire.
pub(super) trait Enumeration: Copy {
    /// Its number.
    fn number(self) -> i32;

    /// What a number stands for; zero and what is not known stand for nothing.
    fn of(field: &'static str, number: i32) -> Result<Self, InvalidMember>;
}

/// Both sides call their variants alike; each is named here once, and a new one on
/// either side does not build until it is.
macro_rules! enumeration {
    ($name:ident: $($variant:ident)+) => {
        impl Enumeration for mesh_ir::$name {
            fn number(self) -> i32 {
                match self {
                    $(Self::$variant => proto::$name::$variant,)+
                }
                .into()
            }

            fn of(field: &'static str, number: i32) -> Result<Self, InvalidMember> {
                match proto::$name::try_from(number) {
                    $(Ok(proto::$name::$variant) => Ok(Self::$variant),)+
                    Ok(proto::$name::Unspecified) | Err(_) => {
                        Err(InvalidMember::Unknown { field, value: number })
                    }
                }
            }
        }
    };
}

enumeration!(AuthorizerProtocol: Grpc Http);
enumeration!(DefaultAccess: Allow Deny);
enumeration!(EncodedSlash: Refuse Judge);
enumeration!(LimitScope: Proxy Fleet);
enumeration!(LoadBalancing: RoundRobin Random LeastRequest Ewma RingHash Maglev OriginalDestination);
enumeration!(LogExporter: Stdout Otlp);
enumeration!(LogFormat: Json Text);
enumeration!(MtlsMode: Strict Permissive);
enumeration!(Near: Zone Region);
enumeration!(OnFailure: Deny Allow);
enumeration!(Protocol: Http Http2 Grpc Tcp Tls);
enumeration!(TlsVersion: Tls12 Tls13);
enumeration!(TokenAlgorithm: Rs256 Rs384 Rs512 Ps256 Ps384 Ps512 Es256 Es384 EdDsa);
