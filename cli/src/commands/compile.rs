//! `mesh compile`: what the intents mean – each role and the bundle it is given.

use std::fmt;
use std::io::{BufWriter, Write as _};

use mesh_ir::{CommitId, Epoch, Role};
use mesh_xds::{EncodedMember, EncodedMesh};
use serde::{Serialize, Serializer};

use crate::exit::{Exit, Failure};
use crate::intents::{IntentsArgs, enforceable_or_explain};
use crate::terminal::Terminal;

use super::status::{Output, short};

/// Arguments of `mesh compile`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    intents: IntentsArgs,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// The answer. Each role is reported as it is written: all reports together may be far
/// larger than the mesh. The shape of the JSON is a contract.
#[derive(Serialize)]
struct Compiled<'m> {
    trust_domain: String,
    #[serde(serialize_with = "in_turn")]
    roles: Reports<'m>,
}

#[derive(Debug, Serialize)]
struct RoleReport {
    identity: String,
    serves: Vec<String>,
    calls: Vec<String>,
    digest: String,
    members: Vec<MemberReport>,
}

#[derive(Debug, Serialize)]
struct MemberReport {
    kind: String,
    name: String,
    version: String,
    bytes: usize,
}

/// Compiles and prints roles with their members.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let compilation = args.intents.compile()?;
    let Some(mesh) = enforceable_or_explain(&compilation, terminal)? else {
        return Ok(Exit::Findings);
    };
    let compiled = Compiled {
        trust_domain: mesh.settings.trust_domain.to_string(),
        roles: Reports {
            roles: &mesh.roles,
            members: EncodedMesh::of(mesh),
        },
    };
    let mut out = BufWriter::new(&mut terminal.out);
    match args.output {
        Output::Json => {
            serde_json::to_writer_pretty(&mut out, &compiled).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        Output::Text => write!(out, "{compiled}")?,
    }
    out.flush()?;
    Ok(Exit::Success)
}

/// Makes the reports of roles.
struct Reports<'m> {
    roles: &'m [Role],
    members: EncodedMesh<'m>,
}

impl Reports<'_> {
    fn iter(&self) -> impl Iterator<Item = RoleReport> {
        self.roles.iter().map(|role| self.report(role))
    }

    fn report(&self, role: &Role) -> RoleReport {
        // The digest speaks of members alone; epoch and commit are the operator's.
        let given = self
            .members
            .role_bundle(role, Epoch(0), CommitId("".into()));
        let names =
            |services: &[mesh_ir::ServiceRef]| services.iter().map(ToString::to_string).collect();
        RoleReport {
            identity: role.identity.to_string(),
            serves: names(&role.serves),
            calls: names(&role.calls),
            digest: given.bundle.digest.to_string(),
            members: given.members.iter().map(member).collect(),
        }
    }
}

fn in_turn<S: Serializer>(reports: &Reports<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(reports.iter())
}

fn member(member: &EncodedMember) -> MemberReport {
    MemberReport {
        kind: format!("{:?}", member.kind),
        name: member.name.to_string(),
        version: member.version.to_string(),
        bytes: member.bytes.len(),
    }
}

impl fmt::Display for Compiled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.roles.iter().try_for_each(|role| role.fmt(f))
    }
}

impl fmt::Display for RoleReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            identity,
            serves,
            calls,
            digest,
            members,
        } = self;
        writeln!(f, "{identity}")?;
        writeln!(f, "  serves  {}", list(serves))?;
        writeln!(f, "  calls   {}", list(calls))?;
        writeln!(f, "  digest  {}", short(digest))?;
        for member in members {
            let version = short(&member.version);
            writeln!(f, "    {version}  {} {}", member.kind, member.name)?;
        }
        Ok(())
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::recorded;

    fn compile(files: &[(&str, &str)], output: Output) -> (Exit, String, String) {
        let directory = tempfile::tempdir().unwrap();
        for (path, text) in files {
            std::fs::write(directory.path().join(path), text).unwrap();
        }
        let (mut terminal, out, errors) = recorded::terminal();
        let intents = IntentsArgs {
            path: directory.path().to_owned(),
            inventory: None,
            environment: None,
        };
        let exit = run(&Args { intents, output }, &mut terminal).unwrap();
        (exit, out.text(), errors.text())
    }

    const FILES: [(&str, &str); 2] = [
        ("mesh.yaml", include_str!("init/mesh.yaml")),
        ("hello.yaml", include_str!("init/hello.yaml")),
    ];

    #[test]
    fn people_see_each_role_with_what_it_serves_and_calls() {
        let (exit, out, _) = compile(&FILES, Output::Text);
        assert_eq!(exit, Exit::Success);
        let client = out
            .split("spiffe://")
            .find(|role| role.starts_with("demo.example/ns/demo/sa/client"));
        let client = client.unwrap();
        assert!(
            client.contains("  serves  client.demo\n  calls   hello.demo\n  digest  "),
            "{client}"
        );
        assert!(
            client.contains("  Route demo/hello\n"),
            "the caller runs the route: {client}"
        );
        assert!(
            !client.contains("  Access demo/hello\n"),
            "the callee enforces access: {client}"
        );
    }

    #[test]
    fn the_same_intents_in_other_files_differ_only_where_origins_do() {
        let (_, one, _) = compile(&FILES, Output::Json);
        let (_, again, _) = compile(&FILES, Output::Json);
        assert_eq!(one, again);
    }

    #[test]
    fn what_does_not_compile_is_explained() {
        let (exit, out, errors) = compile(&[("mesh.yaml", "kind: [")], Output::Json);
        assert_eq!((exit, out.as_str()), (Exit::Findings, ""));
        assert!(errors.contains("mesh.yaml"));
    }

    #[test]
    fn an_environment_is_named_where_there_are_several() {
        let environment = |name: &str| {
            format!(
                "apiVersion: meshwright.dev/v1\nkind: Environment\nmetadata: {{name: {name}}}\nspec: {{}}\n"
            )
        };
        let (staging, production) = (environment("staging"), environment("production"));
        let [mesh, hello] = FILES;
        let files = [mesh, hello, ("s.yaml", &*staging), ("p.yaml", &*production)];
        let (exit, out, errors) = compile(&files, Output::Text);
        assert_eq!((exit, out.as_str()), (Exit::Findings, ""));
        assert!(
            errors.contains("M1001") && errors.contains("production, staging"),
            "{errors}"
        );
        let (exit, ..) = compile(&files[..3], Output::Text);
        assert_eq!(exit, Exit::Success, "the only one is meant");
    }

    #[test]
    fn what_the_data_plane_cannot_do_is_not_compiled() {
        let rollout = "apiVersion: meshwright.dev/v1
kind: Rollout
metadata: {name: default}
spec: {waves: [{percent: 10%}, {percent: 100%}]}
";
        let [mesh, hello] = FILES;
        let (exit, out, errors) = compile(&[mesh, hello, ("r.yaml", rollout)], Output::Text);
        assert_eq!((exit, out.as_str()), (Exit::Findings, ""));
        assert!(errors.contains("M1101"), "{errors}");
    }
}
