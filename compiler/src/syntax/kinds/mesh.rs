use std::time::Duration;

use mesh_ir::{DefaultAccess, Percent, TrustDomain};

use super::common::{exception, retries};
use super::load_balancing::default_load_balancing;
use super::mtls::mtls;
use crate::syntax::ast::{
    AccessDefault, Certificates, Defaults, Mesh, NamespaceBlock, Otlp, Repository, Requirement,
    Spanned,
};
use crate::syntax::codes::{invalid_value, without_effect};
use crate::syntax::decode::scalar::{integer, parsed, word};
use crate::syntax::decode::{Fields, Shape, map_of};
use crate::syntax::node::Node;
use crate::syntax::report::{Read, Report};
use crate::syntax::values::{
    bound, duration, duration_within, name, name_key, percent, qualified_reference, size,
};

pub(in crate::syntax) const SPEC: Shape = Shape {
    what: "`spec` of a Mesh",
    fields: &[
        "trustDomain",
        "access",
        "mtls",
        "certificates",
        "defaults",
        "namespaces",
        "telemetry",
        "require",
        "repository",
    ],
};

pub(in crate::syntax) const ACCESS: Shape = Shape {
    what: "`access`",
    fields: &["default", "exception"],
};

pub(in crate::syntax) const TELEMETRY: Shape = Shape {
    what: "`telemetry` of a Mesh",
    fields: &["otlp"],
};

pub(in crate::syntax) const OTLP: Shape = Shape {
    what: "`otlp`",
    fields: &["service", "port"],
};

pub(in crate::syntax) const CERTIFICATES: Shape = Shape {
    what: "`certificates`",
    fields: &["lifetime", "renewAt"],
};

pub(in crate::syntax) const DEFAULTS: Shape = Shape {
    what: "`defaults`",
    fields: &[
        "connectTimeout",
        "timeout",
        "streamIdleTimeout",
        "idleTimeout",
        "retries",
        "loadBalancing",
    ],
};

pub(in crate::syntax) const NAMESPACE: Shape = Shape {
    what: "an entry of `namespaces`",
    fields: &["access", "mtls", "defaults"],
};

pub(in crate::syntax) const REPOSITORY: Shape = Shape {
    what: "`repository`",
    fields: &["files", "fileSize", "totalSize", "rulesPerService"],
};

/// How long a workload's certificate may live.
const LIFETIMES: (Duration, Duration) = (Duration::from_secs(5), Duration::from_hours(24));

pub(super) fn decode(node: &Node<'_>, report: &mut Report) -> Read<Mesh> {
    let mut fields = Fields::open(node, &SPEC, report)?;
    let trust_domain = fields.required("trustDomain", |node, report| {
        parsed(node, report, "a trust domain", TrustDomain::parse)
    });
    let access = fields.optional("access", access);
    let mtls = fields.optional("mtls", mtls);
    let certificates = fields.optional("certificates", certificates);
    let defaults = fields.optional("defaults", defaults);
    let namespaces = fields.optional("namespaces", |node, report| map_of(node, report, namespace));
    let otlp = fields.optional("telemetry", telemetry);
    let require = fields.list("require", |node, report| word(node, report, &REQUIREMENTS));
    let repository = fields.optional("repository", repository);
    fields.end()?;
    Ok(Mesh {
        trust_domain: trust_domain?,
        access: access?,
        mtls: mtls?,
        certificates: certificates?.unwrap_or_default(),
        defaults: defaults?.unwrap_or_default(),
        namespaces: namespaces?.unwrap_or_default(),
        otlp: otlp?,
        require: require?,
        repository: repository?.unwrap_or_default(),
    })
}

fn access(node: &Node<'_>, report: &mut Report) -> Read<AccessDefault> {
    let mut fields = Fields::open(node, &ACCESS, report)?;
    let default = fields.required("default", |node, report| {
        word(node, report, &DEFAULT_ACCESS)
    });
    let exception = fields.optional("exception", exception);
    let report = fields.end_with()?;
    let (default, exception) = (default?, exception?);
    if let (DefaultAccess::Deny, Some(exception)) = (default.value, &exception) {
        let why = "`deny` opens nothing";
        return Err(report.push(without_effect::error(exception.span, "exception", why)));
    }
    Ok(AccessDefault { default, exception })
}

fn telemetry(node: &Node<'_>, report: &mut Report) -> Read<Otlp> {
    let mut fields = Fields::open(node, &TELEMETRY, report)?;
    let otlp = fields.required("otlp", otlp);
    fields.end()?;
    otlp
}

fn otlp(node: &Node<'_>, report: &mut Report) -> Read<Otlp> {
    let mut fields = Fields::open(node, &OTLP, report)?;
    let service = fields.required("service", qualified_reference);
    let port = fields.optional("port", name);
    fields.end()?;
    Ok(Otlp {
        service: service?,
        port: port?,
    })
}

fn certificates(node: &Node<'_>, report: &mut Report) -> Read<Certificates> {
    let mut fields = Fields::open(node, &CERTIFICATES, report)?;
    let lifetime = fields.optional("lifetime", |node, report| {
        duration_within(node, report, LIFETIMES)
    });
    let renew_at = fields.optional("renewAt", renew_at);
    fields.end()?;
    Ok(Certificates {
        lifetime: lifetime?,
        renew_at: renew_at?,
    })
}

fn renew_at(node: &Node<'_>, report: &mut Report) -> Read<Spanned<Percent>> {
    let share = percent(node, report)?;
    if share.value.0 > 0 && share.value < Percent::ALL {
        return Ok(share);
    }
    let (text, what) = (share.value.to_string(), "a share of a certificate's life");
    let reason = "above 0% and below 100%";
    Err(report.push(invalid_value::error(node.span, &text, what, reason)))
}

fn defaults(node: &Node<'_>, report: &mut Report) -> Read<Defaults> {
    let mut fields = Fields::open(node, &DEFAULTS, report)?;
    let connect_timeout = fields.optional("connectTimeout", duration);
    let timeout = fields.optional("timeout", bound);
    let stream_idle_timeout = fields.optional("streamIdleTimeout", bound);
    let idle_timeout = fields.optional("idleTimeout", bound);
    let retries = fields.optional("retries", retries);
    let load_balancing = fields.optional("loadBalancing", default_load_balancing);
    fields.end()?;
    Ok(Defaults {
        connect_timeout: connect_timeout?,
        timeout: timeout?,
        stream_idle_timeout: stream_idle_timeout?,
        idle_timeout: idle_timeout?,
        retries: retries?,
        load_balancing: load_balancing?,
    })
}

fn namespace(key: Spanned<&str>, node: &Node<'_>, report: &mut Report) -> Read<NamespaceBlock> {
    let name = name_key(key, report);
    let mut fields = Fields::open(node, &NAMESPACE, report)?;
    let access = fields.optional("access", access);
    let mtls = fields.optional("mtls", mtls);
    let defaults = fields.optional("defaults", defaults);
    fields.end()?;
    Ok(NamespaceBlock {
        name: name?,
        access: access?,
        mtls: mtls?,
        defaults: defaults?.unwrap_or_default(),
    })
}

fn repository(node: &Node<'_>, report: &mut Report) -> Read<Repository> {
    let mut fields = Fields::open(node, &REPOSITORY, report)?;
    let files = fields.optional("files", count);
    let file_size = fields.optional("fileSize", size);
    let total_size = fields.optional("totalSize", size);
    let rules_per_service = fields.optional("rulesPerService", count);
    fields.end()?;
    Ok(Repository {
        files: files?,
        file_size: file_size?,
        total_size: total_size?,
        rules_per_service: rules_per_service?,
    })
}

fn count(node: &Node<'_>, report: &mut Report) -> Read<Spanned<u64>> {
    integer(node, report, 1..=1_000_000_000)
}

pub(in crate::syntax) const DEFAULT_ACCESS: [(&str, DefaultAccess); 2] = [
    ("deny", DefaultAccess::Deny),
    ("allow", DefaultAccess::Allow),
];

pub(in crate::syntax) const REQUIREMENTS: [(&str, Requirement); 3] = [
    ("access", Requirement::Access),
    ("team", Requirement::Team),
    ("timeout", Requirement::Timeout),
];
