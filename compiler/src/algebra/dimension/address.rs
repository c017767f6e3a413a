use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::super::bits::Bits;

/// An address of each class that the lists of networks tell apart, and for each
/// list the classes in it. Addresses are in canonical form: none is IPv4 in IPv6.
pub(in super::super) fn classes(lists: &[&[IpNet]]) -> (Vec<IpAddr>, Vec<Bits>) {
    let mut addresses: Vec<IpAddr> = vec![];
    let mut seen: Vec<Bits> = vec![];
    for address in candidates(lists) {
        let mut row = Bits::none(lists.len());
        for (index, list) in lists.iter().enumerate() {
            if list.iter().any(|net| net.contains(&address)) {
                row.insert(index);
            }
        }
        if !seen.contains(&row) {
            seen.push(row);
            addresses.push(address);
        }
    }
    let columns = super::super::bits::turned(&seen, lists.len());
    (addresses, columns)
}

/// Networks lie in each other or apart. So a class that is not empty has an address
/// that is the first of a network or follows the last of one.
fn candidates(lists: &[&[IpNet]]) -> Vec<IpAddr> {
    let mapped = IpNet::new(Ipv4Addr::UNSPECIFIED.to_ipv6_mapped().into(), 96)
        .expect("96 is a length of a prefix");
    let nets = || lists.iter().flat_map(|list| list.iter()).chain([&mapped]);
    let mut all: Vec<IpAddr> = vec![
        Ipv4Addr::new(192, 0, 2, 1).into(),
        Ipv4Addr::UNSPECIFIED.into(),
        Ipv6Addr::UNSPECIFIED.into(),
    ];
    // The second of a network looks more like a host; classes are found in order.
    all.extend(nets().filter_map(|net| after(net.network()).filter(|it| net.contains(it))));
    all.extend(nets().map(IpNet::network));
    all.extend(nets().filter_map(|net| after(net.broadcast())));
    all.retain(|address| address.to_canonical() == *address);
    all
}

/// The next address, unless there is none.
fn after(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(it) => it
            .to_bits()
            .checked_add(1)
            .map(|bits| Ipv4Addr::from_bits(bits).into()),
        IpAddr::V6(it) => it
            .to_bits()
            .checked_add(1)
            .map(|bits| Ipv6Addr::from_bits(bits).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_that_its_parts_fill_is_no_class_of_its_own() {
        let nets = |texts: &[&str]| -> Vec<IpNet> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        let whole = nets(&["10.0.0.0/8"]);
        let halves = [nets(&["10.0.0.0/9"]), nets(&["10.128.0.0/9"])];
        let lists = [&whole[..], &halves[0], &halves[1]];
        let (addresses, columns) = classes(&lists);
        let text: Vec<_> = addresses.iter().map(ToString::to_string).collect();
        assert_eq!(text, ["192.0.2.1", "10.0.0.1", "10.128.0.1"]);
        assert!(columns[0].has(1) && columns[0].has(2) && !columns[0].has(0));
    }

    #[test]
    fn what_follows_a_part_is_found() {
        let outer: Vec<IpNet> = vec!["10.0.0.0/30".parse().unwrap()];
        let inner: Vec<IpNet> = vec!["10.0.0.0/31".parse().unwrap()];
        let (addresses, _) = classes(&[&outer, &inner]);
        assert_eq!(addresses.len(), 3);
    }
}
