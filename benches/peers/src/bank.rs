//! Runs `jangbu bench`, which audits its run itself.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::figures::Figures;
use crate::{Args, Failed, Outcome, settle};

/// Measures `transfers` in batches of `batch`, of which `in_flight` are under way. Returns also what a bare write to the
/// disk takes.
pub(crate) fn measure(args: &Args, transfers: u32, batch: u32, in_flight: u32) -> Outcome<(Figures, String)> {
    let mut command = Command::new(&args.program);
    command.args(["bench", "--json", "--dir"]).arg(&args.dir);
    let options = [("accounts", args.accounts), ("transfers", transfers), ("batch", batch), ("in-flight", in_flight)];
    for (option, value) in options {
        command.args([format!("--{option}"), value.to_string()]);
    }
    settle()?;
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(Failed(format!("jangbu bench ended with {}", output.status)).into());
    }
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let number = |name: &str| {
        let value = report.pointer(name).and_then(serde_json::Value::as_f64);
        value.ok_or_else(|| Failed(format!("jangbu bench reports no {name}")))
    };
    // It reports whole transfers per second, from which the time follows to within one in as many.
    let per_s = number("/transfers_per_s")?;
    let figures = Figures {
        transfers,
        elapsed: Duration::from_secs(transfers.into()).div_f64(per_s),
        p50: Duration::from_millis(1).mul_f64(number("/latency_ms/p50")?),
        p99: Duration::from_millis(1).mul_f64(number("/latency_ms/p99")?),
    };
    let filesystem =
        report.pointer("/filesystem").and_then(serde_json::Value::as_str).unwrap_or("an unknown file system");
    Ok((figures, format!("{} µs on {filesystem}", number("/fdatasync_us")?)))
}
