use serde_json::{Value, json};

use super::*;

fn list(items: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

fn convert(items: &[Value]) -> Result<Converted, NotConverted> {
    from_kubernetes(&list(items), &BTreeSet::new())
}

fn service(name: &str, spec: &Value) -> Value {
    json!({"kind": "Service", "metadata": {"namespace": "shop", "name": name}, "spec": spec})
}

fn pod(name: &str, labels: &Value) -> Value {
    let containers = json!([{"name": "app", "ports": [{"name": "web", "containerPort": 8080}]}]);
    json!({"kind": "Pod", "metadata": {"namespace": "shop", "name": name, "labels": labels},
        "spec": {"serviceAccountName": "reviews", "containers": containers}, "status": {"phase": "Running"}})
}

fn account(name: &str) -> Value {
    json!({"kind": "ServiceAccount", "metadata": {"namespace": "shop", "name": name}})
}

#[test]
fn a_pod_is_a_workload_of_the_service_that_selects_it() {
    let ports = json!([
        {"name": "http-web", "port": 80, "targetPort": "web", "protocol": "TCP", "appProtocol": "http"},
        {"name": "dns", "port": 53, "protocol": "UDP"},
        {"port": 81, "targetPort": 8081},
        {"port": 82},
        {"port": 83, "targetPort": "nowhere"},
    ]);
    let found = convert(&[
        pod("reviews-2", &json!({"app": "reviews", "version": "v1"})),
        pod("reviews-1", &json!({"app": "reviews"})),
        service(
            "reviews",
            &json!({"selector": {"app": "reviews"}, "ports": ports}),
        ),
        account("reviews"),
    ])
    .unwrap();
    let Inventory {
        workloads,
        services,
        accounts,
    } = found.inventory;
    let shown: Vec<_> = workloads
        .iter()
        .map(|it| (it.name.as_str(), it.service.as_str(), it.account.as_deref()))
        .collect();
    let account = Some("reviews");
    assert_eq!(
        shown,
        [
            ("reviews-1", "reviews", account),
            ("reviews-2", "reviews", account)
        ]
    );
    assert_eq!(workloads[1].labels["version"], "v1");
    let services = services.unwrap();
    let targets: Vec<_> = services[0]
        .ports
        .iter()
        .map(|it| (it.port, it.target_port))
        .collect();
    assert_eq!(
        targets,
        [
            (80, Some(8080)),
            (81, Some(8081)),
            (82, Some(82)),
            (83, None)
        ]
    );
    assert_eq!(services[0].ports[0].app_protocol.as_deref(), Some("http"));
    assert_eq!(accounts.unwrap().len(), 1);
    let expected = [
        "port 53 of service shop/reviews: it is UDP",
        "targetPort `nowhere` of service shop/reviews: no pod has a port of this name",
    ];
    assert_eq!(found.left_out, expected);
}

#[test]
fn what_was_not_asked_for_is_not_known() {
    let found = convert(&[pod("a", &json!({}))]).unwrap();
    assert_eq!(found.inventory, Inventory::default());
    assert_eq!(found.left_out, ["pod shop/a: no service selects it"]);
}

#[test]
fn a_pod_that_has_ended_is_no_workload() {
    let mut ended = pod("job", &json!({"app": "a"}));
    ended["status"]["phase"] = json!("Succeeded");
    let found = convert(&[ended, service("a", &json!({"selector": {"app": "a"}}))]).unwrap();
    assert_eq!(found.inventory.workloads, []);
    assert_eq!(found.left_out, ["pod shop/job: it has succeeded"]);
}

#[test]
fn of_several_services_the_one_with_an_address_or_the_named_one_is_meant() {
    let selector = json!({"app": "a"});
    let headless = service(
        "a-peers",
        &json!({"selector": selector, "clusterIP": "None"}),
    );
    let plain = service("a", &json!({"selector": selector, "clusterIP": "10.0.0.1"}));
    let other = service(
        "a-canary",
        &json!({"selector": selector, "clusterIP": "10.0.0.2"}),
    );
    let one = pod("a-0", &json!({"app": "a"}));
    let found = convert(&[headless.clone(), plain.clone(), one.clone()]).unwrap();
    assert_eq!(found.inventory.workloads[0].service, "a");
    let refused = convert(&[headless.clone(), plain.clone(), other.clone(), one]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "items[3] (Pod shop/a-0): the services `a`, `a-canary`, `a-peers` select it; \
         label it `meshwright.dev/service: NAME`"
    );
    let named = pod("a-0", &json!({"app": "a", SERVICE_LABEL: "a-canary"}));
    let found = convert(&[headless, plain, other, named]).unwrap();
    assert_eq!(found.inventory.workloads[0].service, "a-canary");
}

#[test]
fn only_the_namespaces_that_are_wanted_are_taken() {
    let mut elsewhere = account("dns");
    elsewhere["metadata"]["namespace"] = json!("kube-system");
    let wanted = BTreeSet::from(["shop".to_owned()]);
    let found = from_kubernetes(&list(&[account("a"), elsewhere]), &wanted).unwrap();
    let accounts = found.inventory.accounts.unwrap();
    assert_eq!((accounts.len(), accounts[0].name.as_str()), (1, "a"));
}

#[test]
fn what_is_not_understood_is_refused_at_its_place() {
    let deployment = json!({"kind": "Deployment", "metadata": {"namespace": "shop", "name": "a"}});
    let cases = [
        (
            convert(&[account("a"), deployment]),
            "items[1] (Deployment shop/a): only Service, Pod and ServiceAccount are read",
        ),
        (
            convert(&[account("a"), account("a")]),
            "items[1] (ServiceAccount shop/a): it is there twice",
        ),
        (
            convert(&[json!({"kind": "Pod", "metadata": {}})]),
            "items[0]: missing field `name`",
        ),
        (
            convert(&[service("a", &json!({"ports": [{"port": 70_000}]}))]),
            "items[0] (Service shop/a): invalid value: integer `70000`, expected u16",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found.unwrap_err().to_string(), expected);
    }
    for text in ["", "{}", "kind: List", "[]"] {
        let refused = from_kubernetes(text, &BTreeSet::new());
        assert!(matches!(refused, Err(NotConverted::NotAList(_))), "{text}");
    }
}

#[test]
fn an_inventory_is_read_again_as_it_was_written() {
    let found = convert(&[
        pod("reviews-1", &json!({"app": "reviews"})),
        service(
            "reviews",
            &json!({"selector": {"app": "reviews"}, "ports": [{"port": 80}]}),
        ),
        account("reviews"),
    ])
    .unwrap();
    let written = serde_json::to_string(&found.inventory).unwrap();
    assert_eq!(crate::inventory::parse(&written).unwrap(), found.inventory);
}
