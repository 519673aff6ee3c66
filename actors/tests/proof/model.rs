//! A naive bank: plain maps, one command after the other, and no line of code shared with the engine's rules.

use std::collections::BTreeMap;

use jangbu_actors::command::{Command, OpenAccount, Outcome};
use jangbu_actors::ledger::{
    AccountNumber, AccountType, Amount, Change, CommandId, Currency, Freeze, LimitException, OwnerId, Position,
    RecordPut, Refusal, Timestamp, TypeCode,
};

use crate::support::{CAP, amount, balance, units};

pub(crate) type Answer = Result<Outcome, Refusal>;

/// What the model says of a command: the outcome without the moment of recording, which only the engine knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Posted { position: u64, date: jiff::civil::Date, fee: i128, sender: i128, receiver: i128 },
    Opened { position: u64, number: AccountNumber },
    Recorded { position: u64 },
    Refused(Refusal),
}

#[derive(Clone, Debug)]
pub(crate) struct Holder {
    pub(crate) owner: OwnerId,
    pub(crate) kind: TypeCode,
    pub(crate) currency: Currency,
    pub(crate) system: bool,
    pub(crate) posted: i128,
    pub(crate) overdraft: i128,
    pub(crate) frozen: Freeze,
    pub(crate) closed: bool,
    pub(crate) per_transfer: LimitException,
    pub(crate) per_day: LimitException,
    pub(crate) date: jiff::civil::Date,
    pub(crate) sent: i128,
    pub(crate) counted: u32,
    pub(crate) version: u64,
    pub(crate) last: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) zone: jiff::tz::TimeZone,
    pub(crate) position: u64,
    pub(crate) accounts: BTreeMap<AccountNumber, Holder>,
    pub(crate) types: BTreeMap<TypeCode, AccountType>,
    pub(crate) owners: BTreeMap<OwnerId, u32>,
    pub(crate) currencies: BTreeMap<Currency, u8>,
    pub(crate) records: BTreeMap<(String, String), u64>,
    pub(crate) answers: BTreeMap<CommandId, (Command, Expected)>,
}

fn epoch() -> jiff::civil::Date {
    jiff::civil::date(1970, 1, 1)
}

fn own(prefix: &str, currency: Currency) -> AccountNumber {
    AccountNumber::new(&format!("{prefix}-{currency}")).unwrap()
}

pub(crate) fn in_force(exception: LimitException, usual: Option<Amount>) -> Option<i128> {
    match exception {
        LimitException::Inherit => usual.map(units),
        LimitException::At(limit) => Some(units(limit)),
        LimitException::Unlimited => None,
    }
}

impl Model {
    pub(crate) fn new(zone: &str) -> Model {
        Model {
            zone: jiff::tz::TimeZone::get(zone).unwrap(),
            position: 1,
            accounts: BTreeMap::new(),
            types: BTreeMap::from([(TypeCode::basic(), AccountType::basic())]),
            owners: BTreeMap::new(),
            currencies: BTreeMap::new(),
            records: BTreeMap::new(),
            answers: BTreeMap::new(),
        }
    }

    /// Carries out one command at the moment `now`.
    pub(crate) fn execute(&mut self, command: &Command, now: Timestamp) -> Expected {
        if let Some((first, answer)) = self.answers.get(&command.id()) {
            return if first == command { answer.clone() } else { Expected::Refused(Refusal::IdReused) };
        }
        let today = now.to_jiff().to_zoned(self.zone.clone()).date();
        let done = match command {
            Command::Transfer(asked) => self.transfer(asked.from, asked.to, asked.amount, today),
            Command::Deposit(asked) => self.cash(asked.account, asked.amount, true, today),
            Command::Withdrawal(asked) => self.cash(asked.account, asked.amount, false, today),
            Command::OpenAccount(open) => self.open(open),
            Command::ChangeAccount(asked) => self.change(asked.account, asked.change),
            Command::SetType { account_type, .. } => self.set_type(account_type),
            Command::SetOwner { owner, free_transfers_per_day, .. } => {
                self.owners.insert(**owner, *free_transfers_per_day);
                Ok(self.recorded())
            }
            Command::AddCurrency { currency, scale, .. } => self.add_currency(*currency, *scale),
            Command::PutRecords { puts, .. } => self.put(puts),
            other => panic!("the model has no {other:?}"),
        };
        let answer = done.unwrap_or_else(|refusal| {
            self.position += 1;
            Expected::Refused(refusal)
        });
        self.answers.insert(command.id(), (command.clone(), answer.clone()));
        answer
    }

    fn recorded(&mut self) -> Expected {
        self.position += 1;
        Expected::Recorded { position: self.position }
    }

    fn open(&mut self, open: &OpenAccount) -> Result<Expected, Refusal> {
        let number = open.number.expect("the model generates no numbers");
        if self.accounts.contains_key(&number) {
            return Err(Refusal::AccountExists { number });
        }
        if number.as_str().starts_with("CASH-") || number.as_str().starts_with("FEES-") {
            return Err(Refusal::NumberReserved { number });
        }
        let code = open.kind.unwrap_or_else(TypeCode::basic);
        let of_type = self.types.get(&code).ok_or(Refusal::TypeUnknown { code })?.currency;
        let currency = open.currency.or(of_type).unwrap_or_else(Currency::krw);
        if of_type.is_some() && of_type != Some(currency) {
            return Err(Refusal::TypeCurrency { code, currency });
        }
        if !self.currencies.contains_key(&currency) {
            let scale = currency.iso_scale().ok_or(Refusal::CurrencyUnknown { currency })?;
            self.make_currency(currency, scale);
        }
        self.seat(number, open.owner, code, currency, units(open.overdraft), false);
        Ok(Expected::Opened { position: self.position, number })
    }

    fn make_currency(&mut self, currency: Currency, scale: u8) {
        self.currencies.insert(currency, scale);
        self.seat(own("CASH", currency), OwnerId::bank(), TypeCode::basic(), currency, 0, true);
        self.position -= 1;
        self.seat(own("FEES", currency), OwnerId::bank(), TypeCode::basic(), currency, 0, true);
    }

    fn seat(
        &mut self,
        number: AccountNumber,
        owner: OwnerId,
        kind: TypeCode,
        currency: Currency,
        overdraft: i128,
        system: bool,
    ) {
        self.position += 1;
        let holder = Holder {
            owner,
            kind,
            currency,
            system,
            posted: 0,
            overdraft,
            frozen: Freeze::default(),
            closed: false,
            per_transfer: LimitException::Inherit,
            per_day: LimitException::Inherit,
            date: epoch(),
            sent: 0,
            counted: 0,
            version: 1,
            last: self.position,
        };
        self.accounts.insert(number, holder);
    }

    fn customer(&self, number: AccountNumber) -> Result<&Holder, Refusal> {
        let holder = self.accounts.get(&number).ok_or(Refusal::AccountUnknown { number })?;
        if holder.system { Err(Refusal::SystemAccount { number }) } else { Ok(holder) }
    }

    fn transfer(
        &mut self,
        from: AccountNumber,
        to: AccountNumber,
        moved: Amount,
        today: jiff::civil::Date,
    ) -> Result<Expected, Refusal> {
        if units(moved) == 0 {
            return Err(Refusal::AmountZero);
        }
        if from == to {
            return Err(Refusal::SameAccount);
        }
        for number in [from, to] {
            self.accounts.get(&number).ok_or(Refusal::AccountUnknown { number })?;
        }
        let (sender, receiver) = (self.customer(from)?.clone(), self.customer(to)?.clone());
        if sender.currency != receiver.currency {
            return Err(Refusal::CurrencyMismatch { from: sender.currency, to: receiver.currency });
        }
        let terms = self.types[&sender.kind].clone();
        let date = today.max(sender.date);
        let (sent, counted) = if date == sender.date { (sender.sent, sender.counted) } else { (0, 0) };
        Model::open_for_debit(from, &sender)?;
        if let Some(limit) = in_force(sender.per_transfer, terms.limit_per_transfer)
            && units(moved) > limit
        {
            return Err(Refusal::LimitPerTransfer { limit: amount(limit), requested: moved });
        }
        if let Some(limit) = in_force(sender.per_day, terms.limit_per_day)
            && sent + units(moved) > limit
        {
            return Err(Refusal::LimitPerDay { limit: amount(limit), used: amount(sent.min(CAP)), requested: moved });
        }
        let exempt = terms.same_owner_exempt && sender.owner == receiver.owner && sender.kind == receiver.kind;
        let quota = self.owners.get(&sender.owner).copied().unwrap_or(3);
        let fee = if exempt || counted < quota { 0 } else { units(terms.fee) };
        Model::check_funds(&sender, units(moved) + fee)?;
        let fees = own("FEES", sender.currency);
        if fee > 0 && self.accounts[&fees].posted + fee > CAP {
            return Err(Refusal::CurrencyLimit { currency: sender.currency });
        }
        Model::open_for_credit(to, &receiver, units(moved))?;
        let answer = self.post(from, to, units(moved), fee, date);
        let holder = self.accounts.get_mut(&from).unwrap();
        holder.sent = sent + units(moved);
        holder.counted = counted + u32::from(!exempt);
        Ok(answer)
    }

    fn cash(
        &mut self,
        number: AccountNumber,
        moved: Amount,
        comes_in: bool,
        today: jiff::civil::Date,
    ) -> Result<Expected, Refusal> {
        if units(moved) == 0 {
            return Err(Refusal::AmountZero);
        }
        let customer = self.customer(number)?.clone();
        let vault = own("CASH", customer.currency);
        let limit = Refusal::CurrencyLimit { currency: customer.currency };
        let held = self.accounts[&vault].posted;
        let (from, to) = if comes_in { (vault, number) } else { (number, vault) };
        if comes_in {
            if held - units(moved) < -CAP {
                return Err(limit);
            }
            Model::open_for_credit(number, &customer, units(moved))?;
        } else {
            Model::open_for_debit(number, &customer)?;
            Model::check_funds(&customer, units(moved))?;
            if held + units(moved) > CAP {
                return Err(limit);
            }
        }
        let before = self.accounts[&from].clone();
        let date = today.max(before.date);
        let answer = self.post(from, to, units(moved), 0, date);
        if date != before.date {
            let holder = self.accounts.get_mut(&from).unwrap();
            (holder.sent, holder.counted) = (0, 0);
        }
        Ok(answer)
    }

    fn open_for_debit(number: AccountNumber, holder: &Holder) -> Result<(), Refusal> {
        if holder.closed {
            return Err(Refusal::AccountClosed { number });
        }
        if holder.frozen.debits { Err(Refusal::AccountFrozen { number }) } else { Ok(()) }
    }

    fn open_for_credit(number: AccountNumber, holder: &Holder, more: i128) -> Result<(), Refusal> {
        if holder.closed {
            return Err(Refusal::AccountClosed { number });
        }
        if holder.frozen.credits {
            return Err(Refusal::AccountFrozen { number });
        }
        if holder.posted + more > CAP {
            return Err(Refusal::BalanceLimit { number, posted: balance(holder.posted) });
        }
        Ok(())
    }

    fn check_funds(holder: &Holder, needed: i128) -> Result<(), Refusal> {
        let available = (holder.posted + holder.overdraft).clamp(0, CAP);
        if needed > available {
            return Err(Refusal::InsufficientFunds { available: amount(available), needed: amount(needed) });
        }
        Ok(())
    }

    fn post(
        &mut self,
        from: AccountNumber,
        to: AccountNumber,
        moved: i128,
        fee: i128,
        date: jiff::civil::Date,
    ) -> Expected {
        self.position += 1;
        let position = self.position;
        let currency = self.accounts[&from].currency;
        let mut add = |number: AccountNumber, change: i128| {
            let holder = self.accounts.get_mut(&number).unwrap();
            holder.posted += change;
            holder.version += 1;
            holder.last = position;
            holder.posted
        };
        let sender = add(from, -moved - fee);
        let receiver = add(to, moved);
        if fee > 0 {
            add(own("FEES", currency), fee);
        }
        self.accounts.get_mut(&from).unwrap().date = date;
        Expected::Posted { position, date, fee, sender, receiver }
    }

    fn change(&mut self, number: AccountNumber, change: Change) -> Result<Expected, Refusal> {
        let holder = self.customer(number)?.clone();
        if holder.closed {
            return Err(Refusal::AccountClosed { number });
        }
        let mut after = holder.clone();
        match change {
            Change::Freeze(frozen) => after.frozen = frozen,
            Change::Close if holder.posted != 0 => return Err(Refusal::NotEmpty { posted: balance(holder.posted) }),
            Change::Close => after.closed = true,
            Change::Overdraft(overdraft) if holder.posted < -units(overdraft) => {
                return Err(Refusal::OverdraftInUse { posted: balance(holder.posted), overdraft });
            }
            Change::Overdraft(overdraft) => after.overdraft = units(overdraft),
            Change::LimitPerTransfer(limit) => after.per_transfer = limit,
            Change::LimitPerDay(limit) => after.per_day = limit,
            Change::Type(code) => {
                let of_type = self.types.get(&code).ok_or(Refusal::TypeUnknown { code })?.currency;
                if of_type.is_some() && of_type != Some(holder.currency) {
                    return Err(Refusal::TypeCurrency { code, currency: holder.currency });
                }
                after.kind = code;
            }
            other => panic!("the model has no {other:?}"),
        }
        let answer = self.recorded();
        (after.version, after.last) = (holder.version + 1, self.position);
        self.accounts.insert(number, after);
        Ok(answer)
    }

    fn set_type(&mut self, account_type: &AccountType) -> Result<Expected, Refusal> {
        let code = account_type.code;
        let other_currency = self.types.get(&code).is_some_and(|now| now.currency != account_type.currency);
        if code == TypeCode::basic() || other_currency {
            return Err(Refusal::TypeFixed { code });
        }
        let currency = account_type.currency.unwrap();
        if currency.iso_scale().is_none() && !self.currencies.contains_key(&currency) {
            return Err(Refusal::CurrencyUnknown { currency });
        }
        self.types.insert(code, account_type.clone());
        Ok(self.recorded())
    }

    fn add_currency(&mut self, currency: Currency, scale: u8) -> Result<Expected, Refusal> {
        let fixed = self.currencies.get(&currency).copied().or(currency.iso_scale());
        if self.currencies.contains_key(&currency) || fixed.is_some_and(|fixed| fixed != scale) {
            return Err(Refusal::CurrencyFixed { currency, scale: fixed.unwrap() });
        }
        self.make_currency(currency, scale);
        Ok(Expected::Recorded { position: self.position })
    }

    fn put(&mut self, puts: &[RecordPut]) -> Result<Expected, Refusal> {
        let version = |put: &RecordPut| self.records.get(&(put.kind.clone(), put.key.clone())).copied().unwrap_or(0);
        for put in puts {
            if put.expected.is_some_and(|expected| expected.get() != version(put)) {
                return Err(Refusal::RecordConflict { found: Position::new(version(put)) });
            }
        }
        let answer = self.recorded();
        for put in puts {
            let key = (put.kind.clone(), put.key.clone());
            match put.value {
                Some(_) => self.records.insert(key, self.position),
                None => self.records.remove(&key),
            };
        }
        Ok(answer)
    }
}
