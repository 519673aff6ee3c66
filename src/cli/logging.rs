//! Logs: on standard error, so that standard output stays what was asked for.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{Directive, LevelFilter};

/// A command that is turned away because of the clock says so itself, in one line; the engine's alarm is for services.
const CLOCK_ALARM_OFF: &str = "jangbu_actors::supervisor::timekeeper=off";

/// Sends the logs that `JANGBU_LOG` asks for, or those of the `usual` level and above, to standard error.
pub(super) fn start(usual: LevelFilter) {
    let filter = EnvFilter::builder()
        .with_default_directive(usual.into())
        .with_env_var("JANGBU_LOG")
        // A directive that cannot be read is left out rather than stopping the bank.
        .from_env_lossy();
    let filter = match CLOCK_ALARM_OFF.parse::<Directive>() {
        Ok(off) if usual != LevelFilter::INFO && std::env::var_os("JANGBU_LOG").is_none() => filter.add_directive(off),
        _ => filter,
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
