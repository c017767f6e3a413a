use mesh_ir::{HeaderEdit, OnFailure, TokenIssuer, TokenLocation};
use smallvec::SmallVec;

use crate::access::Scene;
use crate::answers::{AuthorizerOutcome, Question, TokenOutcome, TokenQuestion};
use crate::mode::Mode;
use crate::normal::NormalForm;
use crate::observe::{Found, Observer, Step, What};
use crate::request::{Caller, Request};
use crate::rule::RuleIndex;
use crate::tables::{Inbound, PortIssuer, Tables};
use crate::values::{cookie_values, query_values};
use crate::verdict::{Admission, Reason, Refusal, TokenEdits};

/// Looks for the tokens that something about the port reads. A token that is there must
/// be valid: for one of the issuers that found it.
pub(super) fn authenticate<O: Observer>(
    tables: &Tables,
    inbound: &Inbound,
    caller: &Caller<'_>,
    request: &Request<'_>,
    form: &NormalForm<'_>,
    observer: &mut O,
) -> Result<Option<Box<TokenEdits>>, Box<Admission>> {
    if inbound.issuers.is_empty() {
        return Ok(None);
    }
    let refuse = |refusal| Box::new(Admission::Refuse(refusal));
    let mut found: Vec<(PortIssuer, Vec<u8>)> = vec![];
    for at in &inbound.issuers {
        let issuer = tables.issuer(at.issuer);
        let token = token(issuer, request, form);
        let token = match token {
            Err(why) if at.enforced => return Err(refuse(Refusal::bad_request(why))),
            token => token.ok().flatten(),
        };
        found.extend(token.map(|token| (*at, token)));
    }
    let unknown = |(at, token): &(PortIssuer, Vec<u8>)| {
        let is_unknown = caller.answers.token(at.issuer).is_none();
        is_unknown.then(|| TokenQuestion {
            issuer: at.issuer,
            token: token.clone(),
        })
    };
    let questions: Vec<_> = found.iter().filter_map(unknown).collect();
    if !questions.is_empty() {
        return Err(Box::new(Admission::Ask(Question::Tokens(questions))));
    }
    for (at, token) in &found {
        let is_valid = is_valid_somewhere(caller, &found, token);
        let rule = tables.issuer_rule(at.issuer);
        observer.step(Step {
            what: What::Token,
            found: if is_valid {
                Found::Fine
            } else {
                Found::Wrong("the token is not valid")
            },
            rule: Some(rule),
        });
        if at.enforced && !is_valid {
            let refusal = Refusal::plain(401, Reason::Token, "the token is not valid");
            return Err(refuse(refusal.by(rule)));
        }
    }
    Ok(Some(Box::new(edits(tables, inbound, caller))))
}

/// Several issuers may look in one place: the token is of one of them.
fn is_valid_somewhere(caller: &Caller<'_>, found: &[(PortIssuer, Vec<u8>)], token: &[u8]) -> bool {
    let valid = |at: &PortIssuer| {
        let outcome = caller.answers.token(at.issuer);
        matches!(outcome, Some(TokenOutcome::Valid(_)))
    };
    let mut same = found.iter().filter(|(_, other)| other == token);
    same.any(|(at, _)| valid(at))
}

/// The token in the first place that has one.
fn token(
    issuer: &TokenIssuer,
    request: &Request<'_>,
    form: &NormalForm<'_>,
) -> Result<Option<Vec<u8>>, &'static str> {
    for location in &issuer.locations {
        let mut values: SmallVec<[Vec<u8>; 1]> = SmallVec::new();
        let mut add = |value: &[u8]| values.push(value.to_vec());
        match location {
            TokenLocation::Header { name, prefix } => {
                let mut lines = 0_u32;
                request.headers.for_each(name, &mut |line| {
                    lines += 1;
                    let line = line.trim_ascii();
                    let start = line.get(..prefix.len());
                    if start.is_some_and(|it| it.eq_ignore_ascii_case(prefix.as_bytes())) {
                        add(line[prefix.len()..].trim_ascii());
                    }
                });
                if lines > 1 && !values.is_empty() {
                    return Err("a header with a token came more than once");
                }
            }
            TokenLocation::Cookie(name) => cookie_values(request.headers, name, &mut add),
            TokenLocation::Query(name) => query_values(form.target.query, name, &mut add),
        }
        values.dedup();
        match values.as_mut_slice() {
            [] => {}
            [only] => return Ok(Some(std::mem::take(only))),
            _ => return Err("a token came more than once"),
        }
    }
    Ok(None)
}

fn edits(tables: &Tables, inbound: &Inbound, caller: &Caller<'_>) -> TokenEdits {
    let mut edits = TokenEdits::default();
    // A gateway passes tokens on: what is behind it judges by them too.
    let is_last = inbound.listener.is_none();
    for at in &inbound.issuers {
        let issuer = tables.issuer(at.issuer);
        for (claim, header) in &issuer.claims_to_headers {
            edits.remove.push(header.clone());
            let claims = caller.answers.claims(at.issuer);
            let value = claims.and_then(|claims| claims.header_value(claim));
            edits.set.extend(value.map(|value| HeaderEdit {
                name: header.clone(),
                value,
            }));
        }
        if is_last && !issuer.forward {
            for location in &issuer.locations {
                match location {
                    TokenLocation::Header { name, .. } => edits.remove.push(name.clone()),
                    TokenLocation::Cookie(name) => edits.cookies.push(name.clone()),
                    TokenLocation::Query(name) => edits.query.push(name.clone()),
                }
            }
        }
    }
    edits
}

/// What all authorizers together say.
pub(super) enum Opinion {
    /// Those that were asked let it in; these without an answer.
    Agrees(SmallVec<[RuleIndex; 2]>),
    /// Not all of them were asked yet.
    Asks(Question),
    Refuses(Box<Refusal>),
}

/// All that apply must agree. What an authorizer is asked about is matched as what
/// closes: in any reading.
pub(super) fn authorize<O: Observer>(
    tables: &Tables,
    inbound: &Inbound,
    scenes: &[Scene<'_>],
    observer: &mut O,
) -> Opinion {
    let mut failed_open = SmallVec::new();
    let mut unknown = vec![];
    for at in &inbound.access.authorizers {
        let table = tables.authorizer(*at);
        let document = &tables.access.documents[table.document];
        let applies = scenes.iter().any(|scene| {
            document.speaks_of(scene.host)
                && table.requests.check(&scene.subject, Mode::Lenient).is_ok()
        });
        if !applies {
            continue;
        }
        let outcome = scenes[0].caller.answers.authorizer(*at);
        let Some(outcome) = outcome else {
            unknown.push(*at);
            continue;
        };
        observer.step(Step {
            what: What::Authorizer,
            found: match outcome {
                AuthorizerOutcome::Agrees => Found::Allows,
                AuthorizerOutcome::Refuses(_) => Found::Refuses,
                AuthorizerOutcome::Fails => Found::Wrong("the authorizer gives no answer"),
            },
            rule: Some(table.rule),
        });
        let refuses = |status, why| {
            let refusal = Refusal::plain(status, Reason::Authorizer, why);
            Opinion::Refuses(Box::new(refusal.by(table.rule)))
        };
        match (outcome, table.on_failure) {
            (AuthorizerOutcome::Agrees, _) => {}
            (AuthorizerOutcome::Refuses(status), _) => {
                // Others are no answer to a request (RFC 9110 section 15).
                let status = Some(status).filter(|it| (200..=599).contains(it));
                return refuses(status.unwrap_or(403), "an authorizer refuses it");
            }
            (AuthorizerOutcome::Fails, OnFailure::Allow) => failed_open.push(table.rule),
            (AuthorizerOutcome::Fails, OnFailure::Deny) => {
                return refuses(403, "an authorizer gives no answer");
            }
        }
    }
    if unknown.is_empty() {
        Opinion::Agrees(failed_open)
    } else {
        Opinion::Asks(Question::Authorize(unknown))
    }
}
