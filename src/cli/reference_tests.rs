//! `docs/reference/cli.md`, written from the definition of the command line.

use std::fmt::Write;

use clap::{Arg, Command};

use crate::golden;

#[test]
fn the_reference_of_the_command_line_is_current() {
    let mut root = super::command_line();
    root.build();
    let mut page = golden::begin("Command line", "the definition of the command line in `src/cli/`");
    page.push_str(
        "`--data DIR` (default: `JANGBU_DATA`, else `./data`) may stand before or after any command. Amounts are decimals of \
         the account's currency. `jangbu COMMAND --help` prints the same as this page.\n\n```text\n",
    );
    page.push_str(super::EXIT_STATUSES);
    page.push_str("\n```\n\n| command | what it does |\n| --- | --- |\n");
    for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = command.get_name();
        let _ = writeln!(page, "| [`jangbu {name}`](#jangbu-{name}) | {} |", cell(&about(command)));
    }
    for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
        describe(&mut page, command, &format!("jangbu {}", command.get_name()), "##");
    }
    golden::is_current("cli.md", &page);
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

/// A command and those below it.
fn describe(page: &mut String, command: &Command, path: &str, heading: &str) {
    let _ = write!(page, "\n{heading} `{path}`\n\n{}.\n\n", about(command).trim_end_matches('.'));
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let _ = write!(page, "```text\n{usage}\n```\n");
    let arguments: Vec<&Arg> = command.get_arguments().filter(|argument| is_shown(argument)).collect();
    if !arguments.is_empty() {
        page.push_str("\n| argument | meaning |\n| --- | --- |\n");
    }
    for argument in arguments {
        let _ = writeln!(page, "| `{}` | {} |", signature(argument), cell(&meaning(argument)));
    }
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let examples: Vec<&str> = after.lines().filter_map(|line| line.strip_prefix("  jangbu ")).collect();
    if !examples.is_empty() {
        page.push_str("\n```sh\n");
        examples.iter().for_each(|example| page.push_str(&format!("jangbu {example}\n")));
        page.push_str("```\n");
    }
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        describe(page, inner, &format!("{path} {}", inner.get_name()), "###");
    }
}

/// Whether an argument is the command's own.
fn is_shown(argument: &Arg) -> bool {
    !argument.is_hide_set() && !["help", "version", "data"].contains(&argument.get_id().as_str())
}

/// How an argument is written: `<FROM>`, `--label <LABEL>`, `--dry-run`.
fn signature(argument: &Arg) -> String {
    let long = argument.get_long().map(|long| format!("--{long}"));
    let takes_value = argument.get_num_args().is_some_and(|number| number.takes_values());
    let values: Vec<_> = argument.get_value_names().into_iter().flatten().map(|name| format!("<{name}>")).collect();
    match (long, takes_value) {
        (Some(long), true) => format!("{long} {}", values.join(" ")),
        (Some(long), false) => long,
        (None, _) => values.join(" "),
    }
}

/// What an argument means, with its values and its default.
fn meaning(argument: &Arg) -> String {
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let mut text = format!("{}.", help.trim_end_matches('.'));
    let takes_value = argument.get_num_args().is_some_and(|number| number.takes_values());
    let values: Vec<_> = argument.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    if takes_value && !values.is_empty() {
        let _ = write!(text, " One of {}.", values.join(", "));
    }
    let usual: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if takes_value && !usual.is_empty() {
        let _ = write!(text, " Default: `{}`.", usual.join(" "));
    }
    if let Some(variable) = argument.get_env() {
        let _ = write!(text, " Variable: `{}`.", variable.to_string_lossy());
    }
    text
}

/// A text as a cell of a table: on one line, without what Markdown would read.
fn cell(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    // What stands between backticks is left as it is.
    let parts = line.split('`').enumerate();
    let parts: Vec<_> = parts
        .map(
            |(at, part)| {
                if at.is_multiple_of(2) { part.replace('<', "\\<").replace('*', "\\*") } else { part.to_owned() }
            },
        )
        .collect();
    parts.join("`")
}
