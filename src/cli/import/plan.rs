//! Plans an import: every row is parsed and checked before anything moves.

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

/// The separator between whole units and decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Decimal {
    /// 1234.50
    #[default]
    Point,
    /// 1234,50
    Comma,
}

/// What a row asks for, without its texts, which stay in the sheet.
#[derive(Debug)]
pub(super) struct Task {
    /// The id of the first attempt.
    pub(super) id: CommandId,
    pub(super) request: Request,
    pub(super) unit: Unit,
}

/// The unit of a row's amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit {
    pub(super) currency: Currency,
    pub(super) scale: u8,
}

/// What a row asks for.
#[derive(Debug)]
pub(super) enum Request {
    Account(Box<OpenAccount>),
    Deposit { to: AccountNumber, amount: Amount },
    Order { from: AccountNumber, to: AccountNumber, amount: Amount },
}

/// The plan for a row.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The row cannot be imported.
    Bad(BadRow),
    /// The account exists already, as the row describes it.
    Exists,
    /// The row is to be submitted.
    Ask(Task),
}

/// The verdicts on the rows of one file, in order.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) sheet: Sheet,
    pub(super) verdicts: Vec<Verdict>,
}

/// Parameters of the import that are not in the files.
#[derive(Clone, Copy, Debug)]
pub(super) struct ImportParams {
    /// The month of the orders.
    pub(super) month: u32,
    pub(super) decimal: Decimal,
}

/// Plans every row. `bank` is the existing bank, if any.
///
/// # Errors
/// Only those of reading the bank. A malformed row becomes a verdict.
pub(super) async fn make(bank: Option<&Bank>, sheets: [Sheet; 3], params: ImportParams) -> Result<Vec<Plan>, CliError> {
    let mut planner = Planner::new(bank, params).await?;
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
    /// Returns the command for an attempt at the row.
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
        match &self.request {
            Request::Account(open) => Command::OpenAccount(Box::new((**open).clone().with_id(id))),
            Request::Deposit { to, amount } => {
                let mut deposit = CashPosting::new(*to, *amount).with_id(id);
                deposit.details = (!details.is_empty()).then(|| Box::new(details));
                Command::Deposit(deposit)
            }
            Request::Order { from, to, amount } => {
                details.metadata.push(("month".into(), month.to_string()));
                let mut transfer = Transfer::new(*from, *to, *amount).with_id(id);
                transfer.details = Some(Box::new(details));
                Command::Transfer(transfer)
            }
        }
    }
}

/// Returns the row's identity in the file, which its movement keeps as its reference.
pub(super) fn reference<'a>(row: &'a Row<'_>) -> &'a str {
    match row.sheet().kind() {
        Kind::Accounts => row.text("number"),
        Kind::Deposits => row.text("id"),
        Kind::Orders => row.text("order"),
    }
}

/// The result of reading a row: the inner error is the row's, the outer one the bank's.
type Reading<T> = Result<Result<T, BadRow>, CliError>;

/// Unwraps a result, or returns the row's error from a function of type [`Reading`].
macro_rules! row_try {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(bad) => return Ok(Err(bad)),
        }
    };
}

struct Planner<'a> {
    bank: Option<&'a Bank>,
    params: ImportParams,
    types: Vec<AccountType>,
    numbers: Numbers<'a>,
    /// The line of each named row, by the id that the name leads to.
    rows: HashMap<CommandId, u64>,
    unnamed: Unnamed,
}

impl<'a> Planner<'a> {
    async fn new(bank: Option<&'a Bank>, params: ImportParams) -> Result<Planner<'a>, CliError> {
        let types = match bank {
            Some(bank) => bank.account_types().await?,
            None => vec![AccountType::basic()],
        };
        let (numbers, unnamed) = (Numbers::new(bank), Unnamed::default());
        Ok(Planner { bank, params, types, numbers, rows: HashMap::new(), unnamed })
    }

    async fn verdict(&mut self, row: &Row<'_>) -> Reading<Verdict> {
        match row.sheet().kind() {
            Kind::Accounts => self.account(row).await,
            Kind::Deposits => self.deposit(row).await,
            Kind::Orders => self.order(row).await,
        }
    }

    async fn account(&mut self, row: &Row<'_>) -> Reading<Verdict> {
        row_try!(row.name("number"));
        let number: AccountNumber = row_try!(row.parse("number"));
        let key = number_key(number.as_str()).unwrap_or_default();
        row_try!(self.first(row, "number", identity::spellings(&key)));
        let &AccountType { code, currency: of_type, .. } = row_try!(self.kind(row));
        let currency = match of_type {
            Some(currency) if row.text("currency").is_empty() => currency,
            _ => row_try!(row.parse("currency")),
        };
        if of_type.is_some_and(|of_type| of_type != currency) {
            return Ok(Err(row.bad("currency", format!("account type {code} is not for {currency}"))));
        }
        row_try!(check_date(row, "opened"));
        let open = OpenAccount::new(row_try!(row.parse("owner")))
            .with_id(identity::account(number))
            .with_number(number)
            .with_type(code)
            .with_currency(currency);
        let existing = self.numbers.in_bank(number).await?;
        if let Some(existing) = &existing
            && let Err((column, is)) = same_account(&open, existing)
        {
            return Ok(Err(row.bad(column, format!("account {number} exists already, {is}"))));
        }
        if existing.is_none()
            && let Some(namesake) = self.numbers.namesake(number).await?
        {
            return Ok(Err(row.bad("number", format!("account {number} exists already, written {namesake}"))));
        }
        let Some(scale) = self.scale(currency).await? else {
            return Ok(Err(row.bad("currency", Refusal::CurrencyUnknown { currency })));
        };
        let is_there = existing.is_some_and(|existing| row.text("type").is_empty() || existing.kind == code);
        let unit = Unit { currency, scale };
        let task = Task { id: open.id, request: Request::Account(Box::new(open)), unit };
        row_try!(check(&task, row, self.params.month));
        self.numbers.list(number, unit);
        Ok(Ok(if is_there { Verdict::Exists } else { Verdict::Ask(task) }))
    }

    async fn deposit(&mut self, row: &Row<'_>) -> Reading<Verdict> {
        let mut named = None;
        if row.sheet().has("id") {
            let id = identity::named_deposit(row_try!(row.name("id")));
            row_try!(self.first(row, "id", id));
            named = Some(id);
        }
        let (to, unit) = row_try!(self.number(row, "to").await?);
        let amount = row_try!(self.amount(row, unit));
        // Counted only if the whole row could be read, because equal rows are equal in all fields.
        let id = named.unwrap_or_else(|| self.unnamed.deposit(to, amount, &normalized(row.text("label"))));
        let task = Task { id, request: Request::Deposit { to, amount }, unit };
        Ok(check(&task, row, self.params.month).map(|()| Verdict::Ask(task)))
    }

    async fn order(&mut self, row: &Row<'_>) -> Reading<Verdict> {
        let id = identity::order(self.params.month, row_try!(row.name("order")));
        row_try!(self.first(row, "order", id));
        let (from, unit) = row_try!(self.number(row, "from").await?);
        let (to, _) = row_try!(self.number(row, "to").await?);
        let amount = row_try!(self.amount(row, unit));
        let task = Task { id, request: Request::Order { from, to, amount }, unit };
        Ok(check(&task, row, self.params.month).map(|()| Verdict::Ask(task)))
    }

    /// Remembers a row's identity, and refuses a second row with the same identity in any spelling.
    fn first(&mut self, row: &Row<'_>, column: &str, id: CommandId) -> Result<(), BadRow> {
        match self.rows.insert(id, row.line) {
            None => Ok(()),
            Some(line) => {
                self.rows.insert(id, line);
                Err(row.bad(column, format!("{column} {} is in line {line} already", row.text(column))))
            }
        }
    }

    fn kind(&self, row: &Row<'_>) -> Result<&AccountType, BadRow> {
        let code = if row.text("type").is_empty() { TypeCode::basic() } else { row.parse("type")? };
        let found = self.types.iter().find(|kind| kind.code == code);
        found.ok_or_else(|| row.bad("type", Refusal::TypeUnknown { code }))
    }

    /// Returns the account that a row names, from `accounts.csv` or the bank.
    async fn number(&mut self, row: &Row<'_>, column: &str) -> Reading<(AccountNumber, Unit)> {
        let text = row_try!(row.name(column));
        let found = self.numbers.find(text).await?;
        Ok(found.map_err(|unknown| row.bad(column, unknown)))
    }

    fn amount(&self, row: &Row<'_>, unit: Unit) -> Result<Amount, BadRow> {
        let text = row.text("amount");
        let bad = |reason: &str| row.bad("amount", format!("{text:?} {reason}"));
        let parse = |digits: &str| {
            Amount::parse(digits, unit.scale).map_err(|error| match (error, self.params.decimal) {
                (AmountError::NotANumber(_), Decimal::Point) => {
                    bad("is not an amount such as 1234.50: use digits, with a point before the decimals")
                }
                (AmountError::NotANumber(_), Decimal::Comma) => {
                    bad("is not an amount such as 1234,50: use digits, with a comma before the decimals")
                }
                (error, _) => row.bad("amount", error),
            })
        };
        match self.params.decimal {
            Decimal::Point if text.contains(',') => {
                Err(bad("has a comma: use digits, with a point before the decimals (see --decimal)"))
            }
            Decimal::Point => parse(text),
            // If trailing columns are omitted, 12,50 could be 12, followed by 50 in the next column.
            Decimal::Comma if row.sheet().separator().0 == ',' && row.is_followed_by_digits("amount") => {
                Err(bad("must be in quotes: commas also separate the columns of this file"))
            }
            Decimal::Comma if text.contains('.') => {
                Err(bad("has a point: use digits, with a comma before the decimals"))
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

/// Compares an existing account with the row that opens it, in the properties that can never change. Returns the
/// differing column and the account's value.
fn same_account(row: &OpenAccount, account: &Snapshot) -> Result<(), (&'static str, String)> {
    if account.owner != row.owner {
        return Err(("owner", format!("with owner {}", account.owner)));
    }
    // A different currency would make the other files' amounts have the wrong decimals.
    if row.currency.is_some_and(|currency| currency != account.currency) {
        return Err(("currency", format!("in {}", account.currency)));
    }
    Ok(())
}

/// Checks a row's command as far as possible without the bank.
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

/// Checks a date that is not stored: it must be valid and in the bank's range.
fn check_date(row: &Row<'_>, column: &str) -> Result<(), BadRow> {
    let text = row.text(column);
    let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    match date {
        _ if text.is_empty() => Ok(()),
        None => Err(row.bad(column, format!("{text:?} is not a date such as 2024-01-31"))),
        Some(date) => {
            let moment = date.to_zoned(TimeZone::UTC).map(|midnight| midnight.timestamp().as_nanosecond());
            let fits = moment.is_ok_and(|ns| i64::try_from(ns).is_ok());
            if fits {
                Ok(())
            } else {
                Err(row.bad(column, format!("{text} is outside the bank's range, 1677 to 2262")))
            }
        }
    }
}
