//! Runs a script of inputs against the core, and writes down what the core wants done after each of them.
//!
//! There is no thread and no file. The script says in which order things happen: who submits what, whose account handles its
//! mail, when the journal is durable, when the books and the journal answer, when the power goes. The accounts are the live
//! ones.
//!
//! | line | what happens |
//! | --- | --- |
//! | `t transfer a b 300` | a command with the name `t` is submitted (see `commands`); several, as one batch, with ` \| ` between them |
//! | `a` | the account handles its mail until it has answered something |
//! | `durable` | the journal is durable through the records that it was handed |
//! | `answer` | the books or the journal answer what they were asked first |
//! | `at 60` | the clock reads 60 seconds after the beginning |
//! | `crash` | everything but the durable records is gone, and the bank opens again |

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use actix::{Actor, Addr, AsyncContext, Handler};
use rustc_hash::FxHashMap;

use super::commands::command;
use super::words;
use crate::account::{AccountActor, AccountContext, Collect, Outbox, Reply, Running, SeatIndex, Ticket};
use crate::books::{self, Books, Habits};
use crate::journal::{Journal, JournalError, MemoryJournal};
use crate::ledger::{BankCreated, Body, CommandId, ContentHash, DayClock, Links, Position, Record, Timestamp};
use crate::supervisor::attempts::{AttemptKind, begun};
use crate::supervisor::core::{Core, CoreStart};
use crate::supervisor::effects::{Asker, Effect, LookUp};
use crate::supervisor::input::{Found, Input, LoadedAccount};
use crate::supervisor::repairs::tally;
use crate::supervisor::sealed::SealedPart;
use crate::supervisor::timekeeper::Reading;
use crate::verification::VerdictReady;

/// 2026-01-05, 09:00 in Seoul.
const BEGINNING: i64 = 1_767_571_200_000_000_000;

/// Runs `script` in a bank with the accounts of `given`, each with its balance, and compares what the core wants done.
pub(super) fn check(given: &str, script: &str, expected: expect_test::Expect) {
    expected.assert_eq(&run(given, script));
}

/// What the core wants done after each line of `script`.
pub(super) fn run(given: &str, script: &str) -> String {
    let mut bank = Script::new();
    bank.give(given);
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        writeln!(bank.text, "> {line}").unwrap();
        bank.line(line);
    }
    bank.text
}

/// Gets nothing: it is where outboxes report to.
struct Nobody;

impl Actor for Nobody {
    type Context = actix::Context<Self>;
}

impl Handler<Collect> for Nobody {
    type Result = ();
    fn handle(&mut self, _: Collect, _: &mut actix::Context<Self>) {}
}

/// What the books or the journal were asked.
enum Asked {
    Load(SeatIndex, crate::ledger::AccountNumber),
    LookUp(Ticket, LookUp),
    Tally(Ticket, Box<crate::ledger::Original>),
    Compare(Ticket, Vec<crate::books::RecordKey>),
    Name(Ticket, Vec<crate::ledger::AccountId>),
    Schedule(Ticket, CommandId),
    Payer(CommandId, crate::ledger::AccountNumber),
}

pub(super) struct Script {
    core: Core,
    journal: MemoryJournal,
    /// What the journal was handed and has not made durable.
    writing: Option<Vec<Record>>,
    now: Timestamp,
    accounts: HashMap<SeatIndex, (Addr<AccountActor>, Running)>,
    context: AccountContext,
    outbox: Outbox,
    _nobody: actix::Context<Nobody>,
    asked: VecDeque<Asked>,
    names: HashMap<CommandId, String>,
    /// Which command each ticket was of.
    tickets: HashMap<Ticket, String>,
    batches: HashMap<u32, Vec<String>>,
    verifies: bool,
    text: String,
}

impl Script {
    pub(super) fn new() -> Script {
        let mut drawn = 0u32;
        let source = move || {
            drawn += 1;
            CommandId::derived(format!("own {drawn}").as_bytes())
        };
        crate::ledger::draw_ids_from(Some(Box::new(source)));
        let now = Timestamp::from_ns(BEGINNING);
        let mut journal = MemoryJournal::new();
        let id = CommandId::derived(b"bank");
        let record = Record {
            position: Position::START.next(),
            recorded_at: now,
            decided_at: now,
            date: DayClock::new("Asia/Seoul").unwrap().date_of(now),
            id,
            content: ContentHash::of(&[]),
            body: Body::BankCreated(Box::new(BankCreated { bank: id.as_u128(), time_zone: "Asia/Seoul".into() })),
            links: Links::new(),
        };
        journal.append(record.position, vec![record], Box::new(|appended| drop(appended.unwrap())));
        let nobody = actix::Context::<Nobody>::new();
        let outbox = Outbox::new(0, nobody.address().recipient());
        Script {
            core: open(&journal, false),
            journal,
            writing: None,
            now,
            accounts: HashMap::new(),
            context: AccountContext::new(outbox.clone(), Arc::default()),
            outbox,
            _nobody: nobody,
            asked: VecDeque::new(),
            names: HashMap::new(),
            tickets: HashMap::new(),
            batches: HashMap::new(),
            verifies: false,
            text: String::new(),
        }
    }

    /// Opens the accounts of `given`, as in `a 1000, b 0`, and pays their balances in. Nothing of that is written down.
    fn give(&mut self, given: &str) {
        for account in given.split(',').map(str::trim).filter(|account| !account.is_empty()) {
            let (name, balance) = account.split_once(' ').unwrap_or((account, "0"));
            self.settle(&format!("open-{name} open {name}"));
            if balance != "0" {
                self.settle(&format!("fund-{name} deposit {name} {balance}"));
            }
        }
        self.text.clear();
    }

    /// Submits a command and lets everything happen that follows from it.
    fn settle(&mut self, line: &str) {
        self.line(line);
        loop {
            if !self.asked.is_empty() {
                self.line("answer");
            } else if let Some(seat) = self.seats().into_iter().find(|seat| self.has_mail(*seat)) {
                self.handle_mail(seat);
            } else if self.writing.is_some() {
                self.line("durable");
            } else {
                break;
            }
        }
    }

    fn seats(&self) -> Vec<SeatIndex> {
        let mut seats: Vec<_> = self.accounts.keys().copied().collect();
        seats.sort_by_key(|seat| seat.0);
        seats
    }

    /// Whether an account has something to answer; what needs no answer is handled at once.
    fn has_mail(&mut self, seat: SeatIndex) -> bool {
        let replies = self.replies(seat);
        let any = !replies.is_empty();
        if any {
            self.begin();
            for reply in replies {
                self.core.take_up(reply);
            }
            self.end();
        }
        any
    }

    fn handle_mail(&mut self, seat: SeatIndex) {
        if !self.has_mail(seat) {
            self.text.push_str("  (nothing to answer)\n");
        }
    }

    /// Lets an account handle its mail until it answers.
    fn replies(&mut self, seat: SeatIndex) -> Vec<Reply> {
        let mut replies = Vec::new();
        let Some((_, running)) = self.accounts.get_mut(&seat) else { return replies };
        let mut nobody = Context::from_waker(Waker::noop());
        while replies.is_empty() && running.take_one(&mut self.context, &mut nobody).is_ready() {
            self.context.tell();
            self.outbox.swap(&mut replies);
        }
        replies
    }

    pub(super) fn line(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match *words.as_slice() {
            ["at", seconds] => {
                let passed: u64 = seconds.parse().unwrap();
                self.now = Timestamp::from_ns(BEGINNING).after(Duration::from_secs(passed));
                self.begin();
                self.core.handle(Input::Wake { number: 0 });
            }
            ["durable"] => {
                let Some(records) = self.writing.take() else { return self.text.push_str("  (nothing to write)\n") };
                let (first, last) = (records[0].position, records[records.len() - 1].position);
                self.journal.append(first, records, Box::new(|appended| drop(appended.unwrap())));
                self.begin();
                self.core.handle(Input::Durable(last));
            }
            ["answer"] => {
                let Some(asked) = self.asked.pop_front() else { return self.text.push_str("  (nothing was asked)\n") };
                self.begin();
                let input = self.answer(asked);
                self.core.handle(input);
            }
            ["crash"] => return self.crash(),
            ["verifier"] => {
                self.verifies = true;
                self.begin();
                self.core.handle(Input::BeginToVerify);
            }
            ["approve", hold] => self.verdict(hold, None),
            ["reject", hold] => self.verdict(hold, Some("no".into())),
            ["closing"] => {
                self.begin();
                self.core.handle(Input::Close);
            }
            [account] => {
                let number = words::number(account);
                let seat = self.core.active_seat(&number).unwrap_or_else(|| panic!("{account} is not active"));
                return self.handle_mail(seat);
            }
            _ => self.submit(line),
        }
        self.end();
    }

    fn verdict(&mut self, hold: &str, rejected: Option<Box<str>>) {
        self.begin();
        let hold = CommandId::derived(hold.as_bytes());
        self.core.handle(Input::Verdict(VerdictReady { hold, rejected }));
    }

    fn submit(&mut self, line: &str) {
        let mut commands = Vec::new();
        let mut labels = Vec::new();
        for text in line.split(" | ") {
            let mut command = command(text, Timestamp::from_ns(BEGINNING));
            command.normalize();
            command.check().unwrap();
            let name = text.split_whitespace().next().unwrap().to_owned();
            self.names.insert(command.id(), name.clone());
            labels.push(name);
            let content = command.content();
            commands.push((command, content));
        }
        let from = (0..).find(|number| !self.batches.contains_key(number)).unwrap();
        self.batches.insert(from, labels);
        self.begin();
        self.core.handle(Input::Submit { size: commands.len(), commands, from: Asker(from) });
    }

    fn begin(&mut self) {
        let uptime = Duration::from_nanos(u64::try_from(self.now.as_ns()).unwrap());
        self.core.look(Reading { now: self.now, uptime, patience: Duration::from_secs(1) });
    }

    /// What the shell does after an input, in its order.
    fn end(&mut self) {
        self.core.serve_due();
        while self.core.take_in() {}
        self.core.serve_lines();
        let mut effects = Vec::new();
        self.core.effects.swap(&mut effects);
        for effect in effects {
            let text = words::effect(&effect, &mut |ticket| self.name_of(ticket));
            match effect {
                Effect::Answer { to: Asker(to), answers } => {
                    let labels = self.batches.remove(&to).unwrap();
                    for (label, answered) in labels.iter().zip(answers.into_answered()) {
                        writeln!(self.text, "  {label}: {}", words::answer(&answered)).unwrap();
                    }
                    continue;
                }
                Effect::TurnAway { to: Asker(to), .. } => drop(self.batches.remove(&to)),
                Effect::Send { seat, hold: _, message } => {
                    let number = self.core.number_of(seat);
                    writeln!(self.text, "  {} <- {text}", words::name(number)).unwrap();
                    message.send(&self.accounts[&seat].0);
                    continue;
                }
                Effect::Start { seat, account } => {
                    let LoadedAccount { account, holds } = *account;
                    self.accounts.insert(seat, Running::new(AccountActor::new(seat, account, holds)));
                }
                Effect::Forget { seat } => drop(self.accounts.remove(&seat)),
                Effect::Load { seat, number } => self.asked.push_back(Asked::Load(seat, number)),
                Effect::LookUp { ticket, look_up } => self.asked.push_back(Asked::LookUp(ticket, look_up)),
                Effect::Tally { ticket, original } => self.asked.push_back(Asked::Tally(ticket, original)),
                Effect::Compare { ticket, keys } => self.asked.push_back(Asked::Compare(ticket, keys)),
                Effect::Name { ticket, accounts } => self.asked.push_back(Asked::Name(ticket, accounts)),
                Effect::FindSchedule { ticket, schedule } => self.asked.push_back(Asked::Schedule(ticket, schedule)),
                Effect::FindPayer { schedule, from } => self.asked.push_back(Asked::Payer(schedule, from)),
                _ => {}
            }
            if !text.is_empty() {
                writeln!(self.text, "  {text}").unwrap();
            }
        }
        if let Some(reason) = self.core.effects.stopped() {
            writeln!(self.text, "  STOP {reason}").unwrap();
        } else if let Some(records) = self.core.take_batch(Vec::new) {
            for record in &records {
                let name = self.names.get(&record.id).map_or("(own)", String::as_str);
                writeln!(self.text, "  journal <- {name}: {}", words::body(&record.body)).unwrap();
            }
            self.writing = Some(records);
        }
    }

    fn name_of(&mut self, ticket: Ticket) -> String {
        if let Some(id) = self.core.command_of(ticket) {
            let name = self.names.get(&id).cloned().unwrap_or_else(|| "own".to_owned());
            self.tickets.insert(ticket, name);
        }
        self.tickets.get(&ticket).cloned().unwrap_or_else(|| "gone".to_owned())
    }

    fn books(&self) -> Books {
        books::open(None, &*self.journal.reader(), &Habits::default(), &mut || Ok(())).unwrap().books
    }

    fn answer(&self, asked: Asked) -> Input {
        let (mut books, reader) = (self.books(), self.journal.reader());
        match asked {
            Asked::Load(seat, number) => Input::Loaded { seat, found: books.loaded(&number).map(Box::new) },
            Asked::LookUp(ticket, look_up) => {
                let position = match look_up {
                    LookUp::Id(id) => reader.find(id).unwrap(),
                    LookUp::Reference(id) => reader.find_reference(id).unwrap(),
                    LookUp::Record(position) => Some(position),
                };
                let found = match position.map(|position| reader.read(position)).transpose() {
                    Ok(record) => record.map_or(Found::Nothing, |record| Found::Recorded(Box::new(record))),
                    Err(JournalError::Archived { position, .. }) => Found::Archived(position),
                    Err(error) => panic!("{error}"),
                };
                Input::LookedUp { ticket, found: Ok(found) }
            }
            Asked::Tally(ticket, original) => {
                let tally = tally(&*reader, &original);
                Input::Tallied { ticket, original, tally }
            }
            Asked::Compare(ticket, keys) => {
                Input::Versions { ticket, found: keys.iter().map(|key| books.record_version(key)).collect() }
            }
            Asked::Name(ticket, accounts) => Input::Named { ticket, numbers: books.numbers_of(&accounts) },
            Asked::Schedule(ticket, id) => Input::ScheduleFound { ticket, found: books.standing_order(id).is_some() },
            Asked::Payer(schedule, from) => {
                let owner = books.account_by_number(&from).map(|account| account.owner);
                Input::PayerFound { schedule, owner }
            }
        }
    }

    fn crash(&mut self) {
        self.core = open(&self.journal, self.verifies);
        self.writing = None;
        self.accounts.clear();
        self.asked.clear();
        self.batches.clear();
        self.tickets.clear();
        let mut emptied = Vec::new();
        self.outbox.swap(&mut emptied);
        self.begin();
        if self.verifies {
            self.core.handle(Input::BeginToVerify);
        }
        self.end();
    }
}

/// Opens the bank of a journal.
fn open(journal: &MemoryJournal, verifies: bool) -> Core {
    let reader = journal.reader();
    let mut books = books::open(None, &*reader, &Habits::default(), &mut || Ok(())).unwrap().books;
    let facts = books.facts().unwrap();
    let last = journal.last_recorded_at().unwrap();
    let unsealed_ids = reader.unsealed_ids().unwrap();
    let begun: FxHashMap<_, _> = begun(facts.bank, &facts.schedules, last, &unsealed_ids.own, &*reader).unwrap();
    Core::new(CoreStart {
        max_active_accounts: 16,
        max_open_holds: 4,
        read_only: false,
        clock_lead: Duration::from_secs(24 * 60 * 60),
        uptime: Duration::from_nanos(u64::try_from(last.as_ns()).unwrap()),
        meters: Arc::default(),
        sealed: SealedPart::new(reader),
        last_recorded_at: last,
        facts,
        unsealed_ids,
        run_schedules: true,
        begun,
        attempts: if verifies { AttemptKind::Hold } else { AttemptKind::Transfer },
    })
}
