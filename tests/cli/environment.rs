//! The operating system refuses descriptors or disk space. The error is reported, and the bank is not treated as
//! damaged, moved aside or lost.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::program::Scratch;

/// Returns whether there is time for every value; each takes about a second.
fn is_long() -> bool {
    std::env::var_os("JANGBU_LONG").is_some()
}

/// Runs the program under a limit set by the shell. Returns its exit status and standard error.
fn limited(scratch: &Scratch, limit: &str, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{limit}; exec \"$0\" \"$@\"")).arg(env!("CARGO_BIN_EXE_jangbu")).args(arguments);
    command.arg("--data").arg(scratch.data()).env_remove("JANGBU_LOG").current_dir(scratch.path());
    let output = command.output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Lists what was put aside in the bank's directory.
fn aside(data: &Path) -> Vec<String> {
    let names = fs::read_dir(data).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("state.") || name.contains("torn")).collect()
}

#[test]
fn a_lack_of_descriptors_is_not_damage() {
    let scratch = Scratch::with_examples();
    let balances = scratch.balances();
    let (mut refused, mut done) = (0, 0);
    for descriptors in (5..34).step_by(if is_long() { 1 } else { 4 }) {
        let what = format!("{descriptors} descriptors");
        for arguments in [&["accounts"][..], &["backup", "copies"]]
            .into_iter()
            .take(if is_long() || descriptors % 8 == 5 { 2 } else { 1 })
        {
            let (status, errors) = limited(&scratch, &format!("ulimit -n {descriptors}"), arguments);
            assert!(matches!(status, 0 | 3), "{what}, {arguments:?}: status {status}, {errors}");
            refused += u32::from(status == 3);
            done += u32::from(status == 0);
        }
        assert_eq!(aside(&scratch.data()), Vec::<String>::new(), "{what}");
    }
    assert!(refused > 1 && done > 1, "refused {refused}, done {done}");
    assert_eq!(scratch.balances(), balances);
    let checked = scratch.run(&["check", "--deep"]).succeeded();
    assert!(checked.contains("agrees"), "{checked}");
    scratch.run(&["verify-backup", "copies"]).succeeded();
}

/// The time zones are embedded in the program, whatever the machine has.
#[test]
fn the_time_zones_of_the_machine_make_no_difference() {
    let scratch = Scratch::with_examples();
    let balances = scratch.balances();
    let (none, wrong) = (scratch.path().join("none"), scratch.path().join("wrong"));
    for (folder, zone) in [(&none, None), (&wrong, Some("not a time zone"))] {
        fs::create_dir_all(folder.join("Asia")).unwrap();
        if let Some(text) = zone {
            fs::write(folder.join("Asia/Seoul"), text).unwrap();
        }
        for arguments in [&["accounts"][..], &["check", "--deep"], &["transfer", "110-1001", "110-1002", "1"]] {
            let output = scratch.command(arguments).env("TZDIR", folder).output().unwrap();
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{arguments:?}: {errors}");
        }
        assert_eq!(aside(&scratch.data()), Vec::<String>::new());
    }
    assert_ne!(scratch.balances(), balances, "two were paid");
}

#[test]
fn a_lack_of_disk_space_is_not_damage() {
    let scratch = Scratch::with_examples();
    let accounts = scratch.balances();
    let [(from, _), (to, _), ..] = accounts.as_slice() else { panic!("two accounts: {accounts:?}") };
    let mut refused = 0;
    // In units of the shell, half a kilobyte or a whole one.
    let lengths = [0, 256, 4_096, 1, 4, 16, 64, 512, 1_024, 16_384];
    for length in lengths.into_iter().take(if is_long() { 10 } else { 3 }) {
        let limit = format!("trap '' XFSZ; ulimit -f {length}");
        let (status, errors) = limited(&scratch, &limit, &["transfer", from, to, "1"]);
        assert!(matches!(status, 0 | 1 | 3), "{length}: status {status}, {errors}");
        refused += u32::from(status == 3);
        assert_eq!(aside(&scratch.data()), Vec::<String>::new(), "{length}: {errors}");
    }
    assert!(refused > 0, "none was refused");
    let checked = scratch.run(&["check", "--deep"]).succeeded();
    assert!(checked.contains("agrees"), "{checked}");
}
