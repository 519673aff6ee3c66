//! A bank in memory works as documented: an overview of its features.
#![expect(clippy::unwrap_used, reason = "tests")]

use futures::executor::block_on;
use jangbu_actors::command::{CashPosting, ChangeAccount, Command, OpenAccount, Transfer};
use jangbu_actors::ledger::{
    AccountNumber, AccountType, Amount, Change, CommandId, Currency, Freeze, OwnerId, Refusal, TypeCode,
};
use jangbu_actors::{Bank, Error, HistoryQuery};

fn won(amount: u64) -> Amount {
    Amount::new(amount).unwrap()
}

fn owner(id: &str) -> OwnerId {
    OwnerId::new(id).unwrap()
}

fn number(text: &str) -> AccountNumber {
    AccountNumber::new(text).unwrap()
}

fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn money_moves_from_account_to_account_and_nowhere_else() {
    block_on(async {
        let bank = Bank::in_memory().unwrap();
        let ann = bank.open_account(OpenAccount::new(owner("ann"))).await.unwrap();
        let bob = bank.open_account(OpenAccount::new(owner("bob"))).await.unwrap();
        assert!(ann.check_digits_hold() && ann != bob);
        bank.deposit(CashPosting::new(ann, won(10_000)).with_label("opening")).await.unwrap();
        let receipt = bank.transfer(Transfer::new(ann, bob, won(2_500)).with_labels("rent", "from ann")).await.unwrap();
        assert_eq!(receipt.sender_balance.minor_units(), 7_500);
        assert_eq!(receipt.receiver_balance.minor_units(), 2_500);
        let snapshot = bank.snapshot(bob).await.unwrap();
        assert_eq!((snapshot.posted.minor_units(), snapshot.available), (2_500, won(2_500)));
        let refused = refusal(bank.transfer(Transfer::new(bob, ann, won(2_501))).await);
        assert_eq!(refused, Refusal::InsufficientFunds { available: won(2_500), needed: won(2_501) });
        let page = bank.history(ann, HistoryQuery::default()).await.unwrap();
        let lines: Vec<_> =
            page.data.iter().map(|entry| (entry.change.minor_units(), entry.balance.minor_units())).collect();
        assert_eq!(lines, [(-2_500, 7_500), (10_000, 10_000), (0, 0)]);
        assert_eq!(page.data[0].label, "rent");
        assert_eq!(page.data[0].counterparty, Some(bob));
        let all = bank.accounts(None, 10).await.unwrap().data;
        assert_eq!(all.iter().map(|account| account.posted).sum::<i128>(), 0);
        let cash = bank.snapshot(number("CASH-KRW")).await.unwrap();
        assert_eq!(cash.posted.minor_units(), -10_000);
        bank.withdraw(CashPosting::new(bob, won(500))).await.unwrap();
        bank.close().await.unwrap();
    });
}

#[test]
fn a_repeated_command_gets_the_first_answer_and_moves_nothing() {
    block_on(async {
        let bank = Bank::in_memory().unwrap();
        let ann = bank.open_account(OpenAccount::new(owner("ann"))).await.unwrap();
        let bob = bank.open_account(OpenAccount::new(owner("bob"))).await.unwrap();
        bank.deposit(CashPosting::new(ann, won(100))).await.unwrap();
        let transfer = Transfer::new(ann, bob, won(60));
        let first = bank.transfer(transfer.clone()).await.unwrap();
        assert_eq!(bank.transfer(transfer.clone()).await.unwrap(), first);
        let other = Transfer { amount: won(61), ..transfer.clone() };
        assert_eq!(refusal(bank.transfer(other).await), Refusal::IdReused);
        let too_much = Transfer::new(ann, bob, won(41));
        let refused = refusal(bank.transfer(too_much.clone()).await);
        bank.deposit(CashPosting::new(ann, won(100))).await.unwrap();
        assert_eq!(refusal(bank.transfer(too_much).await), refused, "a refusal is answered again too");
        let twice = vec![Command::Transfer(transfer.clone()), Command::Transfer(transfer)];
        let answers = bank.submit(twice).await.unwrap();
        assert_eq!(answers[0], answers[1]);
        assert_eq!(bank.snapshot(bob).await.unwrap().posted.minor_units(), 60);
    });
}

#[test]
fn fees_limits_and_free_transfers_are_decided_with_the_funds() {
    block_on(async {
        let bank = Bank::in_memory().unwrap();
        let code = TypeCode::new("ordinary").unwrap();
        let mut ordinary = AccountType::new(code, "ordinary", Currency::krw());
        ordinary.fee = won(500);
        ordinary.limit_per_transfer = Some(won(5_000));
        ordinary.limit_per_day = Some(won(9_000));
        bank.set_type(ordinary).await.unwrap();
        let open = |name: &str| OpenAccount::new(owner(name)).with_type(code);
        let ann = bank.open_account(open("ann")).await.unwrap();
        let second = bank.open_account(open("ann")).await.unwrap();
        let bob = bank.open_account(open("bob")).await.unwrap();
        bank.deposit(CashPosting::new(ann, won(20_000))).await.unwrap();
        let over = refusal(bank.transfer(Transfer::new(ann, bob, won(5_001))).await);
        assert_eq!(over, Refusal::LimitPerTransfer { limit: won(5_000), requested: won(5_001) });
        let pay = |amount| bank.transfer(Transfer::new(ann, bob, won(amount)));
        for fee in [0, 0, 0, 500] {
            assert_eq!(pay(1_000).await.unwrap().fee, won(fee));
        }
        let own = bank.transfer(Transfer::new(ann, second, won(1_000))).await.unwrap();
        assert_eq!(own.fee, Amount::ZERO, "same owner, same type");
        let over = refusal(pay(4_001).await);
        assert_eq!(over, Refusal::LimitPerDay { limit: won(9_000), used: won(5_000), requested: won(4_001) });
        bank.set_owner(owner("ann"), 9).await.unwrap();
        assert_eq!(bank.free_transfers().await.unwrap(), [(owner("ann"), 9)]);
        assert_eq!(pay(1_000).await.unwrap().fee, Amount::ZERO, "the quota was raised");
        assert_eq!(bank.snapshot(number("FEES-KRW")).await.unwrap().posted.minor_units(), 500);
        let snapshot = bank.snapshot(ann).await.unwrap();
        assert_eq!((snapshot.free_transfers_left, snapshot.left_today), (4, Some(won(3_000))));
    });
}

#[test]
fn a_refused_credit_is_refunded() {
    block_on(async {
        let bank = Bank::in_memory().unwrap();
        let ann = bank.open_account(OpenAccount::new(owner("ann"))).await.unwrap();
        let bob = bank.open_account(OpenAccount::new(owner("bob"))).await.unwrap();
        bank.deposit(CashPosting::new(ann, won(100))).await.unwrap();
        let freeze = Change::Freeze(Freeze { debits: false, credits: true });
        bank.change_account(ChangeAccount { id: CommandId::random(), account: bob, change: freeze }).await.unwrap();
        let to_bob: Vec<_> = (0..50).map(|_| Command::Transfer(Transfer::new(ann, bob, won(100)))).collect();
        for answer in bank.submit(to_bob).await.unwrap() {
            assert_eq!(answer, Err(Refusal::AccountFrozen { number: bob }));
        }
        assert_eq!(bank.snapshot(ann).await.unwrap().posted.minor_units(), 100);
        let close = ChangeAccount { id: CommandId::random(), account: ann, change: Change::Close };
        assert!(matches!(refusal(bank.change_account(close).await), Refusal::NotEmpty { .. }));
    });
}
