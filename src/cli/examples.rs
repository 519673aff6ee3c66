//! Examples for every `--help`. A test checks that each subcommand has one and that each example parses.

use clap::Command;

/// The examples of each subcommand, by its full name.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("jangbu", &["jangbu --data bank import files", "jangbu --data bank accounts", "jangbu --data bank serve"]),
    ("jangbu import", &["jangbu import examples/data"]),
    ("jangbu open", &["jangbu open --owner mina --currency EUR --overdraft 500.00"]),
    ("jangbu accounts", &["jangbu accounts", "jangbu accounts --format xlsx > accounts.xlsx"]),
    ("jangbu account", &["jangbu account 110-1001 --format json"]),
    ("jangbu statement", &["jangbu statement 110-1001 --from 2026-11-01 --to 2026-11-30 --format csv > november.csv"]),
    (
        "jangbu transfers",
        &["jangbu transfers --account 110-1001 --least 1000.00 --limit 20", "jangbu transfers --status refused"],
    ),
    ("jangbu events", &["jangbu events --follow --account 110-1001"]),
    ("jangbu balance", &["jangbu balance 110-1001 --at 2026-11-22T09:00:00+09:00"]),
    ("jangbu trial-balance", &["jangbu trial-balance", "jangbu trial-balance --accounts --format csv > balances.csv"]),
    (
        "jangbu transfer",
        &[
            "jangbu transfer 110-1001 110-1002 1234.50 --label rent",
            "jangbu transfer 110-1001 110-1002 1234.50 --dry-run",
        ],
    ),
    ("jangbu deposit", &["jangbu deposit 110-1001 500.00 --id 0192f0c1-2345-7abc-8def-0123456789ab"]),
    ("jangbu withdraw", &["jangbu withdraw 110-1001 20.00"]),
    ("jangbu currency", &["jangbu currency list"]),
    ("jangbu currency add", &["jangbu currency add XPT --scale 3"]),
    ("jangbu currency list", &["jangbu currency list --format json"]),
    ("jangbu type", &["jangbu type list"]),
    (
        "jangbu type set",
        &[
            "jangbu type set savings --name Savings --currency EUR --fee 0.50 --limit-per-day 10000",
            "jangbu type set savings --limit-per-day none",
        ],
    ),
    ("jangbu type list", &["jangbu type list"]),
    ("jangbu freeze", &["jangbu freeze 110-1001", "jangbu freeze 110-1001 --debits"]),
    ("jangbu unfreeze", &["jangbu unfreeze 110-1001"]),
    ("jangbu close", &["jangbu close 110-1001"]),
    (
        "jangbu limits",
        &["jangbu limits 110-1001 --per-transfer 1000.00 --per-day none", "jangbu limits 110-1001 --per-day type"],
    ),
    ("jangbu health", &["jangbu health", "jangbu health --live --operator-listen 127.0.0.1:9090"]),
    ("jangbu schedule", &["jangbu schedule list"]),
    (
        "jangbu schedule add",
        &[
            "jangbu schedule add 110-1001 110-1002 300.00 --monthly 1 --time 09:00 --label rent",
            "jangbu schedule add 110-1001 110-1002 50 --at 2026-12-24T09:00:00+09:00",
        ],
    ),
    ("jangbu schedule list", &["jangbu schedule list --account 110-1001"]),
    ("jangbu schedule runs", &["jangbu schedule runs 0192f0c1-2345-7abc-8def-0123456789ab"]),
    ("jangbu schedule pause", &["jangbu schedule pause 0192f0c1-2345-7abc-8def-0123456789ab"]),
    ("jangbu schedule resume", &["jangbu schedule resume 0192f0c1-2345-7abc-8def-0123456789ab"]),
    ("jangbu schedule cancel", &["jangbu schedule cancel 0192f0c1-2345-7abc-8def-0123456789ab"]),
    ("jangbu schedule run", &["jangbu schedule run"]),
    ("jangbu hold", &["jangbu hold list 110-1001"]),
    ("jangbu hold place", &["jangbu hold place 110-1001 110-1002 80.00 --expires-in 2h"]),
    ("jangbu hold settle", &["jangbu hold settle 0192f0c1-2345-7abc-8def-0123456789ab 30.00 --keep"]),
    ("jangbu hold void", &["jangbu hold void 0192f0c1-2345-7abc-8def-0123456789ab --reason cancelled"]),
    ("jangbu hold amend", &["jangbu hold amend 0192f0c1-2345-7abc-8def-0123456789ab --raise-to 120.00"]),
    ("jangbu hold list", &["jangbu hold list 110-1001"]),
    ("jangbu hold show", &["jangbu hold show 0192f0c1-2345-7abc-8def-0123456789ab"]),
    ("jangbu link", &["jangbu link steps.csv --dry-run"]),
    ("jangbu reverse", &["jangbu reverse 0192f0c1-2345-7abc-8def-0123456789ab 12.50 --label returned"]),
    ("jangbu repair", &["jangbu repair reversal 0192f0c1-2345-7abc-8def-0123456789ab"]),
    ("jangbu repair reversal", &["jangbu repair reversal 0192f0c1-2345-7abc-8def-0123456789ab --step 1"]),
    ("jangbu sweep", &["jangbu sweep 110-1001 110-1002 --target 100.00"]),
    ("jangbu check", &["jangbu check --deep", "jangbu check --format json"]),
    ("jangbu clock", &["jangbu clock"]),
    ("jangbu clock accept", &["jangbu clock accept --until 2026-11-22T09:00:00+09:00"]),
    ("jangbu bench", &["jangbu bench --accounts 10000 --transfers 500000", "jangbu bench --http --seconds 5"]),
    ("jangbu backup", &["jangbu backup /srv/copies/bank", "jangbu backup /srv/copies/bank --format json"]),
    ("jangbu restore", &["jangbu --data restored restore /srv/copies/bank"]),
    ("jangbu recover", &["jangbu recover", "jangbu recover --accept-loss-after 4711"]),
    ("jangbu verify-backup", &["jangbu verify-backup /srv/copies/bank"]),
    ("jangbu archive", &["jangbu archive /srv/archive --keep-segments 4"]),
    ("jangbu serve", &["jangbu serve --listen 127.0.0.1:8080", "jangbu --data trial serve --demo"]),
    ("jangbu config", &["jangbu config"]),
    ("jangbu admin", &["jangbu admin list"]),
    ("jangbu admin create", &["jangbu admin create theo --role teller"]),
    ("jangbu admin list", &["jangbu admin list"]),
    ("jangbu admin reset-password", &["jangbu admin reset-password theo"]),
    ("jangbu admin household", &["jangbu admin household ada canal-street-12", "jangbu admin household ada --none"]),
    ("jangbu admin erase", &["jangbu admin erase theo --yes"]),
    ("jangbu admin disable", &["jangbu admin disable theo", "jangbu admin disable theo --undo"]),
    ("jangbu token", &["jangbu token list"]),
    ("jangbu token create", &["jangbu token create theo --name till --scope read --scope counter"]),
    ("jangbu token list", &["jangbu token list theo"]),
    ("jangbu token revoke", &["jangbu token revoke 0192f0c1-2345-7abc-8def-0123456789ab"]),
    ("jangbu openapi", &["jangbu openapi > openapi.json"]),
    ("jangbu completions", &["jangbu completions bash > /etc/bash_completion.d/jangbu"]),
    ("jangbu man", &["jangbu man > jangbu.1", "jangbu man /usr/local/share/man/man1"]),
];

/// Adds the examples to a command and its subcommands.
pub(super) fn with_examples(command: Command) -> Command {
    let path = command.get_name().to_owned();
    add_examples(command, &path)
}

fn add_examples(command: Command, path: &str) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    let examples = EXAMPLES.iter().find(|(of, _)| *of == path).map(|(_, examples)| examples.join("\n  "));
    let after = command.get_after_help().map(ToString::to_string);
    let after = [examples.map(|examples| format!("Examples:\n  {examples}")), after];
    let mut command = command.after_help(after.into_iter().flatten().collect::<Vec<_>>().join("\n\n"));
    for name in names {
        let path = format!("{path} {name}");
        command = command.mut_subcommand(name, |inner| add_examples(inner, &path));
    }
    command
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Collects the full names of all subcommands.
    fn paths(command: &Command, path: &str, found: &mut BTreeSet<String>) {
        found.insert(path.to_owned());
        for inner in command.get_subcommands() {
            paths(inner, &format!("{path} {}", inner.get_name()), found);
        }
    }

    #[test]
    fn every_subcommand_has_an_example_in_its_help() {
        let mut all = BTreeSet::new();
        paths(&crate::cli::command_line(), "jangbu", &mut all);
        let known: BTreeSet<String> = EXAMPLES.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(known.len(), EXAMPLES.len(), "a subcommand is listed twice");
        assert_eq!(all, known);
        for path in all {
            let mut arguments: Vec<&str> = path.split(' ').collect();
            arguments.push("--help");
            let help = crate::cli::command_line().try_get_matches_from(arguments).unwrap_err().to_string();
            assert!(help.contains("Examples:\n  jangbu"), "{path}: {help}");
        }
    }

    #[test]
    fn every_example_parses() {
        for (path, examples) in EXAMPLES {
            for example in *examples {
                let command = example.split(" > ").next().unwrap();
                let parsed = crate::cli::command_line().try_get_matches_from(command.split(' '));
                assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
                let mut matches = parsed.unwrap();
                let mut found = "jangbu".to_owned();
                while let Some((name, inner)) = matches.subcommand() {
                    found = format!("{found} {name}");
                    matches = inner.clone();
                }
                assert!(*path == "jangbu" || found.starts_with(path), "{example} is not an example of {path}");
            }
        }
    }
}
