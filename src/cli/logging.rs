//! Logs go to standard error, so that standard output carries only results.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{Directive, LevelFilter};

/// Silences the engine's clock alarm. A command that fails because of the clock says so itself, in one line.
const CLOCK_ALARM_OFF: &str = "jangbu_actors::supervisor::timekeeper=off";

/// Logs what `JANGBU_LOG` selects, or records of `default_level` and above, to standard error.
pub(super) fn start(default_level: LevelFilter) {
    let filter = EnvFilter::builder()
        .with_default_directive(default_level.into())
        .with_env_var("JANGBU_LOG")
        // An invalid directive is ignored: it must not stop the bank.
        .from_env_lossy();
    let filter = match CLOCK_ALARM_OFF.parse::<Directive>() {
        Ok(off) if default_level != LevelFilter::INFO && std::env::var_os("JANGBU_LOG").is_none() => {
            filter.add_directive(off)
        }
        _ => filter,
    };
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
