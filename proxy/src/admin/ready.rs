use std::collections::BTreeMap;
use std::net::SocketAddr;

use mesh_ir::Listeners;

use crate::listen::wanted;
use crate::status::ListenerStatus;

/// What readiness is judged by.
pub(super) struct Inputs<'a> {
    pub(super) has_bundle: bool,
    /// When the certificate ends, in Unix seconds; `None` without one in effect.
    pub(super) not_after: Option<i64>,
    /// Unix seconds.
    pub(super) now: i64,
    /// Where the workload's proxy should listen; `None` if nobody said.
    pub(super) wanted: Option<&'a Listeners>,
    pub(super) listeners: &'a BTreeMap<SocketAddr, ListenerStatus>,
    pub(super) draining: bool,
}

/// Why the proxy is not ready; empty if it is. That the operator is away is no reason.
pub(super) fn reasons(inputs: &Inputs<'_>) -> Vec<String> {
    let mut reasons = vec![];
    if inputs.draining {
        reasons.push("draining".to_owned());
    }
    if !inputs.has_bundle {
        reasons.push("no bundle is in effect".to_owned());
    }
    if inputs
        .not_after
        .is_some_and(|not_after| not_after <= inputs.now)
    {
        reasons.push("the certificate has expired".to_owned());
    }
    let Some(listeners) = inputs.wanted else {
        reasons.push("the operator has not said where to listen".to_owned());
        return reasons;
    };
    for address in wanted(listeners).keys() {
        match inputs.listeners.get(address) {
            Some(ListenerStatus::Bound) => {}
            Some(ListenerStatus::Failing(why)) => {
                reasons.push(format!("cannot listen on {address}: {why}"));
            }
            None => reasons.push(format!("not listening on {address} yet")),
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listeners() -> Listeners {
        Listeners {
            workload: "shop/web".to_owned(),
            admin: None,
            inbound: vec![],
            outbound: Some("127.0.0.1:1".parse().unwrap()),
            tcp: vec![],
        }
    }

    fn judge(status: Option<ListenerStatus>, change: impl FnOnce(&mut Inputs<'_>)) -> Vec<String> {
        let (wanted, mut states) = (listeners(), BTreeMap::new());
        states.extend(status.map(|status| ("127.0.0.1:1".parse().unwrap(), status)));
        let mut inputs = Inputs {
            has_bundle: true,
            not_after: Some(100),
            now: 99,
            wanted: Some(&wanted),
            listeners: &states,
            draining: false,
        };
        change(&mut inputs);
        reasons(&inputs)
    }

    #[test]
    fn with_bundle_listeners_and_certificate_it_is_ready() {
        assert_eq!(judge(Some(ListenerStatus::Bound), |_| {}), [""; 0]);
    }

    #[test]
    fn each_lack_is_named() {
        let bound = || Some(ListenerStatus::Bound);
        assert_eq!(judge(bound(), |it| it.draining = true), ["draining"]);
        assert_eq!(
            judge(bound(), |it| it.now = 100),
            ["the certificate has expired"]
        );
        assert_eq!(
            judge(bound(), |it| it.has_bundle = false),
            ["no bundle is in effect"]
        );
        assert_eq!(
            judge(bound(), |it| it.wanted = None),
            ["the operator has not said where to listen"]
        );
        assert_eq!(judge(None, |_| {}), ["not listening on 127.0.0.1:1 yet"]);
        assert_eq!(
            judge(Some(ListenerStatus::Failing("in use".to_owned())), |_| {}),
            ["cannot listen on 127.0.0.1:1: in use"]
        );
    }
}
