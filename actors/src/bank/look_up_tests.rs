//! Commands get their lookups although every reading thread is busy.

use std::sync::mpsc::channel;
use std::time::Duration;

use super::engine::READING_THREADS;
use crate::command::{CashPosting, OpenAccount, Reverse, Transfer};
use crate::ledger::{Amount, OwnerId};

/// The longest wait for a lookup. The test takes this long only if the lookup never happens.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_lookup_does_not_queue_behind_long_reads() {
    let bank = crate::Bank::in_memory().unwrap();
    let calls = crate::blocking::Bank::from(bank.clone());
    let open = |name: &str| calls.open_account(OpenAccount::new(OwnerId::new(name).unwrap())).unwrap();
    let (a, b) = (open("ann"), open("bob"));
    calls.deposit(CashPosting::new(a, Amount::new(10).unwrap())).unwrap();
    let transfer = Transfer::new(a, b, Amount::new(10).unwrap());
    calls.transfer(transfer.clone()).unwrap();
    // Reads that end with the test.
    let ends: Vec<_> = (0..READING_THREADS)
        .map(|_| {
            let (end, ended) = channel::<()>();
            bank.inner.readers.run(move || {
                let _ended = ended.recv();
            });
            end
        })
        .collect();
    let (told, answer) = channel();
    std::thread::spawn(move || drop(told.send(calls.reverse(Reverse::all(transfer.id)))));
    let receipt = answer.recv_timeout(PATIENCE).expect("the reversal was decided");
    assert_eq!(receipt.unwrap().amount, Amount::new(10).unwrap());
    drop(ends);
}
