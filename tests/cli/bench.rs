//! `jangbu bench` with small numbers: it measures, audits, and leaves nothing behind.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn bench(arguments: &[&str]) -> Output {
    // In the build directory, which is more likely on a disk than the directory for temporary files.
    let place = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory for the run");
    let mut command = Command::new(env!("CARGO_BIN_EXE_jangbu"));
    command.current_dir(place.path()).args(["bench", "--accounts", "50"]).args(arguments);
    let output = command.output().expect("the program starts");
    let left = fs::read_dir(place.path()).expect("the directory of the run").count();
    assert_eq!(left, 0, "the bench left something behind");
    output
}

#[test]
fn it_prints_one_json_object_and_nothing_else() {
    for arguments in [
        &["--transfers", "5000", "--batch", "999", "--in-flight", "2"][..],
        &["--transfers", "2000", "--batch", "1", "--in-flight", "64", "--distribution", "zipf"],
        &["--transfers", "3000", "--batch", "8189", "--distribution", "hot", "--workers", "2"],
        &["--transfers", "3000", "--batch", "500", "--in-flight", "2", "--fees"],
        &["--transfers", "3000", "--batch", "500", "--in-flight", "2", "--fees", "--active", "20"],
        &["--transfers", "1000", "--batch", "1", "--in-flight", "8", "--fees", "--two-phase"],
        &["--transfers", "1000", "--batch", "100", "--fees", "--waiting", "9000"],
    ] {
        let output = bench(&[arguments, &["--json"]].concat());
        let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{arguments:?}");
        let figures: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        let transfers: u64 = arguments[1].parse().unwrap();
        assert_eq!(figures["audit"], "ok");
        for counted in ["debit_messages", "credit_messages"] {
            assert!(figures[counted].as_u64().unwrap() >= transfers, "{counted}: {stdout}");
        }
        for positive in ["transfers_per_s", "peak_rss_bytes", "commits", "fdatasync_us"] {
            assert!(figures[positive].as_u64().unwrap() > 0, "{positive}: {stdout}");
        }
        let latency = |name: &str| figures["latency_ms"][name].as_f64().unwrap();
        let ordered = ["p50", "p90", "p99", "max"].map(latency);
        assert!(ordered[0] > 0.0 && ordered.is_sorted(), "{stdout}");
        assert!(figures["bytes_per_transfer"].is_f64() && figures["filesystem"].is_string(), "{stdout}");
    }
}

#[test]
fn holds_and_their_settlements_are_counted_in_pairs() {
    let arguments = ["--transfers", "4000", "--batch", "999", "--in-flight", "2", "--two-phase"];
    let output = bench(&[&arguments[..], &["--json"]].concat());
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), error.as_str()), (Some(0), ""));
    let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(figures["pairs_per_s"].as_u64().unwrap() > 0, "{figures}");
    assert_eq!((&figures["audit"], &figures["pairs_per_s"]), (&"ok".into(), &figures["transfers_per_s"]));

    let output = bench(&[&arguments[..], &["--fees"]].concat());
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.starts_with("pairs/s  ") && table.ends_with("ok\n"), "{table}");
}

#[test]
fn it_refuses_a_file_system_in_memory() {
    let memory = Path::new("/dev/shm");
    if !memory.is_dir() {
        println!("skipped: there is no /dev/shm on this machine");
        return;
    }
    let output = bench(&["--dir", "/dev/shm", "--json"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(3), &b""[..]), "{error}");
    assert!(error.starts_with("error: /dev/shm is on tmpfs"), "{error}");
}

#[test]
fn an_option_without_effect_is_refused() {
    for arguments in [["--seconds", "1"], ["--connections", "1"]] {
        let output = bench(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
