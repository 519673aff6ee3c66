//! Random banks: every kind of movement of money, and many refusals.

use std::path::Path;
use std::sync::Arc;

use futures::executor::block_on;
use jangbu_actors::clock::SteppedClock;
use jangbu_actors::command::{
    AmendHold, CashPosting, Command, Linked, OpenAccount, PlaceHold, Reverse, SettleHold, Step, Sweep, Transfer,
    VoidHold,
};
use jangbu_actors::journal::disk::RealDisk;
use jangbu_actors::journal::{FileJournal, FileOptions, Journal};
use jangbu_actors::ledger::{
    AccountNumber, AccountType, Amount, CommandId, Currency, HoldId, OwnerId, Record, Timestamp, TypeCode,
};
use jangbu_actors::{Bank, Builder};

/// A seeded random number generator (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    pub(crate) fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }

    pub(crate) fn chance(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }
}

pub(crate) fn amount(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

pub(crate) fn number(text: &str) -> AccountNumber {
    AccountNumber::new(text).unwrap()
}

pub(crate) fn owner(text: &str) -> OwnerId {
    OwnerId::new(text).unwrap()
}

/// Accounts and their owners; `X` is never opened.
pub(crate) const ACCOUNTS: [(&str, &str); 7] =
    [("A", "ann"), ("B", "ann"), ("C", "bob"), ("D", "bob"), ("E", "cho"), ("F", "dan"), ("X", "-")];
const LABELS: [&str; 4] = ["Rent", "tea", "LUNCH", ""];
const REFERENCES: [&str; 4] = ["Invoice 7", "for the rent", "", "Überweisung"];

/// The first moment of every random bank.
pub(crate) const START_NS: i64 = 1_790_000_000_000_000_000;
/// The time between two batches.
pub(crate) const STEP_NS: i64 = 60_000_000_000;

/// A bank under random commands, and the commands.
pub(crate) struct RandomBank {
    pub(crate) bank: Bank,
    dice: Dice,
    clock: Arc<SteppedClock>,
    pub(crate) now_ns: i64,
    holds: Vec<HoldId>,
    movements: Vec<CommandId>,
    count: u64,
    /// Whether some transfers are verified. A pending one keeps its record from being archived.
    pub(crate) verifies: bool,
}

impl RandomBank {
    /// Few records per checkpoint and small segments, so that everything happens often.
    pub(crate) fn builder() -> Builder {
        Bank::builder().time_zone("Asia/Seoul").segment_bytes(64 * 1024).checkpoint_records(97).max_active_accounts(5)
    }

    /// Opens a closed bank with a clock that stands still, so that nothing falls due.
    pub(crate) fn reopened(directory: &Path, now_ns: i64) -> Bank {
        let clock = SteppedClock::starting_at(Timestamp::from_ns(now_ns));
        RandomBank::builder().clock(clock).open(directory).unwrap()
    }

    pub(crate) fn new(seed: u64, directory: Option<&Path>) -> RandomBank {
        let clock = SteppedClock::starting_at(Timestamp::from_ns(START_NS));
        let builder = RandomBank::builder().clock(Arc::clone(&clock) as _);
        let bank = match directory {
            Some(path) => builder.open(path).unwrap(),
            None => builder.in_memory().unwrap(),
        };
        let mut random = RandomBank {
            bank,
            dice: Dice::new(seed),
            clock,
            now_ns: START_NS,
            holds: Vec::new(),
            movements: Vec::new(),
            count: 0,
            verifies: true,
        };
        random.begin();
        random
    }

    fn begin(&mut self) {
        let kind = TypeCode::new("std").unwrap();
        let with_fee = AccountType { fee: amount(3), ..AccountType::new(kind, "with a fee", Currency::krw()) };
        block_on(self.bank.set_type(with_fee)).unwrap();
        for (text, name) in ACCOUNTS.into_iter().filter(|(text, _)| *text != "X") {
            let open = OpenAccount::new(owner(name)).with_number(number(text)).with_id(self.id());
            block_on(self.bank.open_account(open.with_type(kind))).unwrap();
            let cash = CashPosting::new(number(text), amount(5_000)).with_id(self.id());
            block_on(self.bank.deposit(cash)).unwrap();
        }
    }

    fn id(&mut self) -> CommandId {
        self.count += 1;
        CommandId::derived(&self.count.to_be_bytes())
    }

    /// Submits this many random commands, in batches.
    pub(crate) fn run(&mut self, commands: usize) {
        let mut left = commands;
        while left > 0 {
            let size = usize::try_from(self.dice.below(20)).unwrap().saturating_add(1).min(left);
            let batch: Vec<Command> = (0..size).map(|_| self.command()).collect();
            block_on(self.bank.submit(batch)).unwrap();
            left -= size;
            self.now_ns += STEP_NS;
            self.clock.set(Timestamp::from_ns(self.now_ns));
        }
        self.wait_for_expiries();
    }

    /// Waits until the bank has returned the money of every expired hold, which it does automatically and records.
    fn wait_for_expiries(&self) {
        let now = Timestamp::from_ns(self.now_ns);
        for (text, _) in ACCOUNTS.into_iter().filter(|(text, _)| *text != "X") {
            while block_on(self.bank.holds(number(text)))
                .unwrap()
                .iter()
                .any(|hold| hold.expires_at.is_some_and(|expires_at| expires_at <= now))
            {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        }
    }

    fn account(&mut self) -> AccountNumber {
        // The last account, which is never opened, is rare.
        let all = if self.dice.chance(30) { ACCOUNTS.len() } else { ACCOUNTS.len() - 1 };
        number(self.dice.pick(&ACCOUNTS[..all]).0)
    }

    fn amount(&mut self) -> Amount {
        let most = if self.dice.chance(8) { 20_000 } else { 300 };
        amount(self.dice.below(most))
    }

    fn any_of<T: Copy + From<CommandId>>(&mut self, ids: &[T]) -> T {
        if ids.is_empty() || self.dice.chance(20) { self.id().into() } else { self.dice.pick(ids) }
    }

    fn transfer(&mut self) -> Transfer {
        let (from, to, amount) = (self.account(), self.account(), self.amount());
        let mut transfer = Transfer::new(from, to, amount);
        transfer.at_most = self.dice.chance(6);
        if self.dice.chance(3) {
            transfer = transfer.with_labels(self.dice.pick(&LABELS), self.dice.pick(&LABELS));
        }
        if self.dice.chance(3) {
            transfer = transfer.with_reference(self.dice.pick(&REFERENCES));
        }
        if self.dice.chance(3) {
            let pair = ("order".to_owned(), self.dice.below(4).to_string());
            transfer.details.get_or_insert_default().metadata.push(pair);
        }
        transfer
    }

    fn command(&mut self) -> Command {
        let id = self.id();
        let (holds, movements) = (self.holds.clone(), self.movements.clone());
        match self.dice.below(20) {
            0..=6 => {
                self.movements.push(id);
                Command::Transfer(self.transfer().with_id(id))
            }
            7 => Command::Deposit(CashPosting::new(self.account(), self.amount()).with_label("cash").with_id(id)),
            8 => Command::Withdrawal(CashPosting::new(self.account(), self.amount()).with_id(id)),
            9..=11 => {
                self.holds.push(id.into());
                let Transfer { from, to, amount, details, .. } = self.transfer();
                let verify = self.verifies && self.dice.chance(2);
                let mut hold = PlaceHold { details, verify, ..PlaceHold::new(from, to, amount).with_id(id) };
                if self.dice.chance(3) {
                    let after = i64::try_from(self.dice.below(20)).unwrap() * STEP_NS;
                    hold = hold.with_expiry(Timestamp::from_ns(self.now_ns + after));
                }
                Command::PlaceHold(Box::new(hold))
            }
            12 | 13 => {
                self.movements.push(id);
                let hold = self.any_of(&holds);
                let settle = match self.dice.below(3) {
                    0 => SettleHold::all(hold),
                    1 => SettleHold::part(hold, self.amount()).keeping_rest(),
                    _ => SettleHold::part(hold, self.amount()),
                };
                Command::SettleHold(settle.with_id(id))
            }
            14 => {
                let void = VoidHold::new(self.any_of(&holds)).with_id(id).because("no rent").telling("No rooms left");
                Command::VoidHold(VoidHold { rejected: self.dice.chance(3), ..void })
            }
            15 => {
                let hold = self.any_of(&holds);
                let raise_to = Some(self.amount());
                Command::AmendHold(Box::new(AmendHold { id, hold, raise_to, expires_at: None }))
            }
            16 | 17 => {
                self.movements.push(id);
                let steps = (0..u8::try_from(1 + self.dice.below(3)).unwrap()).map(|number| match self.dice.below(6) {
                    0 => Step::Settle { hold: self.any_of(&holds), amount: None, last: true },
                    1 => Step::Void { hold: self.any_of(&holds) },
                    2 => {
                        self.holds.push(HoldId::of_step(id, number));
                        let Transfer { from, to, amount, details, .. } = self.transfer();
                        let after = i64::try_from(self.dice.below(20)).unwrap() * STEP_NS;
                        let expires_at = self.dice.chance(3).then(|| Timestamp::from_ns(self.now_ns + after));
                        Step::Hold { from, to, amount, expires_at, most_fee: None, details }
                    }
                    _ => {
                        let Transfer { from, to, amount, at_most, details, .. } = self.transfer();
                        Step::Transfer { from, to, amount, at_most, most_fee: None, details }
                    }
                });
                let steps = steps.collect();
                Command::Linked(Linked::new(steps).with_id(id))
            }
            18 => {
                let original = self.any_of(&movements);
                let amount = if self.dice.chance(2) { Some(self.amount()) } else { None };
                Command::Reverse(Box::new(Reverse { amount, ..Reverse::all(original).with_id(id) }))
            }
            _ => {
                let target =
                    jangbu_actors::ledger::Balance::new(i64::try_from(self.dice.below(9_000)).unwrap()).unwrap();
                let (account, against) = (self.account(), self.account());
                Command::Sweep(Box::new(Sweep::to_zero(account, against).with_target(target).with_id(id)))
            }
        }
    }
}

/// Returns every record of the journal of a closed bank.
pub(crate) fn records(directory: &Path) -> Vec<Record> {
    let journal = FileJournal::open(Arc::new(RealDisk), &directory.join("journal"), FileOptions::default()).unwrap();
    let reader = journal.reader();
    reader.scan(jangbu_actors::ledger::Position::new(1)).map(Result::unwrap).collect()
}
