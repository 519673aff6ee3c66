//! The cost of an actor per account, compared with locks, when callers contend.
//!
//! Four ways to move money in memory, each at three skews and with 1 to 64 callers, each on its own thread:
//!
//! | name | what it is |
//! | --- | --- |
//! | `global_mutex` | one `parking_lot` mutex around all accounts |
//! | `account_mutex` | one per account; the lower number is locked first, to avoid deadlocks |
//! | `actors_single` | a bank in memory, one transfer per call |
//! | `actors_batch` | the same, 512 transfers per call |
//!
//! All apply the same rules, `decide_debit`, `decide_credit` and `apply`. The mutexes do nothing else, while the bank
//! also checks ids, keeps a journal with links, and updates its books. The difference between `account_mutex` and
//! `actors_batch` with one caller is the price of that. Read the others relative to it: how much each loses from 1 to
//! 64 callers, and from `uniform` to `hot`. No thread ever waits for a hot actor while it holds something else.
//!
//! The figure to read is the throughput in transfers per second. Sizes: `JANGBU_BENCH_ACCOUNTS` (1,024).

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark may panic")]

use std::sync::Barrier;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jangbu::blocking::Bank;
use jangbu::{
    AccountNumber, Amount, Balance, BusinessDate, Command, Currency, OwnerId, Timestamp,
    accounts::{Role, TypeCode},
};
use jangbu_actors::ledger::{Account, AccountId, AccountOpened, Event, Terms, apply, decide_credit, decide_debit};
use parking_lot::Mutex;

#[path = "support/setting.rs"]
mod setting;
#[path = "support/skew.rs"]
mod skew;
#[path = "support/town.rs"]
mod town;

use skew::Skew;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Transfers per iteration, of all callers together.
const ROUND: usize = 4_096;
/// Pairs of accounts that are drawn before the measurement.
const PAIRS: usize = 65_536;
/// Transfers per call in `actors_batch`.
const BATCH: usize = 512;
const CALLERS: [usize; 4] = [1, 4, 16, 64];

/// A way to move money: the transfers of one caller, as pairs of accounts.
trait Mover: Sync {
    fn run(&self, pairs: &mut dyn Iterator<Item = (usize, usize)>);
}

/// Creates a mover with this many accounts.
type Make = fn(usize) -> Box<dyn Mover>;

fn accounts(count: usize) -> Vec<Account> {
    let opened = |at: usize| AccountOpened {
        account: AccountId::new(at as u64 + 1),
        number: AccountNumber::new(&format!("B{at:07}")).unwrap(),
        owner: OwnerId::new("bench").unwrap(),
        kind: TypeCode::new("basic").unwrap(),
        currency: Currency::krw(),
        role: Role::Customer,
        overdraft: Amount::ZERO,
        opened_at: Timestamp::from_ns(0),
    };
    let rich = |at| Account { posted: Balance::new(1 << 40).unwrap(), ..Account::open(&opened(at)) };
    (0..count).map(rich).collect()
}

/// One transfer by the rules of the ledger: the work of both actors.
fn settle(from: &mut Account, to: &mut Account) {
    let terms = Terms {
        amount: Amount::ONE,
        at_most: false,
        most_fee: None,
        fee: Amount::ZERO,
        free_transfers_per_day: 3,
        exempt: false,
        limited: true,
        limit_per_transfer: None,
        limit_per_day: None,
        date: BusinessDate::from_days(20_454),
    };
    let debited = decide_debit(from, &terms).unwrap();
    decide_credit(to, terms.amount).unwrap();
    apply(from, Event::Debited(debited)).unwrap();
    apply(to, Event::Credited(terms.amount)).unwrap();
}

struct GlobalMutex(Mutex<Vec<Account>>);

impl Mover for GlobalMutex {
    fn run(&self, pairs: &mut dyn Iterator<Item = (usize, usize)>) {
        for (from, to) in pairs {
            let mut accounts = self.0.lock();
            let [from, to] = accounts.get_disjoint_mut([from, to]).unwrap();
            settle(from, to);
        }
    }
}

struct AccountMutexes(Vec<Mutex<Account>>);

impl Mover for AccountMutexes {
    fn run(&self, pairs: &mut dyn Iterator<Item = (usize, usize)>) {
        for (from, to) in pairs {
            let (mut lower, mut higher) = (self.0[from.min(to)].lock(), self.0[from.max(to)].lock());
            if from < to { settle(&mut lower, &mut higher) } else { settle(&mut higher, &mut lower) }
        }
    }
}

struct Actors {
    bank: Bank,
    numbers: Vec<AccountNumber>,
    batch: usize,
}

impl Actors {
    fn new(accounts: usize, batch: usize) -> Actors {
        let bank = Bank::in_memory().unwrap();
        let numbers = town::settle(&bank, accounts);
        Actors { bank, numbers, batch }
    }
}

impl Mover for Actors {
    fn run(&self, pairs: &mut dyn Iterator<Item = (usize, usize)>) {
        if self.batch == 1 {
            for pair in pairs {
                self.bank.transfer(town::transfer(&self.numbers, pair)).unwrap();
            }
            return;
        }
        loop {
            let some = pairs.take(self.batch);
            let commands: Vec<_> = some.map(|pair| Command::Transfer(town::transfer(&self.numbers, pair))).collect();
            if commands.is_empty() {
                return;
            }
            town::posted(&self.bank, commands);
        }
    }
}

/// Lets `callers` threads move money concurrently, `rounds` rounds in total. The time starts when all are ready.
fn race(mover: &dyn Mover, pairs: &[(usize, usize)], callers: usize, rounds: u64) -> Duration {
    let each = usize::try_from(rounds).unwrap() * ROUND / callers;
    let ready = Barrier::new(callers + 1);
    let begin = std::thread::scope(|scope| {
        for caller in 0..callers {
            let ready = &ready;
            scope.spawn(move || {
                let mut mine = pairs.iter().copied().cycle().skip(caller * PAIRS / callers).take(each);
                ready.wait();
                mover.run(&mut mine);
            });
        }
        ready.wait();
        Instant::now()
    });
    begin.elapsed()
}

fn contention(criterion: &mut Criterion) {
    let count = setting::size("JANGBU_BENCH_ACCOUNTS", 1_024).max(8);
    for (skew_name, skew) in Skew::ALL {
        let pairs = skew.pairs(count, PAIRS);
        let mut group = criterion.benchmark_group(format!("contention/{skew_name}"));
        group.throughput(Throughput::Elements(ROUND as u64));
        for callers in CALLERS {
            let movers: [(&str, Make); 4] = [
                ("global_mutex", |count| Box::new(GlobalMutex(Mutex::new(accounts(count))))),
                ("account_mutex", |count| {
                    Box::new(AccountMutexes(accounts(count).into_iter().map(Mutex::new).collect()))
                }),
                ("actors_single", |count| Box::new(Actors::new(count, 1))),
                ("actors_batch", |count| Box::new(Actors::new(count, BATCH))),
            ];
            for (name, make) in movers {
                // Created anew for each measurement, so that a bank in memory does not keep growing.
                let mover = make(count);
                group.bench_function(BenchmarkId::new(name, callers), |bencher| {
                    bencher.iter_custom(|rounds| race(&*mover, &pairs, callers, rounds));
                });
            }
        }
        group.finish();
    }
}

criterion_group! { name = benches; config = setting::brief(); targets = contention }
criterion_main!(benches);
