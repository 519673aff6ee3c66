//! SQLite in the same process, with one connection and prepared statements.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, Statement, params};

use crate::figures::Figures;
use crate::load::{self, DEPOSIT, Transfer};
use crate::{Args, Failed, Outcome, settle};

/// A way in which SQLite makes a transaction durable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mode {
    pub(crate) title: &'static str,
    journal: &'static str,
    pub(crate) settings: &'static str,
}

/// Both are durable at every commit with `synchronous=FULL`.
pub(crate) const MODES: [Mode; 2] = [
    Mode { title: "WAL", journal: "wal", settings: "journal_mode=WAL, synchronous=FULL" },
    Mode { title: "rollback journal", journal: "delete", settings: "journal_mode=DELETE, synchronous=FULL" },
];

const SCHEMA: &str = "
    CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0)) STRICT;
    CREATE TABLE transfers (
        id INTEGER PRIMARY KEY, debit INTEGER NOT NULL, credit INTEGER NOT NULL, amount INTEGER NOT NULL CHECK (amount > 0)
    ) STRICT;
    CREATE TABLE entries (transfer INTEGER NOT NULL, account INTEGER NOT NULL, amount INTEGER NOT NULL) STRICT;
";

/// Measures `count` transfers, `batch` in each transaction.
pub(crate) fn measure(args: &Args, dir: &Path, mode: Mode, count: u32, batch: u32) -> Outcome<Figures> {
    let place = tempfile::tempdir_in(dir)?;
    let mut database = Connection::open(place.path().join("bank.sqlite"))?;
    let journal: String = database.query_row(&format!("PRAGMA journal_mode={}", mode.journal), [], |row| row.get(0))?;
    database.execute_batch("PRAGMA synchronous=FULL")?;
    let synchronous: i64 = database.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
    if journal != mode.journal || synchronous != 2 {
        return Err(Failed(format!("SQLite runs with journal_mode={journal}, synchronous={synchronous}")).into());
    }
    set_up(&mut database, args.accounts)?;
    settle()?;

    let mut transfers = load::transfers(args.accounts).take(usize::try_from(count)?);
    let mut latencies = Vec::new();
    let begin = Instant::now();
    let mut statements = Statements::new(&database)?;
    for _ in 0..count.div_ceil(batch) {
        let submitted = Instant::now();
        statements.begin.execute([])?;
        for transfer in transfers.by_ref().take(usize::try_from(batch)?) {
            statements.run(transfer)?;
        }
        statements.commit.execute([])?;
        latencies.push(submitted.elapsed());
    }
    let elapsed: Duration = begin.elapsed();
    drop(statements);
    check(&database, args.accounts, count)?;
    Ok(Figures::new(count, elapsed, latencies))
}

fn set_up(database: &mut Connection, accounts: u32) -> Outcome<()> {
    database.execute_batch(SCHEMA)?;
    let transaction = database.transaction()?;
    {
        let mut insert = transaction.prepare("INSERT INTO accounts VALUES (?1, ?2)")?;
        for account in 1..=accounts {
            insert.execute(params![account, DEPOSIT])?;
        }
    }
    Ok(transaction.commit()?)
}

struct Statements<'a> {
    begin: Statement<'a>,
    insert: Statement<'a>,
    debit: Statement<'a>,
    credit: Statement<'a>,
    entry: Statement<'a>,
    commit: Statement<'a>,
}

impl<'a> Statements<'a> {
    fn new(database: &'a Connection) -> rusqlite::Result<Statements<'a>> {
        Ok(Statements {
            begin: database.prepare("BEGIN IMMEDIATE")?,
            insert: database.prepare("INSERT INTO transfers VALUES (?1, ?2, ?3, ?4)")?,
            debit: database.prepare("UPDATE accounts SET balance = balance - ?2 WHERE id = ?1")?,
            credit: database.prepare("UPDATE accounts SET balance = balance + ?2 WHERE id = ?1")?,
            entry: database.prepare("INSERT INTO entries VALUES (?1, ?2, ?3)")?,
            commit: database.prepare("COMMIT")?,
        })
    }

    /// Runs a transfer within the open transaction. An error ends the run: no transfer of a run may fail.
    fn run(&mut self, Transfer { id, debit, credit, amount }: Transfer) -> Outcome<()> {
        self.insert.execute([id, debit, credit, amount])?;
        let changed = self.debit.execute([debit, amount])?.saturating_add(self.credit.execute([credit, amount])?);
        if changed != 2 {
            return Err(Failed(format!("transfer {id} changed {changed} accounts")).into());
        }
        self.entry.execute([id, debit, amount.saturating_neg()])?;
        self.entry.execute([id, credit, amount])?;
        Ok(())
    }
}

fn check(database: &Connection, accounts: u32, count: u32) -> Outcome<()> {
    let number = |query: &str| database.query_row(query, [], |row| row.get::<_, i64>(0));
    let found = [
        number("SELECT count(*) FROM transfers")?,
        number("SELECT count(*) FROM entries")?,
        number("SELECT sum(amount) FROM entries")?,
        number("SELECT sum(balance) FROM accounts")?,
    ];
    let expected =
        [i64::from(count), i64::from(count).saturating_mul(2), 0, i64::from(accounts).saturating_mul(DEPOSIT)];
    if found != expected {
        return Err(Failed(format!("SQLite has {found:?} in the end, not {expected:?}")).into());
    }
    Ok(())
}
