//! Credits are refused while the sender's other commands wait: the outcome equals that of some serial order.

use futures::executor::block_on;
use jangbu_actors::Bank;
use jangbu_actors::command::Command;
use jangbu_actors::ledger::{Change, Freeze, Refusal};

use crate::support::{accounts, change, deposit, hold, number, open, opening, pay, posted, run, sum, won};

const MOST: u64 = (1 << 53) - 1;

#[test]
fn debits_waiting_behind_refunded_debits_get_the_money() {
    money_waits_for_refunds(pay, |bank| (posted(bank, "A"), posted(bank, "B"), sum(bank)));
}

#[test]
fn debits_waiting_behind_refunded_holds_get_the_money() {
    // Held money cannot be spent, and comes back if the hold is undone.
    money_waits_for_refunds(hold, |bank| {
        let of = |text| block_on(bank.snapshot(number(text))).unwrap();
        let (sender, receiver) = (of("A"), of("B"));
        assert_eq!((sender.posted.minor_units(), sender.held, sender.holds.len()), (100, won(100), 50));
        assert_eq!((of("CLOSED").pending_in, of("FROZEN").pending_in), (won(0), won(0)));
        let units = |amount: jangbu_actors::ledger::Amount| i64::try_from(amount.minor_units()).unwrap();
        (units(sender.available), units(receiver.pending_in), sum(bank))
    });
}

fn money_waits_for_refunds(pay: fn(&str, &str, u64) -> Command, figures: impl Fn(&Bank) -> (i64, i64, i128)) {
    for workers in [1, 3] {
        let bank = Bank::builder().workers(workers).in_memory().unwrap();
        run(&bank, ["A", "CLOSED", "FROZEN", "B"].map(|text| opening(open(text))));
        run(&bank, [change("CLOSED", Change::Close)]);
        run(&bank, [change("FROZEN", Change::Freeze(Freeze { debits: false, credits: true })), deposit("A", 100)]);
        let round = || [pay("A", "CLOSED", 100), pay("A", "FROZEN", 60), pay("A", "B", 2)];
        let batch: Vec<_> = (0..60).flat_map(|_| round()).collect();
        let answers = block_on(bank.submit(batch)).unwrap();
        let mut left = 100;
        for chunk in answers.chunks(3) {
            // The balance falls only by the earlier payments, as if the refused ones had never happened.
            let short = |needed: u64| Refusal::InsufficientFunds { available: won(left), needed: won(needed) };
            let closed = Refusal::AccountClosed { number: number("CLOSED") };
            let frozen = Refusal::AccountFrozen { number: number("FROZEN") };
            assert_eq!(chunk[0], Err(if left >= 100 { closed } else { short(100) }));
            assert_eq!(chunk[1], Err(if left >= 60 { frozen } else { short(60) }));
            assert_eq!(chunk[2].is_ok(), left >= 2);
            left -= if left >= 2 { 2 } else { 0 };
        }
        assert_eq!(figures(&bank), (0, 100, 0));
        block_on(bank.close()).unwrap();
    }
}

#[test]
fn a_credit_at_the_cap_keeps_room_for_the_refund_of_an_undecided_debit() {
    for (workers, receiver_takes) in [(1, true), (1, false), (3, true), (3, false)] {
        let bank = Bank::builder().workers(workers).in_memory().unwrap();
        run(&bank, [opening(open("A")), opening(open("B")), opening(open("C").with_overdraft(won(1_000)))]);
        run(&bank, [deposit("A", MOST)]);
        if !receiver_takes {
            run(&bank, [change("B", Change::Freeze(Freeze { debits: false, credits: true }))]);
        }
        for _ in 0..20 {
            // A full account pays and is paid at the same time. Either order is possible; a balance above the maximum
            // is not.
            let answers = block_on(bank.submit(vec![pay("C", "A", 10), pay("A", "B", 10)])).unwrap();
            assert_eq!(answers[1].is_ok(), receiver_takes);
            let full = Err(Refusal::BalanceLimit {
                number: number("A"),
                posted: jangbu_actors::ledger::Balance::from(won(MOST)),
            });
            assert!(answers[0] == full || (receiver_takes && answers[0].is_ok()), "{answers:?}");
            assert_eq!(sum(&bank), 0);
            let balances = accounts(&bank);
            let of = |text| balances.iter().find(|account| account.number == number(text)).unwrap();
            if of("A").posted.minor_units().unsigned_abs() < MOST {
                run(&bank, [pay("B", "A", 10)]);
            }
        }
        block_on(bank.close()).unwrap();
    }
}
