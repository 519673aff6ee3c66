//! Logs: on standard error, so that standard output stays what was asked for.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Sends the logs that `JANGBU_LOG` asks for, or those of the `usual` level and above, to standard error.
pub(super) fn start(usual: LevelFilter) {
    let filter = EnvFilter::builder()
        .with_default_directive(usual.into())
        .with_env_var("JANGBU_LOG")
        // A directive that cannot be read is left out rather than stopping the bank.
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
