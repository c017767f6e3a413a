//! `mesh graph`: pictures of services, calls and trust.

use std::path::PathBuf;

use clap::ValueEnum;
use mesh_compiler::graph::{View, dot, graph, mermaid, svg};

use crate::exit::{Exit, Failure};
use crate::intents::{IntentsArgs, mesh_or_explain};
use crate::terminal::Terminal;

/// Arguments of `mesh graph`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    intents: IntentsArgs,
    /// What is shown
    #[arg(long, value_enum, default_value_t)]
    what: What,
    /// How it is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Where to; left out: standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum What {
    /// What there is, and where routes lead
    Services,
    /// Who may call whom: solid where an intent names the caller, dashed where a wider one does
    #[default]
    Calls,
    /// Accounts, doors, and every place where no identity is needed
    Trust,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// For Graphviz
    #[default]
    Dot,
    /// What forges draw inside Markdown
    Mermaid,
    /// A picture
    Svg,
}

/// Compiles and draws.
pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let compilation = args.intents.compile()?;
    let Some(mesh) = mesh_or_explain(&compilation, terminal)? else {
        return Ok(Exit::Findings);
    };
    let view = match args.what {
        What::Services => View::Services,
        What::Calls => View::Calls,
        What::Trust => View::Trust,
    };
    let graph = graph(mesh, view);
    let text = match args.format {
        Format::Dot => dot(&graph),
        Format::Mermaid => mermaid(&graph),
        Format::Svg => svg(&graph),
    };
    match &args.output {
        Some(path) => std::fs::write(path, text).map_err(Failure::file("write", path))?,
        None => terminal.out.write_all(text.as_bytes())?,
    }
    Ok(Exit::Success)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::recorded;

    #[test]
    fn the_first_repository_can_be_drawn_in_every_way() {
        let directory = tempfile::tempdir().unwrap();
        let files = [
            ("mesh.yaml", include_str!("init/mesh.yaml")),
            ("hello.yaml", include_str!("init/hello.yaml")),
        ];
        for (path, text) in files {
            std::fs::write(directory.path().join(path), text).unwrap();
        }
        let ways = [
            (Format::Dot, "digraph mesh {"),
            (Format::Mermaid, "---\ntitle: "),
            (Format::Svg, "<svg "),
        ];
        for (format, start) in ways {
            let (mut terminal, out, _) = recorded::terminal();
            let args = Args {
                intents: IntentsArgs {
                    path: directory.path().to_owned(),
                    inventory: None,
                    environment: None,
                },
                what: What::Calls,
                format,
                output: None,
            };
            assert_eq!(run(&args, &mut terminal).unwrap(), Exit::Success);
            let text = out.text();
            assert!(text.starts_with(start) && text.contains("hello"), "{text}");
        }
    }
}
