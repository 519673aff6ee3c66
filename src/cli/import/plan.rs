//! What an import will ask of the bank: every row understood, before anything moves.

use std::collections::HashMap;

use clap::ValueEnum;
use jangbu::text::normalized;
use jangbu::{
    AccountNumber, Amount, Bank, CashPosting, Command, CommandId, Currency, Details, OpenAccount, Refusal, Transfer,
    accounts::{AccountType, TypeCode},
    money::AmountError,
    queries::Snapshot,
    text::number_key,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::columns::Kind;
use super::identity::{self, FIRST, Unnamed};
use super::numbers::Numbers;
use super::sheet::{BadRow, Row, Sheet};
use crate::cli::error::CliError;

/// What stands between whole units and fractions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Decimal {
    /// 1234.50
    #[default]
    Point,
    /// 1234,50
    Comma,
}

/// What a row asks for, without its texts: those stay in the sheet.
#[derive(Debug)]
pub(super) struct Task {
    /// The id under which it takes effect at most once, at the first attempt.
    pub(super) id: CommandId,
    pub(super) asked: Asked,
    pub(super) unit: Unit,
}

/// What the amounts of a row are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit {
    pub(super) currency: Currency,
    pub(super) scale: u8,
}

/// What a row asks for.
#[derive(Debug)]
pub(super) enum Asked {
    Account(Box<OpenAccount>),
    Deposit { to: AccountNumber, amount: Amount },
    Order { from: AccountNumber, to: AccountNumber, amount: Amount },
}

/// What is to be done about a row.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It cannot be imported.
    Bad(BadRow),
    /// The account is there already, as the row says.
    Exists,
    /// The bank is to be asked.
    Ask(Task),
}

/// The verdicts on the rows of one file, in its order.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) sheet: Sheet,
    pub(super) verdicts: Vec<Verdict>,
}

/// How the files are to be understood, beyond what they say themselves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// The month of the orders.
    pub(super) month: u32,
    pub(super) decimal: Decimal,
}

/// Understands every row. `bank` is the one that is there already, if any.
///
/// # Errors
/// Only those of reading the bank: what is wrong with a row is its verdict.
pub(super) async fn make(bank: Option<&Bank>, sheets: [Sheet; 3], terms: Terms) -> Result<Vec<Plan>, CliError> {
    let mut planner = Planner::new(bank, terms).await?;
    let mut plans = Vec::new();
    for sheet in sheets {
        let mut verdicts = Vec::with_capacity(sheet.len());
        for at in 0..sheet.len() {
            let verdict = match sheet.row(at) {
                Ok(row) => planner.verdict(&row).await?,
                Err(bad) => Err(bad),
            };
            verdicts.push(verdict.unwrap_or_else(Verdict::Bad));
        }
        plans.push(Plan { sheet, verdicts });
    }
    Ok(plans)
}

impl Task {
    /// The command of an attempt at the row.
    pub(super) fn command(&self, row: &Row<'_>, attempt: u32, month: u32) -> Command {
        let id = identity::attempt(self.id, attempt);
        let label = normalized(row.text("label"));
        let mut details = Details {
            sender_label: label.clone().into_owned(),
            receiver_label: label.into_owned(),
            reference: reference(row).to_owned(),
            ..Details::default()
        };
        if attempt > FIRST {
            details.metadata.push(("attempt".into(), attempt.to_string()));
        }
        match &self.asked {
            Asked::Account(open) => Command::OpenAccount(Box::new((**open).clone().with_id(id))),
            Asked::Deposit { to, amount } => {
                let mut deposit = CashPosting::new(*to, *amount).with_id(id);
                deposit.details = (!details.is_empty()).then(|| Box::new(details));
                Command::Deposit(deposit)
            }
            Asked::Order { from, to, amount } => {
                details.metadata.push(("month".into(), month.to_string()));
                let mut transfer = Transfer::new(*from, *to, *amount).with_id(id);
                transfer.details = Some(Box::new(details));
                Command::Transfer(transfer)
            }
        }
    }
}

/// By what a row is known outside the bank, which its movement keeps as its reference.
pub(super) fn reference<'a>(row: &'a Row<'_>) -> &'a str {
    match row.sheet().kind() {
        Kind::Accounts => row.text("number"),
        Kind::Deposits => row.text("id"),
        Kind::Orders => row.text("order"),
    }
}

/// What became of a row: the inner error is the row's, the outer one the bank's.
type Reading<T> = Result<Result<T, BadRow>, CliError>;

/// Returns from a function of type [`Reading`] with the row's error.
macro_rules! sound {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(bad) => return Ok(Err(bad)),
        }
    };
}

struct Planner<'a> {
    bank: Option<&'a Bank>,
    terms: Terms,
    types: Vec<AccountType>,
    numbers: Numbers<'a>,
    /// The row in which each name of a file stands, by the id that it leads to.
    rows: HashMap<CommandId, u64>,
    unnamed: Unnamed,
}

impl<'a> Planner<'a> {
    async fn new(bank: Option<&'a Bank>, terms: Terms) -> Result<Planner<'a>, CliError> {
        let types = match bank {
            Some(bank) => bank.account_types().await?,
            None => vec![AccountType::basic()],
        };
        let (numbers, unnamed) = (Numbers::new(bank), Unnamed::default());
        Ok(Planner { bank, terms, types, numbers, rows: HashMap::new(), unnamed })
    }

    async fn verdict(&mut self, row: &Row<'_>) -> Reading<Verdict> {
        match row.sheet().kind() {
            Kind::Accounts => self.account(row).await,
            Kind::Deposits => self.deposit(row).await,
            Kind::Orders => self.order(row).await,
        }
    }

    async fn account(&mut self, row: &Row<'_>) -> Reading<Verdict> {
        sound!(row.name("number"));
        let number: AccountNumber = sound!(row.parse("number"));
        let key = number_key(number.as_str()).unwrap_or_default();
        sound!(self.first(row, "number", identity::spellings(&key)));
        let &AccountType { code, currency: of_type, .. } = sound!(self.kind(row));
        let currency = match of_type {
            Some(currency) if row.text("currency").is_empty() => currency,
            _ => sound!(row.parse("currency")),
        };
        if of_type.is_some_and(|of_type| of_type != currency) {
            return Ok(Err(row.bad("currency", format!("account type {code} is not for {currency}"))));
        }
        sound!(check_date(row, "opened"));
        let open = OpenAccount::new(sound!(row.parse("owner")))
            .with_id(identity::account(number))
            .with_number(number)
            .with_type(code)
            .with_currency(currency);
        let existing = self.numbers.in_bank(number).await?;
        if let Some(existing) = &existing
            && let Err((column, is)) = same_account(&open, existing)
        {
            return Ok(Err(row.bad(column, format!("account {number} is there already, {is}"))));
        }
        if existing.is_none()
            && let Some(namesake) = self.numbers.namesake(number).await?
        {
            return Ok(Err(row.bad("number", format!("account {number} is there already, written {namesake}"))));
        }
        let Some(scale) = self.scale(currency).await? else {
            return Ok(Err(row.bad("currency", Refusal::CurrencyUnknown { currency })));
        };
        let is_there = existing.is_some_and(|existing| row.text("type").is_empty() || existing.kind == code);
        let unit = Unit { currency, scale };
        let task = Task { id: open.id, asked: Asked::Account(Box::new(open)), unit };
        sound!(check(&task, row, self.terms.month));
        self.numbers.list(number, unit);
        Ok(Ok(if is_there { Verdict::Exists } else { Verdict::Ask(task) }))
    }

    async fn deposit(&mut self, row: &Row<'_>) -> Reading<Verdict> {
        let mut named = None;
        if row.sheet().has("id") {
            let id = identity::named_deposit(sound!(row.name("id")));
            sound!(self.first(row, "id", id));
            named = Some(id);
        }
        let (to, unit) = sound!(self.number(row, "to").await?);
        let amount = sound!(self.amount(row, unit));
        // Counted only where the whole row could be read: that is what equal rows have in common.
        let id = named.unwrap_or_else(|| self.unnamed.deposit(to, amount, &normalized(row.text("label"))));
        let task = Task { id, asked: Asked::Deposit { to, amount }, unit };
        Ok(check(&task, row, self.terms.month).map(|()| Verdict::Ask(task)))
    }

    async fn order(&mut self, row: &Row<'_>) -> Reading<Verdict> {
        let id = identity::order(self.terms.month, sound!(row.name("order")));
        sound!(self.first(row, "order", id));
        let (from, unit) = sound!(self.number(row, "from").await?);
        let (to, _) = sound!(self.number(row, "to").await?);
        let amount = sound!(self.amount(row, unit));
        let task = Task { id, asked: Asked::Order { from, to, amount }, unit };
        Ok(check(&task, row, self.terms.month).map(|()| Verdict::Ask(task)))
    }

    /// Notes what a row is known by, and refuses a further row that is known by the same, in whatever spelling.
    fn first(&mut self, row: &Row<'_>, column: &str, id: CommandId) -> Result<(), BadRow> {
        match self.rows.insert(id, row.line) {
            None => Ok(()),
            Some(line) => {
                self.rows.insert(id, line);
                Err(row.bad(column, format!("{column} {} stands in line {line} already", row.text(column))))
            }
        }
    }

    fn kind(&self, row: &Row<'_>) -> Result<&AccountType, BadRow> {
        let code = if row.text("type").is_empty() { TypeCode::basic() } else { row.parse("type")? };
        let found = self.types.iter().find(|kind| kind.code == code);
        found.ok_or_else(|| row.bad("type", Refusal::TypeUnknown { code }))
    }

    /// The account that a row names, be it in `accounts.csv` or in the bank.
    async fn number(&mut self, row: &Row<'_>, column: &str) -> Reading<(AccountNumber, Unit)> {
        let text = sound!(row.name(column));
        let found = self.numbers.find(text).await?;
        Ok(found.map_err(|unknown| row.bad(column, unknown)))
    }

    fn amount(&self, row: &Row<'_>, unit: Unit) -> Result<Amount, BadRow> {
        let text = row.text("amount");
        let bad = |reason: &str| row.bad("amount", format!("{text:?} {reason}"));
        let parse = |digits: &str| {
            Amount::parse(digits, unit.scale).map_err(|error| match (error, self.terms.decimal) {
                (AmountError::NotANumber(_), Decimal::Point) => {
                    bad("is no amount such as 1234.50: digits, with a point before the decimals")
                }
                (AmountError::NotANumber(_), Decimal::Comma) => {
                    bad("is no amount such as 1234,50: digits, with a comma before the decimals")
                }
                (error, _) => row.bad("amount", error),
            })
        };
        match self.terms.decimal {
            Decimal::Point if text.contains(',') => {
                Err(bad("has a comma: amounts are digits, with a point before the decimals (see --decimal)"))
            }
            Decimal::Point => parse(text),
            // Where columns are left out at the end of a row, 12,50 is 12, and 50 in the next column.
            Decimal::Comma if row.sheet().separator().0 == ',' && row.is_followed_by_digits("amount") => {
                Err(bad("must be in quotes: commas separate the columns of this file as well"))
            }
            Decimal::Comma if text.contains('.') => {
                Err(bad("has a point: amounts are digits, with a comma before the decimals"))
            }
            Decimal::Comma => parse(&text.replace(',', ".")),
        }
    }

    async fn scale(&self, currency: Currency) -> Result<Option<u8>, CliError> {
        match self.bank {
            Some(bank) => Ok(bank.currency_scale(currency).await?),
            None => Ok(currency.iso_scale()),
        }
    }
}

/// Whether an account that is there is the one that a row opens, as far as that can never change; otherwise the column that
/// is at fault, and what the account is.
fn same_account(row: &OpenAccount, account: &Snapshot) -> Result<(), (&'static str, String)> {
    if account.owner != row.owner {
        return Err(("owner", format!("of owner {}", account.owner)));
    }
    // The amounts of the other files would be read with the wrong decimals.
    if row.currency.is_some_and(|currency| currency != account.currency) {
        return Err(("currency", format!("in {}", account.currency)));
    }
    Ok(())
}

/// Checks what can be checked of a row's command without the bank.
fn check(task: &Task, row: &Row<'_>, month: u32) -> Result<(), BadRow> {
    let command = task.command(row, FIRST, month);
    command.check().map_err(|invalid| {
        let column = match (row.sheet().kind(), &invalid) {
            (Kind::Accounts, _) => "owner",
            (
                Kind::Deposits,
                jangbu::commands::InvalidCommand::Details(jangbu::transfers::DetailsError::ReferenceTooLong),
            ) => "id",
            (
                Kind::Orders,
                jangbu::commands::InvalidCommand::Details(jangbu::transfers::DetailsError::ReferenceTooLong),
            ) => "order",
            _ => "label",
        };
        row.bad(column, invalid)
    })
}

/// Checks a date that is for people: it must be one, and within what the bank can hold.
fn check_date(row: &Row<'_>, column: &str) -> Result<(), BadRow> {
    let text = row.text(column);
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    match date {
        _ if text.is_empty() => Ok(()),
        None => Err(row.bad(column, format!("{text:?} is no date such as 2024-01-31"))),
        Some(date) => {
            let moment = date.to_zoned(TimeZone::UTC).map(|midnight| midnight.timestamp().as_nanosecond());
            let fits = moment.is_ok_and(|ns| i64::try_from(ns).is_ok());
            if fits {
                Ok(())
            } else {
                Err(row.bad(column, format!("{text} is beyond what the bank can hold, 1677 to 2262")))
            }
        }
    }
}
