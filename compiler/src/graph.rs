//! Pictures of a mesh: what there is, who may call whom, who trusts what.
//!
//! A [`Graph`] is made from the lowered mesh, so it shows what will be enforced, and is
//! written as DOT, Mermaid or SVG. The same mesh gives the same bytes.

mod calls;
mod dot;
mod layout;
mod mermaid;
mod model;
mod services;
mod svg;
mod trust;

pub use dot::dot;
pub use mermaid::mermaid;
pub use model::{Edge, Graph, Line, Node, Shape};
pub use svg::svg;

use mesh_ir::Mesh;

/// What a picture is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// What there is, and how routes lead from one to another.
    Services,
    /// Who may call whom, and who says that it does.
    Calls,
    /// Identities, and every place where one is not needed.
    Trust,
}

/// The picture of a mesh.
pub fn graph(mesh: &Mesh, view: View) -> Graph {
    match view {
        View::Services => services::graph(mesh),
        View::Calls => calls::graph(mesh),
        View::Trust => trust::graph(mesh),
    }
}

#[cfg(test)]
mod tests;
