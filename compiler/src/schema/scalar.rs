//! What the scalars of the language look like. Where a pattern says less than the
//! decoder, the test `agreement` lists it.
#![expect(dead_code, reason = "these types are described, never built")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

/// A DNS label that starts with a letter.
#[derive(JsonSchema)]
pub(super) struct Name(#[schemars(length(max = 63), regex(pattern = NAME))] String);

/// As [`Name`], where a key is one.
pub(super) const NAME: &str = "^[a-z]([a-z0-9-]*[a-z0-9])?$";

/// `reviews` (of this namespace) or `reviews.shop`.
#[derive(JsonSchema)]
pub(super) struct Reference(#[schemars(regex(pattern = REFERENCE))] String);

/// As [`Reference`], where a key is one.
pub(super) const REFERENCE: &str =
    r"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z]([a-z0-9-]{0,61}[a-z0-9])?)?$";

/// `reviews.shop`: this document lies in no namespace.
#[derive(JsonSchema)]
pub(super) struct QualifiedReference(
    #[schemars(regex(
        pattern = r"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?\.[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"
    ))]
    String,
);

/// A host in lower case, without port or trailing dot.
#[derive(JsonSchema)]
pub(super) struct Host(
    #[schemars(
        length(max = 253),
        regex(
            pattern = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$"
        )
    )]
    String,
);

/// A host, or `*.` and a host: one or more labels before it.
#[derive(JsonSchema)]
pub(super) struct HostPattern(
    #[schemars(
        length(max = 255),
        regex(
            pattern = r"^(\*\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$"
        )
    )]
    String,
);

/// `250ms`, `2s`, `1m30s`; not 0.
#[derive(JsonSchema)]
pub(super) struct Duration(
    #[schemars(regex(pattern = "^(?=.*[1-9])([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$"))] String,
);

/// `250ms`, `2s`, `1m30s`, or `none` for no bound.
#[derive(JsonSchema)]
pub(super) struct Bound(
    #[schemars(regex(pattern = "^(none|(?=.*[1-9])([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$"))]
    String,
);

/// `10%`, `0.1%`: at most three decimals.
#[derive(JsonSchema)]
pub(super) struct Percent(
    #[schemars(regex(pattern = r"^0*(100(\.0{1,3})?|[0-9]{1,2}(\.[0-9]{1,3})?)%$"))] String,
);

/// A percentage above 0 %.
#[derive(JsonSchema)]
pub(super) struct SomePercent(
    #[schemars(regex(pattern = r"^(?=.*[1-9])0*(100(\.0{1,3})?|[0-9]{1,2}(\.[0-9]{1,3})?)%$"))]
    String,
);

/// A percentage that may be above 100 %.
#[derive(JsonSchema)]
pub(super) struct Growth(
    #[schemars(regex(pattern = r"^0*(10000(\.0{1,3})?|[0-9]{1,4}(\.[0-9]{1,3})?)%$"))] String,
);

/// `512B`, `64KiB`, `16MiB`, `1GiB`; not 0.
#[derive(JsonSchema)]
pub(super) struct Size(#[schemars(regex(pattern = "^0*[1-9][0-9]*(B|KiB|MiB|GiB)$"))] String);

/// `100/s`, `6000/m`, `10/h`; not 0.
#[derive(JsonSchema)]
pub(super) struct Rate(
    #[schemars(regex(pattern = "^0*([1-9][0-9]{0,8}|1000000000)/[smh]$"))] String,
);

/// `2027-01-31` (that day included, UTC) or RFC 3339.
#[derive(JsonSchema)]
pub(super) struct Date(
    #[schemars(regex(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].+)?$"))] String,
);

/// Text that is not empty.
#[derive(JsonSchema)]
pub(super) struct Text(#[schemars(regex(pattern = r"\S"))] String);

/// A port: 1 to 65535.
#[derive(JsonSchema)]
pub(super) struct PortNumber(#[schemars(range(min = 1, max = 65535))] u16);

/// `true`, or left out.
#[derive(JsonSchema)]
pub(super) struct OnlyTrue(#[schemars(extend("const" = true))] bool);

/// What requests are told apart by: `caller`, `address`, `header:NAME`, `query:NAME`, `cookie:NAME`, `claim:NAME`, `$1` to `$9`.
#[derive(JsonSchema)]
pub(super) struct Key(
    #[schemars(regex(
        pattern = r"^(caller|address|(header|cookie):[!#$%&'*+.^_`|~0-9A-Za-z-]+|query:[\s\S]+|claim:([^/][\s\S]*|(/([^/~]|~[01])+)+)|\$[1-9])$"
    ))]
    String,
);

/// A claim: a top-level name, or a JSON pointer with a leading slash.
pub(super) const CLAIM: &str = r"^([^/][\s\S]*|(/([^/~]|~[01])+)+)$";

/// A token of RFC 9110: the name of a header or cookie.
pub(super) const TOKEN: &str = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";

/// The name of a cookie.
#[derive(JsonSchema)]
pub(super) struct Cookie(#[schemars(regex(pattern = TOKEN))] String);

/// The name of a header; case does not count.
#[derive(JsonSchema)]
pub(super) struct Header(#[schemars(regex(pattern = TOKEN))] String);

/// The value of a header: visible ASCII and spaces, none at either end.
#[derive(JsonSchema)]
pub(super) struct HeaderValue(#[schemars(regex(pattern = r"^([!-~]([\t -~]*[!-~])?)?$"))] String);

/// A method in capitals.
#[derive(JsonSchema)]
pub(super) struct Method(
    #[schemars(regex(pattern = r"^(?!CONNECT$)[!#$%&'*+.^_`|~0-9A-Z-]+$"))] String,
);

/// `10.0.0.7` or `fd00::7`.
#[derive(JsonSchema)]
pub(super) struct Address(#[schemars(regex(pattern = "^[0-9a-fA-F.:]+$"))] String);

/// `10.8.0.0/16` or `fd00::/8`.
#[derive(JsonSchema)]
pub(super) struct Cidr(#[schemars(regex(pattern = "^[0-9a-fA-F.:]+/[0-9]{1,3}$"))] String);

/// `region/zone`.
#[derive(JsonSchema)]
pub(super) struct Zone(#[schemars(regex(pattern = "^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$"))] String);

/// `region` or `region/zone`.
#[derive(JsonSchema)]
pub(super) struct Region(
    #[schemars(regex(pattern = "^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?$"))] String,
);

/// A SPIFFE ID; `*` is one whole segment.
#[derive(JsonSchema)]
pub(super) struct Identity(
    #[schemars(regex(pattern = "^spiffe://"))]
    String,
);

/// Labels or annotations: they carry no meaning.
pub(super) type Texts = BTreeMap<String, String>;

/// What a document is called.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Metadata {
    /// With kind and namespace, unique in the repository.
    name: Name,
    /// Where it lives; whose team owns it.
    namespace: Name,
    /// They carry no meaning.
    labels: Option<Texts>,
    /// They carry no meaning.
    annotations: Option<Texts>,
}

/// What a document of the whole mesh is called.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GlobalMetadata {
    /// With its kind, unique in the repository.
    name: Name,
    /// They carry no meaning.
    labels: Option<Texts>,
    /// They carry no meaning.
    annotations: Option<Texts>,
}

/// Who opens something, why, and until when.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Exception {
    /// Who answers for it.
    owner: Text,
    /// Why.
    reason: Text,
    /// Until when.
    expires: Date,
}

/// The four fields of a document.
macro_rules! document {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $metadata:ty, $spec:ty) => {
        $(#[$doc])*
        #[derive(JsonSchema)]
        #[schemars(rename_all = "camelCase", deny_unknown_fields)]
        pub(super) struct $name {
            /// The version of the language.
            #[schemars(extend("const" = "meshwright.dev/v1"))]
            api_version: String,
            /// What the document is.
            #[schemars(extend("const" = $kind))]
            kind: String,
            /// What it is called.
            metadata: $metadata,
            /// What it says.
            spec: $spec,
        }
    };
}

pub(super) use document;
