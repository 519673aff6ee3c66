//! A naive bank: plain maps, one command after another, and no code shared with the engine's rules.
//!
//! A command is carried out on a copy of everything, which is discarded if the command is refused.

mod facts;
mod groups;
mod holds;
mod money;
mod schedules;

use std::collections::BTreeMap;

use jangbu_actors::command::{Command, Outcome};
use jangbu_actors::ledger::{
    AccountNumber, AccountType, Amount, CommandId, Currency, Freeze, HoldEnd, HoldId, LimitException, OwnerId, Refusal,
    Timestamp, TypeCode,
};

pub(crate) use holds::Hold;
pub(crate) use schedules::{Standing, Step};

use crate::support::units;

pub(crate) type Answer = Result<Outcome, Refusal>;

/// The model's answer to a command: the outcome without the moment of recording, which only the engine knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Posted {
        position: u64,
        date: jiff::civil::Date,
        amount: i128,
        fee: i128,
        sender: i128,
        receiver: i128,
    },
    Opened {
        position: u64,
        number: AccountNumber,
    },
    Recorded {
        position: u64,
    },
    Held {
        position: u64,
        date: jiff::civil::Date,
        amount: i128,
        fee: i128,
        expires_at: Option<Timestamp>,
    },
    Drawn {
        position: u64,
        hold: HoldId,
        amount: i128,
        fee: i128,
        released: i128,
        captured: i128,
        remaining: i128,
        end: Option<HoldEnd>,
        sender: i128,
        receiver: i128,
    },
    Refused(Refusal),
}

#[derive(Clone, Debug)]
pub(crate) struct Holder {
    pub(crate) owner: OwnerId,
    pub(crate) kind: TypeCode,
    pub(crate) currency: Currency,
    pub(crate) system: bool,
    pub(crate) posted: i128,
    pub(crate) held: i128,
    pub(crate) pending_in: i128,
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

/// A movement that can be reversed.
#[derive(Clone, Debug)]
pub(crate) struct Movement {
    from: AccountNumber,
    to: AccountNumber,
    amount: i128,
    reversed: i128,
}

#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) zone: jiff::tz::TimeZone,
    pub(crate) position: u64,
    /// The clock's reading, and the moment of the last record.
    pub(crate) now: Timestamp,
    pub(crate) recorded_at: Timestamp,
    /// The moment of the record before the current one.
    last_recorded_at: Timestamp,
    pub(crate) accounts: BTreeMap<AccountNumber, Holder>,
    pub(crate) types: BTreeMap<TypeCode, AccountType>,
    pub(crate) owners: BTreeMap<OwnerId, u32>,
    pub(crate) currencies: BTreeMap<Currency, u8>,
    pub(crate) records: BTreeMap<(String, String), u64>,
    pub(crate) holds: BTreeMap<HoldId, Hold>,
    /// What draws brought their receivers, in order: the amount, and how much is no longer expected.
    brought: Vec<(AccountNumber, i128, i128)>,
    pub(crate) schedules: BTreeMap<CommandId, Standing>,
    /// Whether there is a verifier, which scheduled attempts await.
    pub(crate) verifies: bool,
    /// The movements of each command, in order. Those that cannot be reversed are empty.
    pub(crate) movements: BTreeMap<CommandId, Vec<Option<Movement>>>,
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
    /// Creates a bank at `now`, which is its first record.
    pub(crate) fn new(zone: &str, now: Timestamp) -> Model {
        Model {
            zone: jiff::tz::TimeZone::get(zone).unwrap(),
            position: 1,
            now,
            recorded_at: now,
            last_recorded_at: now,
            accounts: BTreeMap::new(),
            types: BTreeMap::from([(TypeCode::basic(), AccountType::basic())]),
            owners: BTreeMap::new(),
            currencies: BTreeMap::new(),
            records: BTreeMap::new(),
            holds: BTreeMap::new(),
            brought: Vec::new(),
            schedules: BTreeMap::new(),
            verifies: false,
            movements: BTreeMap::new(),
            answers: BTreeMap::new(),
        }
    }

    /// Carries out one command at `now`.
    pub(crate) fn execute(&mut self, command: &Command, now: Timestamp) -> Expected {
        self.now = now;
        if let Some((first, answer)) = self.answers.get(&command.id()) {
            return if first == command { answer.clone() } else { Expected::Refused(Refusal::IdReused) };
        }
        let answers = std::mem::take(&mut self.answers);
        let mut after = self.clone();
        after.next_record();
        let answer = match after.carry_out(command) {
            Ok(answer) => {
                *self = after;
                answer
            }
            Err(refusal) => {
                self.next_record();
                Expected::Refused(refusal)
            }
        };
        self.answers = answers;
        self.answers.insert(command.id(), (command.clone(), answer.clone()));
        answer
    }

    fn carry_out(&mut self, command: &Command) -> Result<Expected, Refusal> {
        match command {
            Command::Transfer(asked) => self.transfer(asked),
            Command::Deposit(asked) => self.cash(asked.account, asked.amount, true),
            Command::Withdrawal(asked) => self.cash(asked.account, asked.amount, false),
            Command::OpenAccount(open) => self.open(open),
            Command::ChangeAccount(asked) => self.change(asked.account, asked.change),
            Command::SetType { account_type, .. } => self.set_type(account_type),
            Command::SetOwner { owner, free_transfers_per_day, .. } => {
                self.owners.insert(**owner, *free_transfers_per_day);
                Ok(self.recorded())
            }
            Command::AddCurrency { currency, scale, .. } => self.add_currency(*currency, *scale),
            Command::PutRecords { puts, .. } => self.put(puts),
            Command::PlaceHold(placed) => self.place(placed),
            Command::SettleHold(asked) => self.settle(asked),
            Command::VoidHold(asked) => self.void(asked),
            Command::AmendHold(asked) => self.amend(asked),
            Command::ExpireHold { hold, .. } => self.expire_as_asked(*hold),
            Command::Linked(linked) => self.linked(linked),
            Command::Reverse(asked) => self.reverse(asked),
            Command::Sweep(asked) => self.sweep(asked),
            Command::SetSchedule(asked) => self.set_schedule(asked),
            Command::ChangeSchedule(asked) => self.change_schedule(asked),
            other => panic!("the model has no {other:?}"),
        }
    }

    /// Starts the record to which everything from now on belongs.
    fn next_record(&mut self) {
        self.position += 1;
        self.last_recorded_at = self.recorded_at;
        self.recorded_at = self.now.max(Timestamp::from_ns(self.recorded_at.as_ns() + 1));
    }

    fn recorded(&self) -> Expected {
        Expected::Recorded { position: self.position }
    }

    fn today(&self) -> jiff::civil::Date {
        self.now.to_jiff().to_zoned(self.zone.clone()).date()
    }

    fn customer(&self, number: AccountNumber) -> Result<&Holder, Refusal> {
        let holder = self.accounts.get(&number).ok_or(Refusal::AccountUnknown { number })?;
        if holder.system { Err(Refusal::SystemAccount { number }) } else { Ok(holder) }
    }

    fn holder(&mut self, number: AccountNumber) -> &mut Holder {
        self.accounts.get_mut(&number).unwrap()
    }

    /// Changes an account's figures, which is one of its events. Returns the balance afterwards.
    fn leg(&mut self, number: AccountNumber, posted: i128, held: i128, pending_in: i128) -> i128 {
        let position = self.position;
        let holder = self.holder(number);
        holder.posted += posted;
        holder.held += held;
        holder.pending_in += pending_in;
        assert!(holder.held >= 0 && holder.pending_in >= 0, "{number}");
        holder.version += 1;
        holder.last = position;
        holder.posted
    }
}
