use std::collections::BTreeMap;
use std::net::SocketAddr;

use mesh_ir::Listeners;

use crate::active::ListenerRole;

/// One address asked for twice; nothing can be opened there for certain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the address {0} is asked for by more than one listener")]
pub(crate) struct Clash(pub(crate) SocketAddr);

/// What to listen on, and for what.
pub(crate) fn wanted(listeners: &Listeners) -> BTreeMap<SocketAddr, ListenerRole> {
    each(listeners).collect()
}

impl Clash {
    /// The first address that is asked for twice, the admin address included.
    pub(crate) fn find(listeners: &Listeners) -> Option<Self> {
        let mut addresses: Vec<_> = each(listeners)
            .map(|(address, _)| address)
            .chain(listeners.admin)
            .collect();
        addresses.sort_unstable();
        addresses
            .windows(2)
            .find(|pair| pair[0] == pair[1])
            .map(|pair| Self(pair[0]))
    }
}

/// A role in words, for the log.
pub(super) fn describe(role: &ListenerRole) -> String {
    match role {
        ListenerRole::Inbound {
            service,
            port,
            application,
        } => format!("inbound {service} {port} to {application}"),
        ListenerRole::Outbound => "outbound".to_owned(),
        ListenerRole::Tcp { service, port } => format!("outbound to {service} {port}"),
    }
}

fn each(listeners: &Listeners) -> impl Iterator<Item = (SocketAddr, ListenerRole)> {
    let inbound = listeners.inbound.iter().map(|inbound| {
        let role = ListenerRole::Inbound {
            service: inbound.service.clone(),
            port: inbound.port.clone(),
            application: inbound.application,
        };
        (inbound.listen, role)
    });
    let outbound = listeners
        .outbound
        .map(|address| (address, ListenerRole::Outbound));
    let tcp = listeners.tcp.iter().map(|tcp| {
        let role = ListenerRole::Tcp {
            service: tcp.service.clone(),
            port: tcp.port.clone(),
        };
        (tcp.listen, role)
    });
    inbound.chain(outbound).chain(tcp)
}

#[cfg(test)]
mod tests {
    use mesh_ir::{InboundListener, Name, ServiceRef};

    use super::*;

    fn listeners(inbound: &str, outbound: &str) -> Listeners {
        let name = |text| Name::parse(text).unwrap();
        Listeners {
            workload: "shop/web".to_owned(),
            admin: None,
            inbound: vec![InboundListener {
                service: ServiceRef {
                    namespace: name("shop"),
                    name: name("web"),
                },
                port: name("http"),
                listen: inbound.parse().unwrap(),
                application: "127.0.0.1:80".parse().unwrap(),
            }],
            outbound: Some(outbound.parse().unwrap()),
            tcp: vec![],
        }
    }

    #[test]
    fn each_address_has_its_role() {
        let wanted = wanted(&listeners("127.0.0.1:1", "127.0.0.1:2"));
        assert_eq!(wanted.len(), 2);
        assert_eq!(
            wanted[&"127.0.0.1:2".parse().unwrap()],
            ListenerRole::Outbound
        );
    }

    #[test]
    fn an_address_asked_for_twice_is_found() {
        assert_eq!(Clash::find(&listeners("127.0.0.1:1", "127.0.0.1:2")), None);
        let twice = listeners("127.0.0.1:1", "127.0.0.1:1");
        assert_eq!(
            Clash::find(&twice),
            Some(Clash("127.0.0.1:1".parse().unwrap()))
        );
        let mut admin = listeners("127.0.0.1:1", "127.0.0.1:2");
        admin.admin = admin.outbound;
        assert!(Clash::find(&admin).is_some());
    }
}
