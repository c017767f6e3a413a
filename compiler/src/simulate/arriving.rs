use mesh_decide::{Plan, Tables, TokenEdits};
use mesh_ir::HeaderEdits;

use super::question::Head;

/// The request as the callee's proxy receives it: rewritten and edited by the caller's.
pub(super) fn arriving(tables: &Tables, plan: &Plan, sent: &Head) -> Head {
    let mut head = sent.clone();
    if let Some(path) = &plan.path {
        head.target.clone_from(path);
    }
    if let Some(host) = &plan.host {
        head.set("host", host.as_str());
    }
    for edits in &plan.request_edits {
        let HeaderEdits { set, add, remove } = tables.edits(*edits);
        for edit in set {
            head.set(&edit.name, &edit.value);
        }
        let added = add
            .iter()
            .map(|edit| (edit.name.clone(), edit.value.clone().into_bytes()));
        head.headers.extend(added);
        head.headers.retain(|(name, _)| !remove.contains(name));
    }
    head
}

/// The request as it goes on once its tokens were judged.
pub(super) fn without_tokens(head: &Head, edits: Option<&TokenEdits>) -> Head {
    let mut head = head.clone();
    let Some(edits) = edits else { return head };
    head.headers
        .retain(|(name, _)| !edits.remove.contains(name));
    for edit in &edits.set {
        head.set(&edit.name, &edit.value);
    }
    head
}
