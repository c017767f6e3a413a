//! Whether a bundle can be put into effect as it says.

use mesh_decide::{NotHonourable, Plan, Reason, Refusal, Tables};
use mesh_ir::{Feature, Member, Snapshot, features};

/// The tables of a snapshot, or everything in it that this proxy cannot do.
///
/// The compiler refuses the same, so it is met only where the operator is newer than
/// the proxy.
pub(crate) fn tables(snapshot: &Snapshot) -> Result<Tables, Vec<NotHonourable>> {
    let beyond = beyond(snapshot, Feature::is_enforced);
    match Tables::build(snapshot) {
        Ok(tables) if beyond.is_empty() => Ok(tables),
        Ok(_) => Err(beyond),
        Err(undecidable) => Err([undecidable, beyond].concat()),
    }
}

/// What is answered to a plan that is beyond this proxy. Its bundle was refused before;
/// what nobody judges does not leave in any case.
pub(crate) fn refusal_of(plan: &Plan) -> Option<Refusal> {
    let leaves = plan.admit.is_some() || plan.via.is_some();
    let why = "this proxy cannot call external services";
    leaves.then(|| Refusal {
        rule: plan.rule(),
        ..Refusal::plain(403, Reason::NotVisible, why)
    })
}

fn beyond(snapshot: &Snapshot, is_enforced: impl Fn(Feature) -> bool) -> Vec<NotHonourable> {
    let members = snapshot.clone().into_members();
    let of_member = |member: &Member| {
        let what = format!("{:?} {}", member.kind(), member.name());
        let found = features(member).into_iter();
        let found = found.filter(|(feature, _)| !is_enforced(*feature));
        let refused = found.map(|(feature, origin)| NotHonourable {
            origin,
            what: what.clone(),
            reason: format!("this proxy cannot {}", feature.what()),
        });
        refused.collect::<Vec<_>>()
    };
    members.iter().flat_map(of_member).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mesh_ir::{
        AccessDefault, DefaultAccess, Name, ObjectRef, Origin, Percent, Role, Scope, ServiceRef,
        Settings, SpiffeId, Target, Telemetry, TrustDomain,
    };

    use super::*;

    fn snapshot() -> Snapshot {
        let name = |text| Name::parse(text).unwrap();
        let origin = Origin::new("mesh.yaml", 1, 1);
        let otlp = mesh_ir::Otlp {
            service: ServiceRef {
                namespace: name("ops"),
                name: name("collector"),
            },
            port: name("grpc"),
            origin: Origin::new("mesh.yaml", 7, 3),
        };
        let telemetry = Telemetry {
            id: ObjectRef {
                namespace: name("shop"),
                name: name("default"),
            },
            origin: Origin::new("shop.yaml", 4, 1),
            target: Target {
                scope: Scope::Mesh,
                ports: vec![],
                hosts: vec![],
            },
            access_log: None,
            traces: None,
            labels: vec![],
        };
        Snapshot {
            settings: Settings {
                origin: origin.clone(),
                trust_domain: TrustDomain::parse("shop.example").unwrap(),
                access: AccessDefault {
                    mode: DefaultAccess::Deny,
                    origin,
                },
                namespaces: vec![],
                certificate_lifetime: Duration::from_hours(1),
                renew_at: Percent(50_000),
                otlp: Some(otlp),
            },
            role: Role {
                identity: SpiffeId::parse("spiffe://shop.example/ns/shop/sa/web").unwrap(),
                serves: vec![],
                gateways: vec![],
                calls: [].into(),
                externals: [].into(),
            },
            services: vec![],
            routes: vec![],
            access: vec![],
            limits: vec![],
            issuers: vec![],
            gateways: vec![],
            externals: vec![],
            telemetry: vec![telemetry],
        }
    }

    #[test]
    fn everything_beyond_this_proxy_is_named_with_its_line() {
        let refused = beyond(&snapshot(), |_| false);
        let texts: Vec<_> = refused.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "Settings mesh (mesh.yaml:7): this proxy cannot send telemetry to a collector",
                "Telemetry shop/default (shop.yaml:4): this proxy cannot be told by an intent \
                 what to log and trace",
            ]
        );
    }

    #[test]
    fn what_is_enforced_is_not_refused() {
        assert_eq!(beyond(&snapshot(), |_| true), []);
        let refused = beyond(&snapshot(), |feature| feature == Feature::Otlp);
        assert_eq!(refused.len(), 1);
    }

    #[test]
    fn a_bundle_with_one_thing_beyond_makes_no_tables() {
        let refused = tables(&snapshot()).err();
        assert_eq!(refused, Some(beyond(&snapshot(), Feature::is_enforced)));
    }
}
