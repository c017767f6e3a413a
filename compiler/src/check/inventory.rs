//! The inventory joined with the intents. It is no file of the repository: its
//! findings are at the path `inventory`. Where it names what the intents do not have,
//! it lags behind them or runs ahead: a warning, for facts never hold up a commit.

mod account_missing;
mod address_twice;
mod foreign_account;
mod not_checked;
mod platform_port;
mod service_without_workload;
mod unknown_port;
mod unknown_service;
mod version_without_endpoint;
mod workload_twice;

use mesh_ir::{Inventory, Name, ServiceRef, Workload};

use super::Subject;
use crate::diagnostic::{CodeInfo, Diagnostic, Place};

pub(super) const CODES: &[CodeInfo] = &[
    unknown_service::INFO,
    unknown_port::INFO,
    foreign_account::INFO,
    workload_twice::INFO,
    address_twice::INFO,
    version_without_endpoint::INFO,
    service_without_workload::INFO,
    platform_port::INFO,
    not_checked::INFO,
    account_missing::INFO,
];

pub(super) fn whole(subject: &Subject<'_>, out: &mut Vec<Diagnostic>) {
    let Some(inventory) = subject.inventory else {
        return not_checked::check(subject, out);
    };
    unknown_service::check(subject, inventory, out);
    unknown_port::check(subject, inventory, out);
    foreign_account::check(subject, inventory, out);
    workload_twice::check(inventory, out);
    address_twice::check(inventory, out);
    version_without_endpoint::check(subject, inventory, out);
    service_without_workload::check(subject, inventory, out);
    platform_port::check(subject, inventory, out);
    account_missing::check(subject, inventory, out);
}

/// A finding about a workload or the whole of the inventory.
fn found(info: &CodeInfo, message: String) -> Diagnostic {
    Diagnostic::at(info, Place::Path("inventory".to_owned()), message)
}

/// The service that a workload is an instance of, as it names it.
fn service_of(workload: &Workload) -> Option<ServiceRef> {
    Some(ServiceRef {
        namespace: Name::parse(&workload.namespace).ok()?,
        name: Name::parse(&workload.service).ok()?,
    })
}

/// `name.namespace` of a service.
fn service_named(text: &str) -> Option<ServiceRef> {
    let (name, namespace) = text.split_once('.')?;
    Some(ServiceRef {
        namespace: Name::parse(namespace).ok()?,
        name: Name::parse(name).ok()?,
    })
}

/// Every workload of an inventory with what it is called in messages.
fn workloads(inventory: &Inventory) -> impl Iterator<Item = (String, &Workload)> {
    let all = inventory.workloads.iter();
    all.map(|it| (format!("{}/{}", it.namespace, it.name), it))
}
