use mesh_ir::{Access, AccessRule, DefaultAccess, HostPattern, Kind, Protocol, Target, Timestamp};

use super::authorizers::AuthorizerTable;
use super::builder::{Builder, Site};
use crate::callers::Callers;
use crate::index::AuthorizerIndex;
use crate::matching::Requests;
use crate::rule::RuleIndex;

/// Every `Access` document and entry in view.
#[derive(Debug)]
pub(crate) struct AccessTable {
    pub(crate) documents: Vec<AccessDocument>,
    pub(crate) entries: Vec<AccessEntry>,
    pub(crate) authorizers: Vec<AuthorizerTable>,
}

/// A document: where its entries speak.
#[derive(Debug)]
pub(crate) struct AccessDocument {
    pub(crate) rule: RuleIndex,
    pub(super) target: Target,
    /// Decided and counted only.
    pub(crate) shadow: bool,
}

/// An entry of `allow`, `deny` or `audit`.
#[derive(Debug)]
pub(crate) struct AccessEntry {
    pub(crate) rule: RuleIndex,
    /// Position of its document.
    pub(crate) document: usize,
    list: List,
    pub(crate) from: Callers,
    pub(crate) requests: Requests,
    reads_requests: bool,
    pub(crate) expires: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Allow,
    Deny,
    Audit,
}

/// What holds for one served port, as positions in the [`AccessTable`].
#[derive(Debug)]
pub(crate) struct PortAccess {
    /// Documents about this port.
    pub(crate) documents: Vec<usize>,
    /// Those with an `allow` about it: there the default is silent.
    pub(crate) speaking: Vec<usize>,
    pub(crate) allow: Vec<usize>,
    pub(crate) deny: Vec<usize>,
    pub(crate) audit: Vec<usize>,
    /// Of enforced documents.
    pub(crate) authorizers: Vec<AuthorizerIndex>,
    /// Whether any of the documents is a shadow.
    pub(crate) has_shadow: bool,
    pub(crate) default: DefaultAccess,
    pub(crate) default_rule: RuleIndex,
}

impl AccessDocument {
    /// Whether it speaks of requests to this host; a connection has none.
    pub(crate) fn speaks_of(&self, host: Option<&str>) -> bool {
        is_about_host(&self.target.hosts, host)
    }
}

/// Whether a list of hosts, empty for all of them, covers this one.
pub(crate) fn is_about_host(hosts: &[HostPattern], host: Option<&str>) -> bool {
    hosts.is_empty() || host.is_some_and(|host| hosts.iter().any(|it| it.matches(host)))
}

impl AccessTable {
    pub(super) fn build(builder: &mut Builder<'_>) -> Self {
        let mut table = Self {
            documents: vec![],
            entries: vec![],
            authorizers: vec![],
        };
        for access in &builder.snapshot.access {
            table.add(builder, access);
        }
        table
    }

    fn add(&mut self, builder: &mut Builder<'_>, access: &Access) {
        let document = self.documents.len();
        self.documents.push(AccessDocument {
            rule: builder.add_rule(Kind::Access, &access.id, None, &access.origin),
            target: access.target.clone(),
            shadow: access.shadow,
        });
        let lists = [
            (List::Allow, &access.allow),
            (List::Deny, &access.deny),
            (List::Audit, &access.audit),
        ];
        for (list, rules) in lists {
            for rule in rules {
                let index =
                    builder.add_rule(Kind::Access, &access.id, Some(&rule.id), &rule.origin);
                self.entries
                    .push(AccessEntry::new(builder, index, document, list, rule));
            }
        }
        if let Some(authorizer) = access.authorizer.as_ref().filter(|_| !access.shadow) {
            let table = AuthorizerTable::new(builder, &access.id, document, authorizer);
            self.authorizers.push(table);
        }
    }

    /// See [`crate::Tables::next_expiry`].
    pub(super) fn next_expiry(&self, after: Timestamp) -> Option<Timestamp> {
        let allow = |entry: &&AccessEntry| {
            entry.list == List::Allow && !self.documents[entry.document].shadow
        };
        let ends = self.entries.iter().filter(allow);
        ends.filter_map(|entry| entry.expires)
            .filter(|expires| *expires > after)
            .min()
    }

    /// What of the table is about one port.
    pub(super) fn port(&self, builder: &mut Builder<'_>, site: &Site<'_>) -> PortAccess {
        let namespace = &site.service.id.namespace;
        let mut access = PortAccess {
            documents: vec![],
            speaking: vec![],
            allow: vec![],
            deny: vec![],
            audit: vec![],
            authorizers: vec![],
            has_shadow: false,
            default: builder.snapshot.settings.access_default(namespace).mode,
            default_rule: builder.add_default_rule(Some(namespace)),
        };
        for (at, entry) in self.entries.iter().enumerate() {
            let document = &self.documents[entry.document];
            let reads = entry.reads_requests;
            if !is_about(builder, entry.rule, &document.target, reads, site) {
                continue;
            }
            match entry.list {
                List::Allow => {
                    access.allow.push(at);
                    access.speaking.push(entry.document);
                }
                List::Deny => access.deny.push(at),
                List::Audit => access.audit.push(at),
            }
            access.documents.push(entry.document);
            access.has_shadow |= document.shadow;
        }
        for (at, authorizer) in self.authorizers.iter().enumerate() {
            let target = &self.documents[authorizer.document].target;
            if is_about(builder, authorizer.rule, target, true, site) {
                access.authorizers.push(AuthorizerIndex::at(at));
            }
        }
        access.documents.dedup();
        access.speaking.dedup();
        access
    }
}

impl AccessEntry {
    fn new(
        builder: &mut Builder<'_>,
        index: RuleIndex,
        document: usize,
        list: List,
        rule: &AccessRule,
    ) -> Self {
        Self {
            rule: index,
            document,
            list,
            from: builder.callers(index, &rule.from),
            requests: builder.accept(index, Requests::new(&rule.matches)),
            reads_requests: !rule.matches.is_empty(),
            expires: rule.expires,
        }
    }
}

/// Whether an entry is about a port. What reads requests says nothing about a
/// port of bytes where it speaks of `all`, and cannot be honoured where it names
/// the object: it is never widened or dropped in silence. Connections of a `tls`
/// port have a host: their server name.
pub(super) fn is_about(
    builder: &mut Builder<'_>,
    rule: RuleIndex,
    target: &Target,
    reads_requests: bool,
    site: &Site<'_>,
) -> bool {
    let Site { service, port, .. } = site;
    if !target.is_about(site.subject, &port.name) {
        return false;
    }
    let has_host = target.hosts.is_empty() || port.protocol == Protocol::Tls;
    if port.protocol.is_http() || (!reads_requests && has_host) {
        return true;
    }
    if target.scope.subject().is_some() {
        let reason = format!(
            "it reads requests, but port `{}` of {} speaks {}",
            port.name, service.id, port.protocol
        );
        builder.refuse(rule, reason);
    }
    false
}
