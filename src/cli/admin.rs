//! `jangbu admin`: manages members, in a running service or in a stopped bank.

use std::io::{BufRead, Write};
use std::path::Path;

use clap::{Subcommand, ValueEnum};
use serde_json::Value;

use super::error::CliError;
use super::order::{carry_out, cell_of, time_zone};
use super::output::{Column, Print, Rows, stdout};
use crate::server::local::{Order, ScheduleEnd};
use crate::server::principal;
use crate::tables::Cell;

/// Create, list, disable and erase staff members; works while the bank is served
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Create a staff member and print a password that must be changed at the first sign-in
    Create {
        /// The name to sign in with
        username: String,
        /// The full name; the username by default
        #[arg(long)]
        name: Option<String>,
        /// The e-mail address
        #[arg(long)]
        email: Option<String>,
        /// The member's role
        #[arg(long, value_enum, default_value_t)]
        role: Role,
        /// Read the password from the first line of standard input instead of generating one
        #[arg(long)]
        password_stdin: bool,
    },
    /// List the staff
    List {
        #[command(flatten)]
        print: Print,
    },
    /// Reset a member's password: print a new one, to be changed at the next sign-in, and end every session
    ResetPassword {
        /// The member's username
        username: String,
    },
    /// Erase a member's personal data for good and cancel their standing orders
    Erase {
        /// The member's username, or the id of a member whose erasure was interrupted
        username: String,
        /// Confirm the erasure, which cannot be undone
        #[arg(long, required = true)]
        yes: bool,
    },
    /// Assign a member to a household: staff may not work on accounts of their own household
    Household {
        /// The member's username
        username: String,
        /// The household: a word shared by all of its members
        #[arg(required_unless_present = "none")]
        household: Option<String>,
        /// Remove the member from their household
        #[arg(long, conflicts_with = "household")]
        none: bool,
    },
    /// Block a member's sign-ins and end every session
    Disable {
        /// The member's username
        username: String,
        /// Allow the member to sign in again
        #[arg(long)]
        undo: bool,
        /// What happens to the member's standing orders
        #[arg(long, value_enum, default_value_t, conflicts_with = "undo")]
        schedules: Schedules,
    },
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Schedules {
    /// They keep paying
    Keep,
    /// They pause until the member can sign in again and resumes them
    #[default]
    Pause,
    /// They are cancelled for good
    Cancel,
}

impl From<Schedules> for ScheduleEnd {
    fn from(schedules: Schedules) -> ScheduleEnd {
        match schedules {
            Schedules::Keep => ScheduleEnd::Keep,
            Schedules::Pause => ScheduleEnd::Pause,
            Schedules::Cancel => ScheduleEnd::Cancel,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Role {
    Member,
    Teller,
    Auditor,
    #[default]
    Admin,
}

impl From<Role> for principal::Role {
    fn from(role: Role) -> principal::Role {
        match role {
            Role::Member => principal::Role::Member,
            Role::Teller => principal::Role::Teller,
            Role::Auditor => principal::Role::Auditor,
            Role::Admin => principal::Role::Admin,
        }
    }
}

/// Carries out the action and prints its result.
pub(super) fn run(data: &Path, args: Args) -> Result<(), CliError> {
    let order = match args.action {
        Action::Create { username, name, email, role, password_stdin } => Order::Create {
            name: name.unwrap_or_else(|| username.clone()),
            email: email.unwrap_or_else(|| format!("{username}@localhost")),
            username,
            role: role.into(),
            password: if password_stdin { Some(first_line()?) } else { None },
        },
        Action::List { print } => return list(data, &carry_out(data, Order::List)?, print),
        Action::ResetPassword { username } => Order::ResetPassword { username },
        Action::Erase { username, yes: _ } => Order::Erase { username },
        Action::Household { username, household, none: _ } => Order::Household { username, household },
        Action::Disable { username, undo, schedules } => {
            let schedules = (!undo).then(|| schedules.into());
            Order::Disable { username, disabled: !undo, schedules }
        }
    };
    let done = carry_out(data, order)?;
    let mut output = stdout();
    for field in ["id", "username", "role", "household"] {
        let value = done.get("member").and_then(|member| member.get(field)).and_then(Value::as_str);
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            writeln!(output, "{field:<9} {value}")?;
        }
    }
    if let Some(password) = done.get("password").and_then(Value::as_str) {
        writeln!(output, "password  {password}")?;
    }
    Ok(output.flush()?)
}

fn list(data: &Path, staff: &Value, print: Print) -> Result<(), CliError> {
    let fields = ["username", "name", "role", "disabled", "totp", "joined_at"];
    let mut rows = Rows::new(&print.in_zone(time_zone(data)?)?, &fields.map(Column::Text))?;
    for member in staff.as_array().into_iter().flatten() {
        let cell = |field| match member.get(field) {
            Some(Value::String(text)) => cell_of(field, text),
            None | Some(Value::Null) => Cell::Missing,
            Some(Value::Bool(flag)) => Cell::Flag(*flag),
            Some(other) => Cell::text(other),
        };
        rows.push(|| fields.into_iter().map(cell).collect(), || Ok(member.clone()))?;
    }
    rows.finish()
}

fn first_line() -> Result<String, CliError> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    read.map_err(|source| CliError::File { operation: "read", path: "standard input".into(), source })?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
