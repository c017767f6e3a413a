use mesh_ir::{TokenIssuer, TokenKeys, TokenLocation};

use super::enumeration::Enumeration;
use super::{Wire, decode_all, encode_all, required};
use crate::invalid::InvalidMember;
use crate::proto::mesh as proto;

impl Wire for proto::TokenIssuer {
    type Ir = TokenIssuer;

    fn encode(ir: &TokenIssuer) -> Self {
        use proto::token_issuer::Keys;
        let TokenIssuer {
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
        } = ir;
        Self {
            id: Some(Wire::encode(id)),
            origin: Some(Wire::encode(origin)),
            issuer: issuer.clone(),
            audiences: audiences.clone(),
            keys: Some(match keys {
                TokenKeys::Url { url, refresh } => Keys::Url(proto::KeysUrl {
                    url: url.clone(),
                    refresh: Some(Wire::encode(refresh)),
                }),
                TokenKeys::Set(set) => Keys::Set(set.clone()),
            }),
            locations: encode_all(locations),
            algorithms: algorithms.iter().map(|it| it.number()).collect(),
            forward: *forward,
            claims_to_headers: encode_all(claims_to_headers),
            leeway: Some(Wire::encode(leeway)),
        }
    }

    fn decode(self) -> Result<TokenIssuer, InvalidMember> {
        use proto::token_issuer::Keys;
        let Self {
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
        } = self;
        let algorithms = algorithms.into_iter();
        let algorithm = |it| Enumeration::of("TokenIssuer.algorithms", it);
        Ok(TokenIssuer {
            id: required(id, "TokenIssuer.id")?,
            origin: required(origin, "TokenIssuer.origin")?,
            issuer,
            audiences,
            keys: match keys.ok_or(InvalidMember::Missing("TokenIssuer.keys"))? {
                Keys::Url(proto::KeysUrl { url, refresh }) => TokenKeys::Url {
                    url,
                    refresh: required(refresh, "KeysUrl.refresh")?,
                },
                Keys::Set(set) => TokenKeys::Set(set),
            },
            locations: decode_all(locations)?,
            algorithms: algorithms.map(algorithm).collect::<Result<_, _>>()?,
            forward,
            claims_to_headers: decode_all(claims_to_headers)?,
            leeway: required(leeway, "TokenIssuer.leeway")?,
        })
    }
}

impl Wire for proto::TokenLocation {
    type Ir = TokenLocation;

    fn encode(ir: &TokenLocation) -> Self {
        use proto::token_location::Location;
        Self {
            location: Some(match ir {
                TokenLocation::Header { name, prefix } => Location::Header(proto::TokenHeader {
                    name: name.clone(),
                    prefix: prefix.clone(),
                }),
                TokenLocation::Cookie(name) => Location::Cookie(name.clone()),
                TokenLocation::Query(name) => Location::Query(name.clone()),
            }),
        }
    }

    fn decode(self) -> Result<TokenLocation, InvalidMember> {
        use proto::token_location::Location;
        let Self { location } = self;
        Ok(
            match location.ok_or(InvalidMember::Missing("TokenLocation.location"))? {
                Location::Header(proto::TokenHeader { name, prefix }) => {
                    TokenLocation::Header { name, prefix }
                }
                Location::Cookie(name) => TokenLocation::Cookie(name),
                Location::Query(name) => TokenLocation::Query(name),
            },
        )
    }
}

impl Wire for proto::ClaimHeader {
    type Ir = (String, String);

    fn encode((claim, header): &(String, String)) -> Self {
        Self {
            claim: claim.clone(),
            header: header.clone(),
        }
    }

    fn decode(self) -> Result<(String, String), InvalidMember> {
        let Self { claim, header } = self;
        Ok((claim, header))
    }
}
