//! The `mesh` command; everything is in the library, so that tests can call it.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    mesh_cli::main()
}
