//! `mesh simulate`: what happens to a request, step by step.
//!
//! The words of the command line as a question; `mesh_compiler::simulate` answers it.

mod question;

use std::net::IpAddr;
use std::path::PathBuf;

use mesh_compiler::simulate::{AuthorizerSays, Head, Simulator};

use crate::exit::{Exit, Failure};
use crate::intents::{IntentsArgs, mesh_or_explain, now};
use crate::terminal::Terminal;

use super::status::Output;

/// Arguments of `mesh simulate`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The caller: a service as name.namespace or namespace/name, gateway:name.namespace,
    /// spiffe://…, or `anyone`: a client outside
    #[arg(long, value_name = "CALLER")]
    from: String,
    /// The service called, where the URL is only a path
    #[arg(long, value_name = "SERVICE")]
    to: Option<String>,
    /// The method (GET, if left out) and the URL: `http://reviews.shop/reviews/7` or `tcp://db.shop:5432`
    #[arg(value_name = "METHOD URL", num_args = 1..=2, required = true)]
    request: Vec<String>,
    /// A header, as `name: value`
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// The directory of intents
    #[arg(long, value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// What exists: workloads, addresses, labels (YAML or JSON)
    #[arg(long, value_name = "FILE")]
    inventory: Option<PathBuf>,
    /// For which environment; left out: the only one, or none
    #[arg(long, value_name = "NAME", value_parser = mesh_ir::Name::parse)]
    environment: Option<mesh_ir::Name>,
    /// The `x-request-id`: it decides which version is drawn
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    /// The address of the caller, as the callee's proxy sees it
    #[arg(long, value_name = "ADDRESS")]
    address: Option<IpAddr>,
    /// The claims of a valid token, as JSON; perhaps after the issuer: `corp.shop={…}`
    #[arg(long = "claims", value_name = "CLAIMS")]
    claims: Vec<String>,
    /// What authorizers say
    #[arg(long, value_enum, default_value_t)]
    authorizer: Authorizer,
    /// When, as RFC 3339; left out: now
    #[arg(long, value_name = "TIME")]
    at: Option<jiff::Timestamp>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Authorizer {
    /// Yes
    #[default]
    Agrees,
    /// No
    Refuses,
    /// Nothing, in time
    Fails,
}

impl From<Authorizer> for AuthorizerSays {
    fn from(authorizer: Authorizer) -> Self {
        match authorizer {
            Authorizer::Agrees => Self::Agrees,
            Authorizer::Refuses => Self::Refuses,
            Authorizer::Fails => Self::Fails,
        }
    }
}

/// Compiles, decides, and prints the verdict.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let wall = args
        .at
        .map_or_else(now, |at| mesh_ir::Timestamp(at.as_second()));
    let intents = IntentsArgs {
        path: args.path.clone(),
        inventory: args.inventory.clone(),
        environment: args.environment.clone(),
    };
    let compilation = intents.compile_at(wall)?;
    let Some(mesh) = mesh_or_explain(&compilation, terminal)? else {
        return Ok(Exit::Findings);
    };
    let simulator = Simulator::new(mesh);
    let question = question::of(args, &simulator, wall).map_err(Failure::Question)?;
    let verdict = simulator.ask(&question);
    let verdict = verdict.map_err(|why| Failure::Question(why.to_string()))?;
    match args.output {
        Output::Json => {
            let text = serde_json::to_string_pretty(&verdict).map_err(std::io::Error::from)?;
            writeln!(terminal.out, "{text}")?;
        }
        Output::Text => write!(terminal.out, "{verdict}")?,
    }
    Ok(Exit::Success)
}

/// What `mesh simulate --output json` says of a request in the bytes that are on
/// the wire, which a command line cannot hold.
///
/// # Errors
///
/// Why the question has no answer.
pub fn simulate(
    mesh: &mesh_ir::Mesh,
    from: &str,
    method: &[u8],
    target: &[u8],
    headers: &[(String, Vec<u8>)],
) -> Result<serde_json::Value, String> {
    let head = Head {
        method: method.to_vec(),
        target: target.to_vec(),
        headers: headers.to_vec(),
    };
    let simulator = Simulator::new(mesh);
    let question = question::raw(&simulator, from, head, now())?;
    let verdict = simulator.ask(&question).map_err(|why| why.to_string())?;
    serde_json::to_value(&verdict).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::recorded;
    use clap::Parser;
    use serde_json::{Value, json};

    const INTENTS: &str = "\
apiVersion: meshwright.dev/v1
kind: Mesh
metadata: {name: shop}
spec:
  trustDomain: shop.example
  access: {default: deny}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: page, namespace: shop}
spec: {}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: stranger, namespace: shop}
spec: {}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: reviews, namespace: shop}
spec:
  ports: {http: 9080}
  versions: {v1: {}, v3: {}}
---
apiVersion: meshwright.dev/v1
kind: Service
metadata: {name: db, namespace: shop}
spec:
  ports: {tcp: 5432}
---
apiVersion: meshwright.dev/v1
kind: Route
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  rules:
    - name: everyone
      match: [{paths: [/reviews/**]}]
      to: [{version: v1, weight: 90}, {version: v3, weight: 10}]
    - name: health
      match: [{paths: [/health]}]
      respond: {status: 200, body: ok}
---
apiVersion: meshwright.dev/v1
kind: Access
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  allow:
    - name: page-reads
      from: [{service: page}]
      match: [{methods: [GET], paths: [/reviews/*]}]
---
apiVersion: meshwright.dev/v1
kind: Access
metadata: {name: db, namespace: shop}
spec:
  service: db
  allow: [{name: reviews, from: [{service: reviews}]}]
---
apiVersion: meshwright.dev/v1
kind: RateLimit
metadata: {name: reviews, namespace: shop}
spec:
  service: reviews
  limits:
    - {name: reads, rate: 1/h, burst: 1}
";

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn simulate(more: &[&str]) -> Result<String, Failure> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("mesh.yaml"), INTENTS).unwrap();
        let path = directory.path().to_str().unwrap();
        let line = ["simulate", "--path", path]
            .into_iter()
            .chain(more.iter().copied());
        let (mut terminal, out, errors) = recorded::terminal();
        let exit = run(&Line::parse_from(line).args, &mut terminal)?;
        assert_eq!(exit, Exit::Success, "{}", errors.text());
        Ok(out.text())
    }

    fn verdict(from: &str, method: &str, url: &str) -> Value {
        let more = [
            "--from",
            from,
            "--output",
            "json",
            "--request-id",
            "7",
            method,
            url,
        ];
        serde_json::from_str(&simulate(&more).unwrap()).unwrap()
    }

    #[test]
    fn an_allowed_request_is_forwarded_by_its_rule() {
        let verdict = verdict("shop/page", "GET", "http://reviews.shop/reviews/7");
        assert_eq!(verdict["outcome"], "forward");
        assert_eq!(verdict["versions"], json!({"v1": 90, "v3": 10}));
        let rule = json!({"kind": "Route", "namespace": "shop", "name": "reviews",
            "rule": "everyone", "file": "mesh.yaml", "line": 37});
        assert_eq!(verdict["rule"], rule);
        assert!(verdict["version"] == "v1" || verdict["version"] == "v3");
        let at: Vec<_> = verdict["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| &s["at"])
            .collect();
        assert!(at.contains(&&json!("caller")) && at.contains(&&json!("callee")));
    }

    #[test]
    fn the_callee_denies_what_no_entry_allows() {
        let verdict = verdict("page.shop", "POST", "http://reviews.shop/reviews/1");
        assert_eq!(
            (&verdict["outcome"], &verdict["status"]),
            (&json!("deny"), &json!(403))
        );
        assert_eq!(verdict["rule"]["kind"], "Mesh");
        assert_eq!(verdict["rule"]["line"], 6, "the access.default line");
    }

    #[test]
    fn a_caller_without_any_access_does_not_see_the_host() {
        let verdict = verdict("shop/stranger", "GET", "http://reviews.shop/reviews/7");
        assert_eq!(
            (&verdict["outcome"], &verdict["status"]),
            (&json!("not-visible"), &json!(403))
        );
        assert_eq!(verdict["rule"]["line"], 6);
    }

    #[test]
    fn other_outcomes_have_their_words() {
        let outcome = |url: &str| verdict("shop/page", "GET", url)["outcome"].clone();
        assert_eq!(outcome("http://reviews.shop/health"), "respond");
        assert_eq!(outcome("http://reviews.shop/other"), "no-route");
        assert_eq!(
            outcome("http://reviews.shop/reviews/%2e%2e/x"),
            "bad-request"
        );
        assert_eq!(outcome("http://nobody.shop/"), "not-visible");
    }

    #[test]
    fn a_connection_is_judged_as_one() {
        let line = [
            "--from",
            "shop/reviews",
            "--output",
            "json",
            "tcp://db.shop:5432",
        ];
        let verdict: Value = serde_json::from_str(&simulate(&line).unwrap()).unwrap();
        assert_eq!(verdict["outcome"], "forward");
        let line = [
            "--from",
            "shop/page",
            "--output",
            "json",
            "tcp://db.shop:5432",
        ];
        let verdict: Value = serde_json::from_str(&simulate(&line).unwrap()).unwrap();
        assert_eq!(verdict["outcome"], "not-visible");
    }

    #[test]
    fn a_path_alone_needs_to() {
        let line = [
            "--from",
            "shop/page",
            "--to",
            "reviews.shop",
            "GET",
            "/reviews/7",
        ];
        assert!(simulate(&line).unwrap().starts_with("forward"));
        let refused = simulate(&["--from", "shop/page", "GET", "/reviews/7"]);
        assert!(matches!(refused, Err(Failure::Question(_))));
    }

    #[test]
    fn a_url_without_its_scheme_is_told_from_a_path_that_holds_one() {
        let to = ["--from", "shop/page", "--to", "reviews.shop", "GET"];
        let path = [&to[..], &["/reviews/7?next=http://x/"]].concat();
        assert!(simulate(&path).unwrap().starts_with("forward"));
        let bare = ["--from", "shop/page", "GET", "reviews.shop/reviews/7"];
        let refused = simulate(&bare).unwrap_err().to_string();
        assert!(
            refused.ends_with("write `http://reviews.shop/reviews/7`"),
            "{refused}"
        );
    }

    #[test]
    fn a_caller_that_is_not_there_is_an_error() {
        let refused = simulate(&["--from", "shop/nobody", "GET", "http://reviews.shop/"]);
        assert_eq!(
            refused.unwrap_err().to_string(),
            "there is no service `nobody.shop`"
        );
    }
}
