use jiff::{SignedDuration, Timestamp};
use mesh_identity::SpiffeId;
use mesh_ir::Digest;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::root::Root;
use crate::store::{Change, Store, StoreError, Table};

const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// Tokens that may wait for their use at one time.
const MAX_OUTSTANDING: usize = 1_000;
/// Longer than any token that was minted.
const MAX_TOKEN: usize = 512;
const VERSION: u8 = 1;

/// A token that was just made. The only place where its secret is.
#[derive(Debug)]
pub(crate) struct Minted {
    /// `id.secret.root`.
    pub(crate) token: String,
    /// When it ends, used or not.
    pub(crate) expires: Timestamp,
}

/// Why no token is made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MintError {
    /// Nothing to join yet.
    #[error("there is no root yet: no good commit has named the trust domain")]
    NoRoot,
    /// Enough of them wait.
    #[error("{MAX_OUTSTANDING} join tokens wait to be used; each ends after ten minutes")]
    TooMany,
    /// Of another trust domain.
    #[error("`{0}` is not of this mesh's trust domain")]
    Foreign(SpiffeId),
    /// It cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a token is worth nothing. A caller is not told which of the first two.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RedeemError {
    /// Never minted, used already, or with another secret.
    #[error("the join token is not known, or was used")]
    Unknown,
    /// Too late.
    #[error("the join token has expired")]
    Expired,
    /// It cannot be looked up.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is kept of a token: enough to recognise it, not to use it.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    secret_sha256: String,
    identity: String,
    expires: i64,
}

/// Makes a token for an identity and keeps its hash.
pub(super) fn mint(
    store: &dyn Store,
    root: &Root,
    identity: &SpiffeId,
    now: Timestamp,
) -> Result<Minted, MintError> {
    if identity.trust_domain() != root.trust_domain() {
        return Err(MintError::Foreign(identity.clone()));
    }
    if forget_expired(store, now)? >= MAX_OUTSTANDING {
        return Err(MintError::TooMany);
    }
    let id = hex(&rand::random::<[u8; 8]>());
    let bytes = Zeroizing::new(rand::random::<[u8; 32]>());
    let secret = Zeroizing::new(hex(&*bytes));
    let expires = now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
    let record = Record {
        secret_sha256: sha256(secret.as_bytes()),
        identity: identity.to_string(),
        expires: expires.as_second(),
    };
    let change = Change::Put(Table::Tokens, id.clone().into_bytes(), encode(&record));
    store.write(&[change])?;
    let root_hash = sha256(root.der());
    Ok(Minted {
        token: format!("{id}.{}.{root_hash}", *secret),
        expires,
    })
}

/// Gives the identity of a token to one caller and never again. A wrong secret does
/// not use it up.
pub(super) fn redeem(
    store: &dyn Store,
    token: &str,
    now: Timestamp,
) -> Result<SpiffeId, RedeemError> {
    if token.len() > MAX_TOKEN {
        return Err(RedeemError::Unknown);
    }
    let mut parts = token.split('.');
    let (Some(id), Some(secret), Some(_root), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(RedeemError::Unknown);
    };
    let record = store
        .get(Table::Tokens, id.as_bytes())?
        .and_then(|bytes| decode(&bytes))
        .filter(|record| same(&record.secret_sha256, &sha256(secret.as_bytes())))
        .ok_or(RedeemError::Unknown)?;
    // From here on the caller has the secret; the store lets one of them through.
    if store.take(Table::Tokens, id.as_bytes())?.is_none() {
        return Err(RedeemError::Unknown);
    }
    if now.as_second() >= record.expires {
        return Err(RedeemError::Expired);
    }
    SpiffeId::parse(&record.identity).map_err(|_| RedeemError::Unknown)
}

/// Removes what nobody can use any more and counts the rest.
fn forget_expired(store: &dyn Store, now: Timestamp) -> Result<usize, StoreError> {
    let (mut expired, mut left) = (Vec::new(), 0);
    for (key, bytes) in store.scan(Table::Tokens)? {
        match decode(&bytes) {
            Some(record) if now.as_second() < record.expires => left += 1,
            _ => expired.push(Change::Remove(Table::Tokens, key)),
        }
    }
    if !expired.is_empty() {
        store.write(&expired)?;
    }
    Ok(left)
}

fn encode(record: &Record) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    serde_json::to_writer(&mut bytes, record).expect("texts and numbers are JSON");
    bytes
}

/// A record that cannot be read is a token that nobody can use.
fn decode(bytes: &[u8]) -> Option<Record> {
    let json = bytes.strip_prefix(&[VERSION])?;
    serde_json::from_slice(json).ok()
}

/// Equal, in a time that does not depend on where they differ.
fn same(a: &str, b: &str) -> bool {
    let differing = a
        .bytes()
        .zip(b.bytes())
        .fold(0, |all, (a, b)| all | (a ^ b));
    a.len() == b.len() && differing == 0
}

fn sha256(bytes: &[u8]) -> String {
    Digest(Sha256::digest(bytes).into()).to_string()
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}
