//! The command line, built beside the suites so that `cargo test` alone builds
//! everything that they start.

fn main() -> std::process::ExitCode {
    mesh_cli::main()
}
