//! What an import will ask of the bank: rows turned into commands, before anything moves.

use std::collections::HashMap;

use jangbu::{
    AccountNumber, AccountType, Amount, Bank, CashPosting, Command, CommandId, Currency, Error, OpenAccount, Refusal,
    Transfer, TypeCode,
};

use super::sheet::{BadRow, Row, Sheet};
use crate::cli::error::CliError;

/// The commands of an import, in the order of their phases, and the rows that led to none.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) accounts: Vec<Planned>,
    pub(super) deposits: Vec<Planned>,
    pub(super) orders: Vec<Planned>,
    pub(super) bad_rows: Vec<BadRow>,
}

/// A command, and the currency in which what it moves is told.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) command: Command,
    pub(super) currency: Currency,
    pub(super) scale: u8,
}

impl Plan {
    /// Reads every row. `bank` is the one that is there already, if any.
    ///
    /// # Errors
    /// Only those of reading the bank: what is wrong with a row goes to [`Plan::bad_rows`].
    pub(super) async fn make(
        bank: Option<&Bank>,
        accounts: &Sheet,
        deposits: &Sheet,
        orders: &Sheet,
        month: u32,
    ) -> Result<Plan, CliError> {
        let mut planner = Planner::new(bank).await?;
        let mut plan = Plan::default();
        for row in accounts.rows() {
            let planned = planner.account(row).await?;
            keep(planned, &mut plan.accounts, &mut plan.bad_rows);
        }
        for row in deposits.rows() {
            let planned = planner.deposit(row).await?;
            keep(planned, &mut plan.deposits, &mut plan.bad_rows);
        }
        for row in orders.rows() {
            let planned = planner.order(row, month).await?;
            keep(planned, &mut plan.orders, &mut plan.bad_rows);
        }
        Ok(plan)
    }
}

fn keep(planned: Result<Planned, BadRow>, good: &mut Vec<Planned>, bad: &mut Vec<BadRow>) {
    match planned {
        Ok(planned) => good.push(planned),
        Err(row) => bad.push(row),
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
    types: Vec<AccountType>,
    /// The currency and scale of every account met so far; `None` for those that are nowhere.
    currencies: HashMap<AccountNumber, Option<(Currency, u8)>>,
    lines_of_accounts: HashMap<AccountNumber, u64>,
    lines_of_orders: HashMap<String, u64>,
    deposits_of: HashMap<AccountNumber, u64>,
}

impl<'a> Planner<'a> {
    async fn new(bank: Option<&'a Bank>) -> Result<Planner<'a>, CliError> {
        let types = match bank {
            Some(bank) => bank.account_types().await?,
            None => vec![AccountType::basic()],
        };
        Ok(Planner {
            bank,
            types,
            currencies: HashMap::new(),
            lines_of_accounts: HashMap::new(),
            lines_of_orders: HashMap::new(),
            deposits_of: HashMap::new(),
        })
    }

    async fn account(&mut self, row: Result<Row<'_>, BadRow>) -> Reading<Planned> {
        let row = sound!(row);
        let number: AccountNumber = sound!(row.parse("number"));
        if let Some(line) = self.lines_of_accounts.insert(number, row.line) {
            return Ok(Err(row.bad("number", format!("account {number} stands in line {line} already"))));
        }
        let kind = sound!(self.kind(&row));
        let currency = match kind.currency {
            Some(currency) if row.text("currency").is_empty() => currency,
            _ => sound!(row.parse("currency")),
        };
        if kind.currency.is_some_and(|of_type| of_type != currency) {
            return Ok(Err(row.bad("currency", format!("account type {} is not for {currency}", kind.code))));
        }
        // An account of another currency in the bank would have this file's amounts read with the wrong decimals.
        if let Some((in_bank, _)) = self.in_bank(number).await?
            && in_bank != currency
        {
            return Ok(Err(row.bad("currency", format!("account {number} is there already, in {in_bank}"))));
        }
        let Some(scale) = self.scale(currency).await? else {
            return Ok(Err(row.bad("currency", Refusal::CurrencyUnknown { currency })));
        };
        let open = OpenAccount::new(sound!(row.parse("owner")))
            .with_id(id(&["account", number.as_str()]))
            .with_number(number)
            .with_type(kind.code)
            .with_currency(currency);
        let command = Command::OpenAccount(Box::new(open));
        sound!(command.check().map_err(|invalid| row.bad("owner", invalid)));
        self.currencies.insert(number, Some((currency, scale)));
        Ok(Ok(Planned { command, currency, scale }))
    }

    async fn deposit(&mut self, row: Result<Row<'_>, BadRow>) -> Reading<Planned> {
        let row = sound!(row);
        let to: AccountNumber = sound!(row.parse("to"));
        // Counted before the rest is read: once a bad row is put right, the rows behind it keep their ids.
        let nth = self.deposits_of.entry(to).or_default();
        *nth = nth.saturating_add(1);
        let key = id(&["deposit", to.as_str(), &nth.to_string()]);
        let (currency, scale) = sound!(self.currency(&row, "to", to).await?);
        let mut deposit = CashPosting::new(to, sound!(amount(&row, scale))).with_id(key);
        if !row.text("label").is_empty() {
            deposit = deposit.with_label(row.text("label"));
        }
        let command = Command::Deposit(deposit);
        sound!(command.check().map_err(|invalid| row.bad("label", invalid)));
        Ok(Ok(Planned { command, currency, scale }))
    }

    async fn order(&mut self, row: Result<Row<'_>, BadRow>, month: u32) -> Reading<Planned> {
        let row = sound!(row);
        let order = row.text("order");
        if order.is_empty() {
            return Ok(Err(row.bad("order", "the order has no number")));
        }
        if let Some(line) = self.lines_of_orders.insert(order.to_owned(), row.line) {
            return Ok(Err(row.bad("order", format!("order {order} stands in line {line} already"))));
        }
        let from = sound!(row.parse("from"));
        let to = sound!(row.parse("to"));
        let (currency, scale) = sound!(self.currency(&row, "from", from).await?);
        sound!(self.currency(&row, "to", to).await?);
        let key = id(&["order", &month.to_string(), order]);
        let mut transfer = Transfer::new(from, to, sound!(amount(&row, scale))).with_id(key);
        if !row.text("label").is_empty() {
            transfer = transfer.with_labels(row.text("label"), row.text("label"));
        }
        let command = Command::Transfer(transfer);
        sound!(command.check().map_err(|invalid| row.bad("label", invalid)));
        Ok(Ok(Planned { command, currency, scale }))
    }

    fn kind(&self, row: &Row<'_>) -> Result<&AccountType, BadRow> {
        let code = if row.text("type").is_empty() { TypeCode::basic() } else { row.parse("type")? };
        let found = self.types.iter().find(|kind| kind.code == code);
        found.ok_or_else(|| row.bad("type", Refusal::TypeUnknown { code }))
    }

    /// The currency of an account that a row names, be it in `accounts.csv` or in the bank.
    async fn currency(&mut self, row: &Row<'_>, column: &str, number: AccountNumber) -> Reading<(Currency, u8)> {
        let known = match self.currencies.get(&number) {
            Some(known) => *known,
            None => {
                let found = self.in_bank(number).await?;
                self.currencies.insert(number, found);
                found
            }
        };
        let nowhere = || row.bad(column, format!("there is no account {number}, in accounts.csv or in the bank"));
        Ok(known.ok_or_else(nowhere))
    }

    async fn in_bank(&self, number: AccountNumber) -> Result<Option<(Currency, u8)>, CliError> {
        let Some(bank) = self.bank else { return Ok(None) };
        match bank.snapshot(number).await {
            Ok(account) => Ok(Some((account.currency, account.scale))),
            Err(Error::Refused(Refusal::AccountUnknown { .. })) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn scale(&self, currency: Currency) -> Result<Option<u8>, CliError> {
        match self.bank {
            Some(bank) => Ok(bank.currency_scale(currency).await?),
            None => Ok(currency.iso_scale()),
        }
    }
}

fn amount(row: &Row<'_>, scale: u8) -> Result<Amount, BadRow> {
    Amount::parse(row.text("amount"), scale).map_err(|error| row.bad("amount", error))
}

/// The id of what `parts` name. Only an order's number, the last part, can contain the separator, so that no two
/// lists of parts are told apart by it alone.
fn id(parts: &[&str]) -> CommandId {
    CommandId::derived(format!("jangbu import\0{}", parts.join("\0")).as_bytes())
}
