//! `jangbu`: the bank on the command line. See [`cli`] for its subcommands and exit statuses.

use std::process::ExitCode;

mod cli;
mod copied;
mod copies;
#[cfg(test)]
mod golden;
#[cfg(feature = "server")]
mod server;
mod tables;
mod zone;

// The engine allocates a batch here and frees it on another thread, which is slow with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
