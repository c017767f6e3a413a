use std::collections::BTreeSet;
use std::sync::Arc;

use mesh_ir::{Inventory, Mesh, Role, ServiceRef, Timestamp};

use crate::check::{self, Section, Subject};
use crate::diagnostic::{Diagnostic, FileId, Place, Span};
use crate::lower::{self, Invariant, Known, Lowered};
use crate::placeless::Placeless as _;
use crate::policy_test::{self, Tests};
use crate::resolve::{self, Program};
use crate::sources::Sources;
use crate::syntax::Parsed;
use crate::syntax::ast::Document;
use crate::view;

/// How far a set of files got, kept so that an edit of it costs what it concerns and
/// not what the repository holds.
///
/// An edit is taken as one only if every document kept its name and its place among
/// those of its file, and if what other documents may read – services, `Mesh`, `Team`,
/// objects about several services – says the same as before. Whatever else happened is
/// compiled from the start.
#[derive(Debug)]
pub(super) struct State {
    inventory: Option<Inventory>,
    sources: Sources,
    parsed: Parsed,
    program: Program,
    /// `None` without a `Mesh`.
    lowered: Option<Lowered>,
    roles: Arc<Vec<Role>>,
    /// What was found about single objects.
    findings: Vec<Diagnostic>,
}

/// What became of files.
#[derive(Debug)]
pub(super) struct Edit {
    changed: Vec<FileId>,
    concerned: Concerned,
}

/// The services whose objects may mean something else after an edit.
type Concerned = BTreeSet<ServiceRef>;

impl State {
    /// Of a set of files that nothing is known about.
    pub(super) fn fresh(inventory: Option<&Inventory>, sources: &Sources, parsed: Parsed) -> Self {
        let program = Program::of(&parsed);
        let lowered = lower::lower(&program, &program, None, sources);
        let roles = lowered.as_ref().map(view::roles).unwrap_or_default();
        let roles = Arc::new(roles);
        let findings = objects(inventory, sources, &program, lowered.as_ref(), &roles);
        Self {
            inventory: inventory.cloned(),
            sources: sources.clone(),
            parsed,
            program,
            lowered,
            roles,
            findings,
        }
    }

    /// What an edit of this state concerns, if files became others by one.
    pub(super) fn edit_to(
        &self,
        inventory: Option<&Inventory>,
        sources: &Sources,
        parsed: &Parsed,
    ) -> Option<Edit> {
        if self.inventory.as_ref() != inventory || !self.program.has_each_name_once() {
            return None;
        }
        let changed = parsed.changed_since(&self.parsed)?;
        let concerned = self.concerned(sources, parsed, &changed)?;
        Some(Edit { changed, concerned })
    }

    /// This state with what an edit of it concerns done again.
    pub(super) fn after(mut self, edit: Edit, sources: &Sources, parsed: Parsed) -> Self {
        let changed = edit.changed.into_iter();
        for document in changed.flat_map(|it| parsed.file(it).documents()) {
            self.program.replace(document);
        }
        self.program.look_for_broken(&parsed);
        self.step(sources, parsed, &edit.concerned)
    }

    /// Whether no document is broken.
    pub(super) fn is_whole(&self) -> bool {
        self.parsed.broken().next().is_none()
    }

    /// What must hold of any commit.
    pub(super) fn invariants(&self) -> Vec<Invariant> {
        let lowered = self.lowered.as_ref();
        lowered.map_or_else(Vec::new, |it| it.invariants.clone())
    }

    /// The tests of policy.
    pub(super) fn tests(&self) -> Tests {
        Tests::of(&self.program)
    }

    /// Every finding in no order, as of a date, and the mesh.
    pub(super) fn judge(&self, now: Timestamp, diagnostics: &mut Vec<Diagnostic>) -> Option<Mesh> {
        diagnostics.extend(self.parsed.diagnostics().cloned());
        diagnostics.extend(self.findings.iter().cloned());
        let of_names = || resolve::whole(&self.program, &self.parsed, &self.sources);
        let Some(lowered) = &self.lowered else {
            diagnostics.extend(of_names());
            diagnostics.extend(policy_test::check(&self.program));
            return None;
        };
        let checks = || {
            let (inventory, sources) = (self.inventory.as_ref(), &self.sources);
            let subject = Subject::new(&self.program, lowered, &self.roles, inventory, sources);
            check::whole(&subject, now)
        };
        let rest = || {
            diagnostics.extend(of_names());
            diagnostics.extend(policy_test::check(&self.program));
            lowered.to_mesh(Arc::clone(&self.roles))
        };
        let (checked, mesh) = self.program.both(checks, rest);
        diagnostics.extend(checked);
        Some(mesh)
    }

    /// Does again what concerns some services; the program is already the new one.
    fn step(self, sources: &Sources, parsed: Parsed, concerned: &Concerned) -> Self {
        let Self {
            inventory,
            program,
            mut lowered,
            mut roles,
            findings,
            ..
        } = self;
        let part = program.part(concerned);
        let known = lowered.as_ref().map(|lowered| Known { lowered, concerned });
        let anew = lower::lower(&program, &part, known.as_ref(), sources);
        let mut kept = findings;
        kept.retain(|it| {
            let about = service_at(&self.parsed, it);
            about.is_some_and(|service| !concerned.contains(&service))
        });
        if let (Some(lowered), Some(anew)) = (&mut lowered, &anew) {
            let shows_the_same = view::shows_the_same(lowered, anew);
            lowered.replace(concerned, anew);
            if !shows_the_same {
                roles = Arc::new(view::roles(lowered));
            }
        }
        let inventory_of = inventory.as_ref();
        kept.extend(objects(inventory_of, sources, &part, anew.as_ref(), &roles));
        Self {
            inventory,
            sources: sources.clone(),
            parsed,
            program,
            lowered,
            roles,
            findings: kept,
        }
    }

    /// Whether others read in a document what they read before.
    fn says_what_it_said(&self, after: &Document, sources: &Sources) -> bool {
        let Document::Service(object) = after else {
            return true;
        };
        let now = self.lowered.as_ref().and_then(|lowered| {
            let id = about(after)?;
            let now = lower::service(&self.program, &id, object, sources)?;
            Some(lowered.services.get(&id)?.placeless() == now.placeless())
        });
        now == Some(true)
    }

    /// Whom the changed files concern; `None` for everybody.
    fn concerned(
        &self,
        sources: &Sources,
        parsed: &Parsed,
        changed: &[FileId],
    ) -> Option<Concerned> {
        let mut concerned = Concerned::new();
        for file in changed {
            let before = self.parsed.file(*file).documents();
            let after = parsed.file(*file).documents();
            if before.len() != after.len() {
                return None;
            }
            for (before, after) in before.iter().zip(after) {
                if !before.has_name_of(after) || !self.says_what_it_said(after, sources) {
                    return None;
                }
                concerned.insert(about(before)?);
                concerned.insert(about(after)?);
            }
        }
        // What points into a changed file points at another place now.
        for finding in &self.findings {
            let mut files = finding.labels.iter().map(|(span, _)| span.file);
            if files.any(|file| changed.contains(&file)) {
                concerned.insert(service_at(&self.parsed, finding)?);
            }
        }
        Some(concerned)
    }
}

/// What is found about the single objects of a program.
fn objects(
    inventory: Option<&Inventory>,
    sources: &Sources,
    program: &Program,
    lowered: Option<&Lowered>,
    roles: &[Role],
) -> Vec<Diagnostic> {
    let Some(lowered) = lowered else {
        return resolve::objects(program);
    };
    let of = |section| {
        let subject = Subject::new(program, lowered, roles, inventory, sources);
        check::objects(&subject, section)
    };
    let (of_routes, mut findings) = program.both(
        || of(Section::Routes),
        || {
            let mut findings = resolve::objects(program);
            findings.extend(of(Section::Others));
            findings
        },
    );
    findings.extend(of_routes);
    findings
}

/// The one service that a document is about, itself included.
fn about(document: &Document) -> Option<ServiceRef> {
    let here = &document.namespace()?.value;
    let target = match document {
        Document::Service(it) => {
            return Some(ServiceRef {
                namespace: here.clone(),
                name: it.name.value.clone(),
            });
        }
        Document::Route(it) => it.spec.target.service(),
        Document::Access(it) => it.spec.target.service(),
        Document::RateLimit(it) => it.spec.target.service(),
        _ => None,
    };
    Some(target?.value.resolve(here))
}

/// The one service that the document under a finding is about.
fn service_at(parsed: &Parsed, finding: &Diagnostic) -> Option<ServiceRef> {
    let Place::At(at) = finding.primary else {
        return None;
    };
    let contains = |span: Span| (span.start..span.end).contains(&at.start);
    let mut documents = parsed.file(at.file).documents().iter();
    documents
        .find(|document| contains(document.span()))
        .and_then(about)
}
