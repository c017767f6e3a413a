use mesh_ir::{TokenAlgorithm, TokenIssuer, TokenKeys, TokenLocation};
use proptest::collection::vec;
use proptest::prelude::*;

use super::names::{duration, object_ref, origin, pairs, text};

fn algorithm() -> BoxedStrategy<TokenAlgorithm> {
    prop_oneof![
        Just(TokenAlgorithm::Rs256),
        Just(TokenAlgorithm::Rs384),
        Just(TokenAlgorithm::Rs512),
        Just(TokenAlgorithm::Ps256),
        Just(TokenAlgorithm::Ps384),
        Just(TokenAlgorithm::Ps512),
        Just(TokenAlgorithm::Es256),
        Just(TokenAlgorithm::Es384),
        Just(TokenAlgorithm::EdDsa),
    ]
    .boxed()
}

pub(super) fn issuer() -> BoxedStrategy<TokenIssuer> {
    let keys = prop_oneof![
        (text(), duration()).prop_map(|(url, refresh)| TokenKeys::Url { url, refresh }),
        text().prop_map(TokenKeys::Set),
    ];
    let location = prop_oneof![
        (text(), text()).prop_map(|(name, prefix)| TokenLocation::Header { name, prefix }),
        text().prop_map(TokenLocation::Cookie),
        text().prop_map(TokenLocation::Query),
    ];
    (
        (object_ref(), origin()),
        text(),
        vec(text(), 0..3),
        keys,
        vec(location, 0..3),
        vec(algorithm(), 0..3),
        any::<bool>(),
        pairs(),
        duration(),
    )
        .prop_map(
            |(
                (id, origin),
                issuer,
                audiences,
                keys,
                locations,
                algorithms,
                forward,
                claims_to_headers,
                leeway,
            )| TokenIssuer {
                id,
                origin,
                issuer,
                audiences,
                keys,
                locations,
                algorithms,
                forward,
                claims_to_headers,
                leeway,
            },
        )
        .boxed()
}
