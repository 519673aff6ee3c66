//! The columns of each file: what may stand in its header, and what for.

use std::fmt::Write;

/// A file of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `accounts.csv`.
    Accounts,
    /// `deposits.csv`.
    Deposits,
    /// `orders.csv`.
    Orders,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// Its name, in lower case.
    pub(super) name: &'static str,
    /// Whether a file must have it.
    pub(super) is_required: bool,
    about: &'static str,
}

const fn required(name: &'static str, about: &'static str) -> Column {
    Column { name, is_required: true, about }
}

const fn optional(name: &'static str, about: &'static str) -> Column {
    Column { name, is_required: false, about }
}

const ACCOUNTS: &[Column] = &[
    required("number", "the account number, by which the row is known"),
    required("owner", "the owner: up to 36 printable ASCII characters without spaces"),
    required("currency", "its code; may be empty where the type has a currency"),
    optional("type", "the account type; the built-in one when empty"),
    optional("opened", "a date such as 2024-01-31, for people: it is checked and not kept"),
];

const DEPOSITS: &[Column] = &[
    required("to", "the account number"),
    required("amount", "a decimal of the account's currency"),
    optional("label", "what the customer reads, up to 10 characters"),
    optional("id", "the id by which the row is known; without this column, its content"),
];

const ORDERS: &[Column] = &[
    required("order", "the order number, by which the row is known within its month"),
    required("from", "the account number of the sender"),
    required("to", "the account number of the receiver"),
    required("amount", "a decimal of the accounts' currency"),
    optional("label", "what both read, up to 10 characters"),
];

impl Kind {
    /// All files, in the order in which they are imported.
    pub(super) const ALL: [Kind; 3] = [Kind::Accounts, Kind::Deposits, Kind::Orders];

    /// The name of the file.
    pub(super) const fn file(self) -> &'static str {
        match self {
            Kind::Accounts => "accounts.csv",
            Kind::Deposits => "deposits.csv",
            Kind::Orders => "orders.csv",
        }
    }

    /// What its rows are.
    pub(super) const fn rows(self) -> &'static str {
        match self {
            Kind::Accounts => "accounts",
            Kind::Deposits => "deposits",
            Kind::Orders => "orders",
        }
    }

    /// What is done to its rows.
    pub(super) const fn done(self) -> &'static str {
        match self {
            Kind::Accounts => "opened",
            Kind::Deposits | Kind::Orders => "posted",
        }
    }

    /// The columns that it may have.
    pub(super) const fn columns(self) -> &'static [Column] {
        match self {
            Kind::Accounts => ACCOUNTS,
            Kind::Deposits => DEPOSITS,
            Kind::Orders => ORDERS,
        }
    }

    /// The names of its columns, as an error lists them.
    pub(super) fn names(self) -> String {
        self.columns().iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
    }
}

/// All files with all columns, for the help.
pub(super) fn help() -> String {
    let mut help = String::from("Columns, in any order and in upper or lower case (* required):\n");
    for kind in Kind::ALL {
        // Writing to a text cannot fail.
        let _ = writeln!(help, "\n  {}", kind.file());
        for column in kind.columns() {
            let star = if column.is_required { "*" } else { " " };
            let _ = writeln!(help, "  {star} {:9}{}", column.name, column.about);
        }
    }
    help
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_in_the_manual() {
        let manual = include_str!("../../../docs/import.md");
        for kind in Kind::ALL {
            assert!(manual.contains(&format!("`{}`", kind.file())), "{}", kind.file());
            for column in kind.columns() {
                let row = if column.is_required {
                    format!("| `{}` |", column.name)
                } else {
                    format!("| `{}`, optional |", column.name)
                };
                assert!(manual.contains(&row), "{} of {} is not in docs/import.md: {row}", column.name, kind.file());
            }
        }
    }
}
