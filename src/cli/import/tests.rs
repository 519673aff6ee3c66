//! Tests that each row is imported once, in any order, with any insertions and repetitions.

use std::fmt::Write;
use std::path::Path;

use futures::executor::block_on;
use jangbu::{AccountNumber, Bank};

use super::columns::Kind;
use super::outcome::Status;
use super::plan::{Decimal, ImportParams};
use super::sheet::Sheet;
use super::{Phase, carry_out, plan};

const ACCOUNTS: &str = "number,owner,currency\nA,mina,KRW\nB,joon,KRW\nC,sora,KRW\n";
const PARAMS: ImportParams = ImportParams { month: 1, decimal: Decimal::Point };

/// A deterministic generator of random numbers.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

/// Imports files with these rows. Returns the number of deposits and orders done now and done before.
fn import(bank: &Bank, deposits: &[String], orders: &[String]) -> [(usize, usize); 2] {
    let phases = run(bank, ["to,amount,label", "order,from,to,amount,label"], deposits, orders, false);
    let count = |phase: &Phase, status| phase.outcomes.iter().filter(|outcome| outcome.status == status).count();
    assert!(phases.iter().flat_map(|phase| &phase.outcomes).all(|outcome| !outcome.is_failed()), "{phases:?}");
    [1, 2].map(|at| (count(&phases[at], Status::Done), count(&phases[at], Status::Before)))
}

fn run(bank: &Bank, headers: [&str; 2], deposits: &[String], orders: &[String], retry: bool) -> Vec<Phase> {
    let dir = tempfile::tempdir().unwrap();
    let file = |header: &str, rows: &[String]| {
        rows.iter().fold(format!("{header}\n"), |mut text, row| {
            writeln!(text, "{row}").unwrap();
            text
        })
    };
    let [for_deposits, for_orders] = headers;
    let files = [ACCOUNTS.to_owned(), file(for_deposits, deposits), file(for_orders, orders)];
    for (kind, text) in Kind::ALL.into_iter().zip(files) {
        std::fs::write(dir.path().join(kind.file()), text).unwrap();
    }
    import_folder(bank, dir.path(), retry)
}

fn import_folder(bank: &Bank, dir: &Path, retry: bool) -> Vec<Phase> {
    let sheets = Kind::ALL.map(|kind| Sheet::read(dir, kind, None).unwrap());
    block_on(async {
        let mut phases = plan(Some(bank), sheets, PARAMS).await.unwrap();
        carry_out(bank, &mut phases, PARAMS, retry).await.unwrap();
        phases
    })
}

fn balances(bank: &Bank) -> [i64; 3] {
    ["A", "B", "C"].map(|number| {
        let account = block_on(bank.snapshot(AccountNumber::new(number).unwrap())).unwrap();
        account.posted.minor_units()
    })
}

/// Generates rows, some of them equal, and the balances of A, B and C after each was imported once.
fn some_rows(dice: &mut Dice) -> (Vec<String>, Vec<String>, [i64; 3]) {
    let mut total = [0; 3];
    let mut deposits = Vec::new();
    for _ in 0..2 + dice.below(6) {
        let (to, amount, label) = (dice.below(3), 1 + dice.below(3), ["", "rent", "pay"][dice.below(3)]);
        total[to] += i64::try_from(amount * 1_000).unwrap();
        deposits.push(format!("{},{}000,{label}", ["A", "B", "C"][to], amount));
    }
    // Everybody has enough money for all orders, in any order.
    for (at, number) in ["A", "B", "C"].into_iter().enumerate() {
        total[at] += 100_000;
        deposits.push(format!("{number},100000,fund"));
    }
    let mut orders = Vec::new();
    for number in 0..2 + dice.below(6) {
        let (from, amount) = (dice.below(3), 1 + dice.below(9));
        let to = (from + 1 + dice.below(2)) % 3;
        total[from] -= i64::try_from(amount).unwrap();
        total[to] += i64::try_from(amount).unwrap();
        orders.push(format!("{},{},{},{amount},x", 100 + number, ["A", "B", "C"][from], ["A", "B", "C"][to]));
    }
    (deposits, orders, total)
}

/// Picks each of `rows` with this chance in ten, in order.
fn part(dice: &mut Dice, rows: &[String], chance: usize) -> Vec<String> {
    rows.iter().filter(|_| dice.below(10) < chance).cloned().collect()
}

#[test]
fn each_row_is_imported_once_in_any_order_with_insertions_and_repetitions() {
    let mut dice = Dice(20_261_130);
    for round in 0..24 {
        let bank = Bank::in_memory().unwrap();
        let (mut deposits, mut orders, total) = some_rows(&mut dice);
        // An earlier version of the files: the deposits that fund the accounts, and some of the other rows.
        let funds = deposits.split_off(deposits.len() - 3);
        let mut earlier = [part(&mut dice, &deposits, 5), funds.clone()].concat();
        let earlier_orders = part(&mut dice, &orders, 5);
        dice.shuffle(&mut earlier);
        assert_eq!(
            import(&bank, &earlier, &earlier_orders),
            [(earlier.len(), 0), (earlier_orders.len(), 0)],
            "{round}"
        );
        deposits.extend(funds);
        for again in 0..3 {
            let new =
                if again == 0 { [deposits.len() - earlier.len(), orders.len() - earlier_orders.len()] } else { [0, 0] };
            let expected = [(new[0], deposits.len() - new[0]), (new[1], orders.len() - new[1])];
            assert_eq!(import(&bank, &deposits, &orders), expected, "round {round}, again {again}");
            assert_eq!(balances(&bank), total, "round {round}, again {again}");
            match again {
                // Newest first.
                0 => (deposits.reverse(), orders.reverse()),
                _ => (dice.shuffle(&mut deposits), dice.shuffle(&mut orders)),
            };
        }
        // A file with new rows only.
        let new = ["B,7,later".to_owned(), "B,7,later".to_owned()];
        assert_eq!(import(&bank, &new, &["900,A,B,5,x".to_owned()]), [(2, 0), (1, 0)], "{round}");
        assert_eq!(balances(&bank), [total[0] - 5, total[1] + 19, total[2]], "{round}");
    }
}

#[test]
fn an_import_resumes_after_an_interruption_at_any_row() {
    let (deposits, orders, total) = some_rows(&mut Dice(7));
    let all = deposits.len() + orders.len();
    for done in 0..=all {
        let bank = Bank::in_memory().unwrap();
        let (first, then) = (done.min(deposits.len()), done.saturating_sub(deposits.len()));
        import(&bank, &deposits[..first], &orders[..then]);
        let expected = [(deposits.len() - first, first), (orders.len() - then, then)];
        assert_eq!(import(&bank, &deposits, &orders), expected, "cut off after {done} rows");
        assert_eq!(balances(&bank), total, "cut off after {done} rows");
    }
}

#[test]
fn spellings_of_one_row_have_one_identity() {
    let bank = Bank::in_memory().unwrap();
    let texts = |rows: &[&str]| rows.iter().map(|row| (*row).to_owned()).collect::<Vec<_>>();
    assert_eq!(import(&bank, &texts(&["A,1000,월세"]), &texts(&["N-7,A,B,1,x"])), [(1, 0), (1, 0)]);
    // Quoted; an account in another case and width; a label in normalization form D.
    let other = texts(&["\"a\",\"1000\",\u{110b}\u{116f}\u{11af}\u{1109}\u{1166}"]);
    assert_eq!(import(&bank, &other, &texts(&["N-7,\"ａ\",b,1,x"])), [(0, 1), (0, 1)]);
    assert_eq!(balances(&bank), [999, 1, 0]);
    // An order number in another spelling is not a new order, and is not silently accepted as the same one.
    for spelling in ["n-7", "Ｎ-7"] {
        let phases =
            run(&bank, ["to,amount", "order,from,to,amount,label"], &[], &[format!("{spelling},A,B,1,x")], false);
        assert_eq!(phases[2].outcomes[0].status, Status::Reused, "{spelling}");
    }
    assert_eq!(balances(&bank), [999, 1, 0]);
}

#[test]
fn a_retry_is_a_separate_attempt_and_pays_once() {
    let bank = Bank::in_memory().unwrap();
    let headers = ["to,amount,id", "order,from,to,amount"];
    let order = |amount: &str| [format!("1,A,B,{amount}")];
    let status = |phases: &[Phase]| (phases[2].outcomes[0].status, phases[2].outcomes[0].attempt);
    let fund = |amount: &str, id: &str| [format!("A,{amount},{id}")];
    // A row that is refused now is not retried by the same import.
    assert_eq!(status(&run(&bank, headers, &[], &order("500"), true)), (Status::Refused, 1));
    assert_eq!(status(&run(&bank, headers, &fund("100", "x"), &order("500"), false)), (Status::RefusedBefore, 1));
    assert_eq!(status(&run(&bank, headers, &[], &order("500"), true)), (Status::Refused, 2));
    assert_eq!(status(&run(&bank, headers, &fund("900", "y"), &order("500"), false)), (Status::RefusedBefore, 2));
    assert_eq!(status(&run(&bank, headers, &[], &order("500"), true)), (Status::Done, 3));
    // It is paid, and later imports report the attempt that paid it, with or without a retry.
    for retry in [true, false, true] {
        assert_eq!(status(&run(&bank, headers, &[], &order("500"), retry)), (Status::Before, 3));
        assert_eq!(status(&run(&bank, headers, &[], &order("400"), retry)), (Status::Reused, 3));
    }
    assert_eq!(balances(&bank), [500, 500, 0]);
    // A row that was corrected after a refusal was never paid, so it may be retried as it is now.
    let (wrong, right) = (["2,A,B,600".to_owned()], ["2,A,B,60".to_owned()]);
    assert_eq!(status(&run(&bank, headers, &[], &wrong, false)), (Status::Refused, 1));
    assert_eq!(status(&run(&bank, headers, &[], &right, false)), (Status::Reused, 1));
    assert_eq!(status(&run(&bank, headers, &[], &right, true)), (Status::Done, 2));
    assert_eq!(status(&run(&bank, headers, &[], &wrong, true)), (Status::Reused, 2));
    assert_eq!(balances(&bank), [440, 560, 0]);
}
