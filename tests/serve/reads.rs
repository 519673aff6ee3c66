//! Read-only commands while a service has the bank open.

use std::io::{BufRead, BufReader};

use serde_json::Value;

use super::people::{Customer, Person, serve};
use super::service::Scratch;

#[test]
fn read_only_commands_print_the_same_with_and_without_a_service() {
    let scratch = Scratch::new();
    let service = serve(&scratch, &["rates.transfers_per_member=0", "rates.transfers_per_address=0"]);
    let admin = Person::sign_in(&service, "admin");
    let mina = Customer::join(&service, &admin, "mina", 100_000);
    let joon = Customer::join(&service, &admin, "joon", 0);
    for amount in [1_000, 2_000, 3_000] {
        assert_eq!(mina.pay(&service, &joon.account, amount).status, 201);
    }
    let number = mina.account.as_str();
    let hold = "0192f0c1-2345-7abc-8def-0123456789ab";
    let commands: [&[&str]; 12] = [
        &["accounts"],
        &["accounts", "--format", "csv", "--utc"],
        &["account", number, "--format", "json"],
        &["statement", number],
        &["statement", "nobody"],
        &["transfers", "--least", "2000"],
        &["balance", number],
        &["trial-balance", "--accounts"],
        &["events", "--from", "2"],
        &["hold", "list", number],
        &["hold", "show", hold],
        &["schedule", "list"],
    ];
    let beside: Vec<_> = commands.iter().map(|command| scratch.run(command)).collect();
    assert!(beside[0].1.contains(number), "{beside:?}");
    let api = admin.read(&service, &format!("/accounts/{number}"));
    let account: Value = serde_json::from_str(&beside[2].1).expect("JSON");
    assert_eq!((&account["posted"], &account["number"]), (&api["posted"], &api["number"]));

    // Commands that change something, and the check, fail and name the alternatives.
    for command in
        [&["transfer", number, &joon.account, "1"][..], &["check"], &["hold", "void", hold], &["schedule", "run"]]
    {
        let (status, output, errors) = scratch.run(command);
        assert_eq!((status, output.as_str()), (3, ""), "{command:?}: {errors}");
        assert!(errors.contains("in use") && errors.contains("dashboard") && errors.contains("API"), "{errors}");
    }

    // Events are followed while they happen.
    let mut follow = scratch.command(&["events", "--follow", "--account", &joon.account]);
    let mut follow = follow.spawn().expect("the program starts");
    let mut lines = BufReader::new(follow.stdout.take().expect("its output")).lines();
    let first = lines.next().expect("a line").expect("readable");
    assert!(first.contains("opened"), "{first}");
    for _ in 0..3 {
        lines.next().expect("a transfer").expect("readable");
    }
    assert_eq!(mina.pay(&service, &joon.account, 77).status, 201);
    assert!(lines.next().expect("a line").expect("readable").contains("77"));
    follow.kill().expect("it is ours");
    follow.wait().expect("it ends");

    let (service_status, log) = service.stop();
    assert!(service_status.success(), "{log:?}");
    // The last transfer is the only difference, so commands that do not show it print the same.
    for (command, beside) in commands.iter().zip(&beside) {
        let (status, output, errors) = scratch.run(command);
        assert_eq!((status, &errors), (beside.0, &beside.2), "{command:?}");
        if ["hold", "schedule"].contains(&command[0]) {
            assert_eq!(output, beside.1, "{command:?}");
        }
        let head = |text: &str| text.lines().next().unwrap_or_default().split_whitespace().collect::<String>();
        assert_eq!(head(&output), head(&beside.1), "{command:?}");
    }
}
