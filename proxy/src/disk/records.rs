use bytes::Bytes;
use mesh_xds::ResourceType;
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use crate::resource::Resource;

/// The first bytes of a file of resources, with its format's version.
const MAGIC: &[u8] = b"meshwright resources 1\n";
const HASH_BYTES: usize = 32;

/// The body of the file.
#[derive(Clone, PartialEq, prost::Message)]
struct Records {
    #[prost(message, repeated, tag = "1")]
    resources: Vec<Record>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Record {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "bytes", tag = "2")]
    body: Bytes,
}

/// Why bytes are no file of resources.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidRecords {
    /// Another file, or another version of the format.
    #[error("it does not begin as a file of resources does")]
    Format,
    /// Not all of what was written, or something else.
    #[error("its checksum does not fit")]
    Checksum,
    /// Right checksum, wrong content: written by something else.
    #[error("its content cannot be read")]
    Content,
    /// A type that this version does not know.
    #[error("it holds a resource of the unknown type `{0}`")]
    Type(String),
}

/// Magic, SHA-256 of the body, body.
pub(super) fn write(resources: &[Resource]) -> Vec<u8> {
    let records = resources.iter().map(|resource| Record {
        type_url: resource.kind.type_url().to_owned(),
        body: resource.body.clone(),
    });
    let body = Records {
        resources: records.collect(),
    }
    .encode_to_vec();
    [MAGIC, &Sha256::digest(&body), &body].concat()
}

/// The inverse of [`write`].
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Resource>, InvalidRecords> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(InvalidRecords::Format)?;
    let (hash, body) = rest
        .split_at_checked(HASH_BYTES)
        .ok_or(InvalidRecords::Checksum)?;
    if Sha256::digest(body).as_slice() != hash {
        return Err(InvalidRecords::Checksum);
    }
    let records = Records::decode(body).map_err(|_| InvalidRecords::Content)?;
    let resource = |record: Record| {
        let kind = ResourceType::from_type_url(&record.type_url)
            .ok_or(InvalidRecords::Type(record.type_url))?;
        Ok(Resource {
            kind,
            body: record.body,
        })
    };
    records.resources.into_iter().map(resource).collect()
}
