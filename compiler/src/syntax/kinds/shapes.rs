//! Every mapping of the language, for tests that compare them with the schemas.

use super::{
    DOCUMENT, METADATA, access, answer, authorizer, backend, caller, common, cors, endpoints,
    environment, expectation, external_service, fault, gateway, headers, health, invariant,
    load_balancing, matching, mesh, mtls, policy_test, ports, rate_limit, rollout, route, service,
    team, telemetry, tls, token_issuer,
};
use crate::syntax::decode::Shape;

/// Each once.
pub(in crate::syntax) const SHAPES: &[&Shape] = &[
    &DOCUMENT,
    &METADATA,
    &access::SPEC,
    &access::ALLOW,
    &access::DENY,
    &answer::REWRITE,
    &answer::REDIRECT,
    &answer::RESPOND,
    &authorizer::AUTHORIZER,
    &backend::BACKEND,
    &backend::FALLBACK,
    &backend::MIRROR,
    &caller::CALLER,
    &caller::TOKEN,
    &common::EXCEPTION,
    &common::RETRIES,
    &common::RULE_RETRIES,
    &common::BACKOFF,
    &cors::CORS,
    &endpoints::WORKLOADS,
    &endpoints::ENDPOINT,
    &endpoints::EXTERNAL_ENDPOINT,
    &environment::SPEC,
    &environment::PATCH,
    &environment::PATCH_TARGET,
    &expectation::EXPECT,
    &expectation::EXPECT_FORWARD,
    &expectation::EXPECT_REDIRECT,
    &expectation::EXPECT_RESPOND,
    &expectation::EXPECT_REFUSE,
    &external_service::SPEC,
    &fault::FAULT,
    &fault::DELAY,
    &fault::ABORT,
    &gateway::SPEC,
    &gateway::CLIENT_ADDRESS,
    &gateway::FORWARDED_FOR,
    &gateway::LISTENER,
    &gateway::LISTENER_REDIRECT,
    &gateway::ATTACH,
    &headers::HEADERS,
    &headers::EDITS,
    &health::PROBES,
    &health::HEALTH,
    &health::LIMITS,
    &health::OUTLIER_DETECTION,
    &invariant::SPEC,
    &invariant::CLAIM,
    &invariant::DESTINATION,
    &load_balancing::LOAD_BALANCING,
    &load_balancing::DEFAULT_LOAD_BALANCING,
    &load_balancing::SET_COOKIE,
    &load_balancing::LOCALITY,
    &load_balancing::LOCALITY_WEIGHTS,
    &matching::MATCH,
    &matching::REGEX,
    &matching::VALUE,
    &mesh::SPEC,
    &mesh::ACCESS,
    &mesh::TELEMETRY,
    &mesh::OTLP,
    &mesh::CERTIFICATES,
    &mesh::DEFAULTS,
    &mesh::NAMESPACE,
    &mesh::REPOSITORY,
    &mtls::MTLS,
    &policy_test::SPEC,
    &policy_test::CASE,
    &policy_test::FROM,
    &policy_test::REQUEST,
    &ports::PORT,
    &ports::EXTERNAL_PORT,
    &rate_limit::SPEC,
    &rate_limit::PROVIDER,
    &rate_limit::LIMIT,
    &rate_limit::RESPOND,
    &rollout::SPEC,
    &rollout::WAVE,
    &rollout::SELECT,
    &rollout::GATES,
    &rollout::DROP,
    &rollout::RISE,
    &route::SPEC,
    &route::RULE,
    &service::SPEC,
    &service::VERSION,
    &service::CALL,
    &service::CALL_RETRIES,
    &team::SPEC,
    &team::OWNS,
    &telemetry::SPEC,
    &telemetry::ACCESS_LOG,
    &telemetry::WHEN,
    &telemetry::TRACES,
    &telemetry::METRICS,
    &tls::LISTENER_TLS,
    &tls::CERTIFICATE,
    &tls::CLIENTS,
    &tls::EXTERNAL_TLS,
    &token_issuer::SPEC,
    &token_issuer::KEYS,
    &token_issuer::LOCATION,
];

/// Every word of the language that is no field: each stands where a scalar does.
#[cfg(test)]
pub(in crate::syntax) fn words() -> Vec<&'static str> {
    fn of<T>(words: &[(&'static str, T)]) -> Vec<&'static str> {
        words.iter().map(|(word, _)| *word).collect()
    }
    let kinds = mesh_ir::Kind::ALL.map(mesh_ir::Kind::as_str);
    let mut all = vec!["none", "caller", "address", "https"];
    all.extend(kinds);
    all.extend(crate::syntax::values::RETRY_WORDS);
    all.extend(of(&crate::syntax::values::STATUS_CLASSES));
    all.extend(of(&answer::SCHEMES));
    all.extend(of(&authorizer::AUTHORIZER_PROTOCOLS));
    all.extend(of(&authorizer::ON_FAILURE));
    all.extend(of(&load_balancing::NEAR));
    all.extend(of(&load_balancing::POLICIES));
    all.extend(of(&mesh::DEFAULT_ACCESS));
    all.extend(of(&mesh::REQUIREMENTS));
    all.extend(of(&mtls::MODES));
    all.extend(of(&ports::PROTOCOLS));
    all.extend(of(&ports::PROXY_PROTOCOLS));
    all.extend(of(&rate_limit::SCOPES));
    all.extend(of(&rollout::ON_FAILED_ROLLOUT));
    all.extend(of(&rollout::ON_NEW_COMMIT));
    all.extend(of(&service::ENCODED_SLASH));
    all.extend(of(&super::target::ALL));
    all.extend(of(&telemetry::EXPORTERS));
    all.extend(of(&telemetry::FORMATS));
    all.extend(of(&tls::CLIENTS_MODES));
    all.extend(of(&tls::TLS_VERSIONS));
    all.extend(of(&token_issuer::ALGORITHMS));
    all
}
