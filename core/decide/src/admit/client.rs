use std::net::IpAddr;

use mesh_ir::ClientAddress;

use crate::index::InboundPort;
use crate::request::Headers;
use crate::tables::Tables;

/// The address that `cidr` and `address` mean at an inbound port: at a gateway that is
/// told to believe `X-Forwarded-For`, what the farthest trusted proxy wrote; else the peer.
///
/// `peer` is the socket peer, or what a PROXY header says where the gateway reads one.
/// `None`: an entry that is no address stands where the client's should be, so that what
/// an address opens stays closed.
pub fn client_address(
    tables: &Tables,
    at: InboundPort,
    peer: IpAddr,
    headers: &dyn Headers,
) -> Option<IpAddr> {
    let listener = tables.inbound_port(at).listener.as_deref();
    let hops = match listener.map(|it| it.client_address) {
        Some(ClientAddress::ForwardedFor(hops)) => usize::from(hops),
        Some(ClientAddress::Peer | ClientAddress::ProxyProtocol) | None => return Some(peer),
    };
    let mut entries: Vec<Option<IpAddr>> = vec![];
    headers.for_each("x-forwarded-for", &mut |line| {
        let each = line.split(|byte| *byte == b',');
        entries.extend(each.map(|text| parse(text.trim_ascii())));
    });
    // A request with fewer entries did not come through that many proxies.
    let at = entries.len().checked_sub(hops);
    // Past the last one is no entry: then nobody is trusted to have written one.
    at.map_or(Some(peer), |at| entries.get(at).copied().flatten())
}

fn parse(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    let bare = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    bare.unwrap_or(text).parse().ok()
}
