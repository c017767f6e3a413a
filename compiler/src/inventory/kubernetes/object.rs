//! Objects of Kubernetes, as far as an inventory asks for them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// `kind: List`, or the list of one kind.
#[derive(Debug, Deserialize)]
pub(super) struct List {
    pub(super) items: Vec<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind")]
pub(super) enum Object {
    Service(Service),
    Pod(Pod),
    ServiceAccount(ServiceAccount),
    #[serde(other)]
    Other,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Metadata {
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ServiceAccount {
    metadata: Metadata,
}

#[derive(Debug, Deserialize)]
pub(super) struct Service {
    metadata: Metadata,
    #[serde(default)]
    pub(super) spec: ServiceSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServiceSpec {
    #[serde(default)]
    selector: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) ports: Vec<ServicePort>,
    #[serde(rename = "clusterIP")]
    cluster_ip: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServicePort {
    pub(super) name: Option<String>,
    pub(super) port: u16,
    pub(super) target_port: Option<TargetPort>,
    pub(super) protocol: Option<String>,
    pub(super) app_protocol: Option<String>,
}

/// A number, or the name of a port of the pods.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum TargetPort {
    Number(u16),
    Name(String),
}

#[derive(Debug, Deserialize)]
pub(super) struct Pod {
    pub(super) metadata: Metadata,
    #[serde(default)]
    pub(super) spec: PodSpec,
    #[serde(default)]
    status: PodStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodSpec {
    pub(super) service_account_name: Option<String>,
    #[serde(default)]
    containers: Vec<Container>,
    /// Those that restart forever are sidecars, and may listen.
    #[serde(default)]
    init_containers: Vec<Container>,
}

#[derive(Debug, Default, Deserialize)]
struct PodStatus {
    phase: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Container {
    #[serde(default)]
    ports: Vec<ContainerPort>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContainerPort {
    name: Option<String>,
    container_port: u16,
}

impl Object {
    pub(super) fn metadata(&self) -> &Metadata {
        static NONE: Metadata = Metadata {
            name: String::new(),
            namespace: None,
            labels: BTreeMap::new(),
        };
        match self {
            Self::Service(it) => &it.metadata,
            Self::Pod(it) => &it.metadata,
            Self::ServiceAccount(it) => &it.metadata,
            Self::Other => &NONE,
        }
    }
}

impl Service {
    /// A service without a selector selects nothing by itself.
    pub(super) fn selects(&self, pod: &Pod) -> bool {
        let selector = &self.spec.selector;
        let has = |(key, value): (&String, &String)| pod.metadata.labels.get(key) == Some(value);
        !selector.is_empty() && selector.iter().all(has)
    }

    pub(super) fn is_headless(&self) -> bool {
        self.spec.cluster_ip.as_deref() == Some("None")
    }
}

impl ServicePort {
    pub(super) fn is_tcp(&self) -> bool {
        self.protocol.as_deref().is_none_or(|it| it == "TCP")
    }
}

impl Pod {
    /// `succeeded` or `failed`, of one that will not run again.
    pub(super) fn ended(&self) -> Option<&'static str> {
        match self.status.phase.as_deref() {
            Some("Succeeded") => Some("succeeded"),
            Some("Failed") => Some("failed"),
            _ => None,
        }
    }

    pub(super) fn port_named(&self, name: &str) -> Option<u16> {
        let containers = self
            .spec
            .containers
            .iter()
            .chain(&self.spec.init_containers);
        let mut ports = containers.flat_map(|it| &it.ports);
        let named = ports.find(|it| it.name.as_deref() == Some(name));
        named.map(|it| it.container_port)
    }
}
