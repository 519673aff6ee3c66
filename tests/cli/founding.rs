//! The time zone of a new bank, whichever command creates it.

use futures::executor::block_on;
use jangbu::Bank;

use super::program::{Scratch, examples};

fn zone(bank: &Scratch) -> String {
    let bank = Bank::open(bank.data()).expect("a bank");
    let zone = block_on(bank.time_zone()).expect("its time zone");
    block_on(bank.close()).expect("closed");
    zone
}

#[test]
fn a_new_banks_time_zone_comes_from_flag_environment_or_file() {
    let examples = examples();
    let open: &[&str] = &["open", "--owner", "mina"];
    for arguments in [open, &["import", &examples]] {
        for (file, variable, flag, expected) in [
            (None, None, None, "Asia/Seoul"),
            (Some("Europe/Prague"), None, None, "Europe/Prague"),
            (Some("Europe/Prague"), Some("America/Lima"), None, "America/Lima"),
            (Some("Europe/Prague"), Some("America/Lima"), Some("Asia/Tokyo"), "Asia/Tokyo"),
        ] {
            let bank = Scratch::new();
            if let Some(zone) = file {
                std::fs::create_dir(bank.data()).expect("a directory");
                std::fs::write(bank.data().join("jangbu.toml"), format!("time_zone = \"{zone}\"\n")).expect("written");
            }
            let flag: Vec<&str> = flag.iter().flat_map(|zone| ["--time-zone", *zone]).collect();
            let mut command = bank.command(&[arguments, &flag].concat());
            let output = command.envs(variable.map(|zone| ("JANGBU_TIME_ZONE", zone))).output().expect("it runs");
            assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
            assert_eq!(zone(&bank), expected, "{arguments:?}");
        }
    }
}

#[test]
fn a_setting_that_differs_from_the_bank_is_a_warning() {
    let bank = Scratch::new();
    bank.run(&["open", "--owner", "mina", "--time-zone", "Europe/Prague"]).succeeded();
    let open = ["open", "--owner", "mina", "--time-zone", "Asia/Tokyo"];
    let ran = bank.run(&open);
    let warning = "warning: time_zone is set to Asia/Tokyo (--time-zone), but the bank was created with Europe/Prague and keeps it\n";
    assert_eq!((ran.status, ran.stderr.as_str()), (0, warning));
    bank.run(&["open", "--owner", "mina", "--time-zone", "Europe/Prague"]).succeeded();
    bank.run(&["open", "--owner", "mina"]).succeeded();
    assert_eq!(zone(&bank), "Europe/Prague");
    let error = Scratch::new().run(&["open", "--owner", "mina", "--time-zone", "Europe/Prag"]).failed(2);
    assert!(
        error.contains("time_zone") && error.contains("\"Europe/Prag\"") && error.contains("--time-zone"),
        "{error}"
    );
}
