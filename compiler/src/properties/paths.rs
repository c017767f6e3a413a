use mesh_ir::{HostPattern, PathPattern};

use crate::algebra::tests;

/// A pattern and a path: what is read prints as it was written, the normal form of a
/// normal form is itself, and both agree with a naive evaluation of the pattern.
pub fn paths(bytes: &[u8]) {
    let (pattern, target) = super::halves(bytes);
    readings(target);
    host(target);
    let Ok(text) = std::str::from_utf8(pattern) else {
        return;
    };
    let Ok(pattern) = PathPattern::parse(text) else {
        return;
    };
    assert_eq!(pattern.to_string(), text);
    assert!(pattern.captures().is_some());
    if let Ok(target) = std::str::from_utf8(target)
        && target.starts_with('/')
    {
        tests::path(&pattern, target);
    }
}

fn readings(target: &[u8]) {
    let Ok(readings) = mesh_decide::path_readings(b"GET", target) else {
        return;
    };
    for reading in &readings {
        assert!(reading.starts_with(b"/"), "{readings:?}");
        let again = mesh_decide::path_readings(b"GET", reading).map(|mut it| it.swap_remove(0));
        // Without `%2F` the slash of another segment is one.
        if let Ok(again) = again {
            assert_eq!(again, plain(&again), "{readings:?}");
        }
    }
    assert_eq!(
        readings[0],
        plain(&readings[0]),
        "the plain reading is normal"
    );
}

fn plain(path: &[u8]) -> Vec<u8> {
    let readings = mesh_decide::path_readings(b"GET", path);
    readings.expect("a reading is a path").swap_remove(0)
}

fn host(authority: &[u8]) {
    let Ok((host, _)) = mesh_decide::canonical_host(authority) else {
        return;
    };
    let again = mesh_decide::canonical_host(host.as_bytes());
    assert_eq!(again, Ok((host.clone(), None)));
    if let Ok(pattern) = HostPattern::parse(&host) {
        assert_eq!(pattern.to_string(), host);
    }
}
