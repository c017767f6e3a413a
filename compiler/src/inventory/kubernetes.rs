//! What a cluster has, from what `kubectl get -o json` writes.

mod object;

use std::collections::{BTreeMap, BTreeSet};

use mesh_ir::{Inventory, InventoryAccount, InventoryPort, InventoryService, Workload};
use object::{List, Object, Pod, Service, ServicePort, TargetPort};

/// The label by which a pod names its service, where several services select it.
pub const SERVICE_LABEL: &str = "meshwright.dev/service";

/// An inventory, and what of the cluster it does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Converted {
    /// What exists; each list sorted by namespace and name.
    pub inventory: Inventory,
    /// What was left out, each with its reason, for people.
    pub left_out: Vec<String>,
}

/// Why a text is no list of a cluster's objects, at the place where it is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotConverted {
    /// It is not what `kubectl` writes.
    #[error("this is not the output of `kubectl get … -o json`: {0}")]
    NotAList(String),
    /// An object of a kind that an inventory does not hold.
    #[error("{place}: only Service, Pod and ServiceAccount are read")]
    OtherKind {
        /// `items[3] (Deployment shop/reviews)`.
        place: String,
    },
    /// An object that lacks a name, or is written otherwise than its kind is.
    #[error("{place}: {why}")]
    Malformed {
        /// `items[3] (Pod shop/reviews-1)`.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// Two objects of one kind and name.
    #[error("{place}: it is there twice")]
    Twice {
        /// `items[3] (Pod shop/reviews-1)`.
        place: String,
    },
    /// Nothing says which of several services a pod is an instance of.
    #[error("{place}: the services {services} select it; label it `{SERVICE_LABEL}: NAME`")]
    SeveralServices {
        /// `items[3] (Pod shop/reviews-1)`.
        place: String,
        /// Their names.
        services: String,
    },
}

/// Converts a list of `Service`s, `Pod`s and `ServiceAccount`s; with `namespaces`, only of these.
///
/// A kind of which there is no object at all is not known, as in a list that was asked
/// without it. Pods that have ended and pods that no service selects are left out, and so is
/// what cannot be said: ports other than TCP.
pub fn from_kubernetes(
    text: &str,
    namespaces: &BTreeSet<String>,
) -> Result<Converted, NotConverted> {
    let list: List =
        serde_json::from_str(text).map_err(|error| NotConverted::NotAList(error.to_string()))?;
    let mut cluster = Cluster::default();
    for (index, item) in list.items.into_iter().enumerate() {
        cluster.add(index, item, namespaces)?;
    }
    cluster.converted()
}

/// By namespace and name.
type Named<T> = BTreeMap<(String, String), T>;

/// Those of one namespace, by name.
fn of<'n, T>(all: &'n Named<T>, namespace: &str) -> impl Iterator<Item = (&'n String, &'n T)> {
    let first = (namespace.to_owned(), String::new());
    let from = all.range(first.clone()..);
    let here = from.take_while(move |((it, _), _)| *it == first.0);
    here.map(|((_, name), it)| (name, it))
}

#[derive(Default)]
struct Cluster {
    services: Named<Service>,
    /// With the place of each in the list.
    pods: Named<(String, Pod)>,
    accounts: BTreeSet<(String, String)>,
    /// The kinds that the list has, whatever their namespace.
    has_services: bool,
    has_accounts: bool,
}

impl Cluster {
    fn add(
        &mut self,
        index: usize,
        item: serde_json::Value,
        namespaces: &BTreeSet<String>,
    ) -> Result<(), NotConverted> {
        let place = place(index, &item);
        let object: Object =
            serde_json::from_value(item).map_err(|error| NotConverted::Malformed {
                place: place.clone(),
                why: error.to_string(),
            })?;
        let (metadata, is_wanted) = {
            let metadata = object.metadata();
            let namespace = metadata.namespace.clone().unwrap_or_default();
            let is_wanted = namespaces.is_empty() || namespaces.contains(&namespace);
            ((namespace, metadata.name.clone()), is_wanted)
        };
        let known = match object {
            Object::Service(service) => {
                self.has_services = true;
                is_wanted && self.services.insert(metadata, service).is_some()
            }
            Object::Pod(pod) => {
                let pod = (place.clone(), pod);
                is_wanted && self.pods.insert(metadata, pod).is_some()
            }
            Object::ServiceAccount(_) => {
                self.has_accounts = true;
                is_wanted && !self.accounts.insert(metadata)
            }
            Object::Other => return Err(NotConverted::OtherKind { place }),
        };
        if known {
            return Err(NotConverted::Twice { place });
        }
        Ok(())
    }

    fn converted(self) -> Result<Converted, NotConverted> {
        let mut left_out = vec![];
        let mut workloads = vec![];
        for ((namespace, name), (place, pod)) in &self.pods {
            if let Some(phase) = pod.ended() {
                left_out.push(format!("pod {namespace}/{name}: it has {phase}"));
                continue;
            }
            match self.service_of(namespace, place, pod)? {
                Some(service) => workloads.push(workload(namespace, name, service, pod)),
                None => left_out.push(format!("pod {namespace}/{name}: no service selects it")),
            }
        }
        let services = self.services.iter();
        let services: Vec<_> = services
            .map(|((namespace, name), service)| InventoryService {
                namespace: namespace.clone(),
                name: name.clone(),
                ports: self.ports(namespace, name, service, &mut left_out),
            })
            .collect();
        let accounts = self.accounts.into_iter();
        let accounts = accounts.map(|(namespace, name)| InventoryAccount { namespace, name });
        Ok(Converted {
            inventory: Inventory {
                workloads,
                services: self.has_services.then_some(services),
                accounts: self.has_accounts.then(|| accounts.collect()),
            },
            left_out,
        })
    }

    /// The one service that a pod is an instance of: the one that it names, else the only one
    /// that selects it, else the only one of those with an address.
    fn service_of(
        &self,
        namespace: &str,
        place: &str,
        pod: &Pod,
    ) -> Result<Option<String>, NotConverted> {
        if let Some(named) = pod.metadata.labels.get(SERVICE_LABEL) {
            return Ok(Some(named.clone()));
        }
        let here = of(&self.services, namespace).filter(|(_, service)| service.selects(pod));
        let selecting: Vec<(&String, &Service)> = here.collect();
        let with_address: Vec<_> = selecting.iter().filter(|it| !it.1.is_headless()).collect();
        match (selecting.as_slice(), with_address.as_slice()) {
            ([], _) => Ok(None),
            ([(only, _)], _) | (_, [(only, _)]) => Ok(Some((*only).clone())),
            (several, _) => {
                let names: Vec<_> = several
                    .iter()
                    .map(|(name, _)| format!("`{name}`"))
                    .collect();
                Err(NotConverted::SeveralServices {
                    place: place.to_owned(),
                    services: names.join(", "),
                })
            }
        }
    }

    fn ports(
        &self,
        namespace: &str,
        name: &str,
        service: &Service,
        left_out: &mut Vec<String>,
    ) -> Vec<InventoryPort> {
        let mut ports = vec![];
        for port in &service.spec.ports {
            if !port.is_tcp() {
                let protocol = port.protocol.as_deref().unwrap_or_default();
                let number = port.port;
                left_out.push(format!(
                    "port {number} of service {namespace}/{name}: it is {protocol}"
                ));
                continue;
            }
            ports.push(InventoryPort {
                name: port.name.clone().filter(|it| !it.is_empty()),
                port: port.port,
                target_port: self.target_of(namespace, name, service, port, left_out),
                app_protocol: port.app_protocol.clone(),
            });
        }
        ports
    }

    /// Where the application listens: a number, or what the pods call so; `None`: not known.
    fn target_of(
        &self,
        namespace: &str,
        name: &str,
        service: &Service,
        port: &ServicePort,
        left_out: &mut Vec<String>,
    ) -> Option<u16> {
        let named = match &port.target_port {
            None => return Some(port.port),
            Some(TargetPort::Number(number)) => return Some(*number),
            Some(TargetPort::Name(named)) => named,
        };
        let selected = of(&self.pods, namespace).filter(|(_, (_, pod))| service.selects(pod));
        let numbers: BTreeSet<u16> = selected
            .filter_map(|(_, (_, pod))| pod.port_named(named))
            .collect();
        let mut each = numbers.iter();
        if let (Some(only), None) = (each.next(), each.next()) {
            return Some(*only);
        }
        let why = if numbers.is_empty() {
            "no pod has a port of this name"
        } else {
            "pods have different ports of this name"
        };
        left_out.push(format!(
            "targetPort `{named}` of service {namespace}/{name}: {why}"
        ));
        None
    }
}

fn workload(namespace: &str, name: &str, service: String, pod: &Pod) -> Workload {
    let account = pod.spec.service_account_name.clone();
    Workload {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        service,
        account: Some(account.unwrap_or_else(|| "default".to_owned())),
        labels: pod.metadata.labels.clone(),
        locality: None,
        admin: None,
        inbound: vec![],
        outbound: None,
        tcp: vec![],
    }
}

/// `items[3] (Pod shop/reviews-1)`, as far as it says what it is.
fn place(index: usize, item: &serde_json::Value) -> String {
    let text = |pointer: &str| item.pointer(pointer).and_then(serde_json::Value::as_str);
    let shown = |text: &str| -> String { text.chars().take(63).collect() };
    match (text("/kind"), text("/metadata/name")) {
        (Some(kind), Some(name)) => {
            let namespace = text("/metadata/namespace").unwrap_or_default();
            let (kind, namespace, name) = (shown(kind), shown(namespace), shown(name));
            format!("items[{index}] ({kind} {namespace}/{name})")
        }
        _ => format!("items[{index}]"),
    }
}

#[cfg(test)]
mod tests;
