//! A currency exchange: a dealer has an account in each currency, and both halves of an exchange happen, or neither.
//!
//! `cargo run --example exchange`
//!
//! A transfer stays within one currency. An exchange is two linked transfers: the customer pays the dealer in one
//! currency, and the dealer pays the customer in the other. Nobody sees one half without the other, and each currency
//! adds up to zero on its own. The rate is the program's business; the references record what was agreed.

use jangbu::blocking::Bank;
use jangbu::{
    AccountNumber, Amount, CashPosting, CommandId, Currency, Error, OpenAccount, OwnerId, Refusal,
    transfers::{Linked, Step},
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// One half: `amount` from one account to another of the same currency, with the rate as both sides' reference.
fn half(from: AccountNumber, to: AccountNumber, amount: Amount, rate: &str) -> Step {
    Step::transfer(from, to, amount).with_reference(&format!("exchange at {rate}"))
}

fn main() -> Result<()> {
    let bank = Bank::in_memory()?;
    let (krw, usd) = (Currency::krw(), Currency::new("USD")?);
    let open = |owner: &str, currency| -> Result<AccountNumber> {
        Ok(bank.open_account(OpenAccount::new(OwnerId::new(owner)?).with_currency(currency))?)
    };
    let (mina_krw, mina_usd) = (open("mina", krw)?, open("mina", usd)?);
    let (dealer_krw, dealer_usd) = (open("dealer", krw)?, open("dealer", usd)?);
    bank.deposit(CashPosting::new(mina_krw, Amount::parse("1000000", 0)?))?;
    bank.deposit(CashPosting::new(dealer_usd, Amount::parse("500.00", 2)?))?;

    // 1 USD = 1,380 KRW. The id is that of the order, so an order that is sent again is carried out once.
    let rate = "1380 KRW/USD";
    let buy = |order: &str, dollars: &str, won: &str| -> Result<Linked> {
        let (dollars, won) = (Amount::parse(dollars, 2)?, Amount::parse(won, 0)?);
        let steps = vec![half(mina_krw, dealer_krw, won, rate), half(dealer_usd, mina_usd, dollars, rate)];
        Ok(Linked::new(steps).with_id(CommandId::derived(format!("exchange\0{order}").as_bytes())))
    };
    let order = buy("order 1", "200.00", "276000")?;
    let position = bank.linked(order.clone())?;
    assert_eq!(bank.linked(order)?, position, "the same order again: nothing moves");

    // The dealer does not have 400 dollars any more, so the won stay where they are too.
    match bank.linked(buy("order 2", "400.00", "552000")?) {
        Err(Error::Refused(Refusal::Linked { step, refusal })) => println!("step {step} is refused: {refusal}"),
        other => panic!("an exchange without cover: {other:?}"),
    }

    for (who, number) in [("mina", mina_krw), ("mina", mina_usd), ("dealer", dealer_krw), ("dealer", dealer_usd)] {
        let account = bank.snapshot(number)?;
        println!("{who:6} {:>12} {}", account.posted.to_decimal(account.scale), account.currency);
    }
    let posted = |number| bank.snapshot(number).map(|account| account.posted.minor_units());
    assert_eq!((posted(mina_krw)?, posted(mina_usd)?), (724_000, 20_000));
    assert_eq!((posted(dealer_krw)?, posted(dealer_usd)?), (276_000, 30_000));
    bank.close()?;
    Ok(())
}
