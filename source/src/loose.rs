use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use git2::Oid;

/// The most that an object's name and size take in front of its content.
const HEADER: u64 = 64;

/// Whether an object that lies in a file of its own ends too early.
///
/// libgit2 inflates such a file in a loop that a missing end never leaves, so this is
/// asked before the object is read, once its size is known to be `size`. What is in a
/// pack or not there at all is not judged here.
pub(crate) fn is_cut_short(objects: &Path, id: Oid, size: usize) -> bool {
    let name = id.to_string();
    let (directory, rest) = name.split_at(2);
    let Ok(file) = File::open(objects.join(directory).join(rest)) else {
        return false;
    };
    let inflated = flate2::read::ZlibDecoder::new(file);
    let expected = size as u64 + HEADER;
    io::copy(&mut inflated.take(expected), &mut io::sink()).is_err()
}
