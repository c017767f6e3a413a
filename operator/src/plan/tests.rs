use mesh_compiler::{Compiler, Options};
use mesh_ir::Timestamp;
use mesh_source::{SourceFile, SourceSet};

use super::*;
use crate::testing::{inventory, mesh_files};

fn compile(method: &str, inventory: &Inventory) -> Arc<Mesh> {
    compile_files(&mesh_files(method), inventory)
}

fn compile_files(files: &[(&str, String)], inventory: &Inventory) -> Arc<Mesh> {
    let file = |(path, content): &(&str, String)| SourceFile::new(*path, content.as_bytes());
    let set = SourceSet {
        files: files.iter().map(file).collect(),
        ..SourceSet::default()
    };
    let options = Options {
        inventory: Some(inventory.clone()),
        ..Options::at(Timestamp(0))
    };
    let compilation = Compiler::new(options).compile(&set);
    let found = mesh_compiler::render::concise(&compilation.diagnostics, &compilation.sources);
    Arc::new(compilation.mesh.unwrap_or_else(|| panic!("{found}")))
}

fn inventory_at(port: u16) -> Inventory {
    mesh_compiler::inventory::parse(&inventory(port)).unwrap()
}

fn plan(mesh: &Arc<Mesh>, inventory: &Inventory, commit: &str, previous: &Previous) -> Plan {
    Plan::build(Ingredients {
        mesh: mesh.clone(),
        inventory,
        commit: CommitId(commit.into()),
        previous,
        next_epoch: next_epoch(previous.epoch, 100),
    })
}

#[test]
fn every_workload_of_the_inventory_gets_its_role() {
    let inventory = inventory_at(7002);
    let plan = plan(
        &compile("GET", &inventory),
        &inventory,
        "c1",
        &Previous::default(),
    );
    let names: Vec<_> = plan.workloads.keys().map(String::as_str).collect();
    assert_eq!(names, ["demo/client", "demo/hello-v1"]);
    assert_eq!(plan.epoch, Epoch(100));
    assert!(plan.unplanned.is_empty());
    let hello = &plan.workloads["demo/hello-v1"];
    assert_eq!(
        hello.identity.to_string(),
        "spiffe://shop.example/ns/demo/sa/hello"
    );
    assert_eq!(hello.listeners.inbound[0].listen.port(), 7002);
    let id = hello.listeners.inbound[0].service.clone();
    assert_eq!(plan.endpoints[&id].endpoints[0].workload, "demo/hello-v1");
}

#[test]
fn a_plan_of_the_same_meaning_has_the_same_epoch_and_bundles() {
    let inventory = inventory_at(7002);
    let mesh = compile("GET", &inventory);
    let first = plan(&mesh, &inventory, "c1", &Previous::default());
    let second = plan(&mesh, &inventory, "c2", &first.held());
    assert_eq!(second.epoch, first.epoch);
    assert_eq!(second.held(), first.held());
    assert_eq!(&*second.commit.0, "c2");
}

#[test]
fn a_bundle_changes_only_where_its_members_do() {
    let inventory = inventory_at(7002);
    let first = plan(
        &compile("GET", &inventory),
        &inventory,
        "c1",
        &Previous::default(),
    );
    let changed = compile("POST", &inventory);
    let second = plan(&changed, &inventory, "c2", &first.held());
    let bundle = |plan: &Plan, name: &str| plan.workloads[name].role_bundle.bundle.clone();
    assert_eq!(second.epoch, Epoch(101));
    assert_eq!(
        bundle(&second, "demo/client"),
        bundle(&first, "demo/client")
    );
    let hello = bundle(&second, "demo/hello-v1");
    assert_eq!((hello.epoch, &*hello.commit.0), (Epoch(101), "c2"));
}

#[test]
fn an_address_that_moves_is_a_fact_and_no_meaning() {
    let (before, after) = (inventory_at(7002), inventory_at(7102));
    let first = plan(
        &compile("GET", &before),
        &before,
        "c1",
        &Previous::default(),
    );
    let second = plan(&compile("GET", &after), &after, "c1", &first.held());
    assert_eq!(second.epoch, first.epoch);
    assert_eq!(second.held(), first.held());
    assert_ne!(second.endpoints, first.endpoints);
}

#[test]
fn a_workload_that_the_intents_do_not_know_does_not_hold_up_the_others() {
    let known = inventory_at(7002);
    let mut inventory = known.clone();
    inventory.workloads[0].service = "gone".to_owned();
    let plan = plan(
        &compile("GET", &known),
        &inventory,
        "c1",
        &Previous::default(),
    );
    assert_eq!(plan.unplanned.len(), 1);
    assert_eq!(plan.unplanned[0].reason, "there is no service `gone.demo`");
    assert!(plan.workloads.contains_key("demo/hello-v1"));
}

#[test]
fn a_service_without_workloads_has_an_empty_list_of_endpoints() {
    let known = inventory_at(7002);
    let mut none = known.clone();
    none.workloads.truncate(1);
    let mesh = compile("GET", &known);
    let plan = plan(&mesh, &none, "c1", &Previous::default());
    assert_eq!(plan.endpoints.len(), mesh.services.len());
    let hello = plan
        .endpoints
        .values()
        .find(|it| it.service.name.as_str() == "hello");
    assert_eq!(hello.unwrap().endpoints, []);
}
