//! A wallet inside another program: open, top up, pay, be refused, read the history.
//!
//! `cargo run --example wallet`

use futures::executor::block_on;
use jangbu::{
    AccountNumber, Amount, Bank, CashPosting, CommandId, Error, OpenAccount, OwnerId, Refusal, Transfer,
    queries::HistoryQuery,
};

/// What the program knows about one of its users.
struct Wallet {
    bank: Bank,
    account: AccountNumber,
}

impl Wallet {
    async fn open(bank: &Bank, user: &str) -> Result<Wallet, Box<dyn std::error::Error>> {
        let account = bank.open_account(OpenAccount::new(OwnerId::new(user)?)).await?;
        Ok(Wallet { bank: bank.clone(), account })
    }

    async fn top_up(&self, won: u64) -> Result<(), Box<dyn std::error::Error>> {
        self.bank.deposit(CashPosting::new(self.account, Amount::new(won)?).with_label("top-up")).await?;
        Ok(())
    }

    /// Pays, or explains to the user why that is not possible.
    ///
    /// `order` is the program's name for the purchase. The command's id is derived from it, so a payment that is sent
    /// again, for example after a lost answer, happens once.
    async fn pay(&self, to: &Wallet, won: u64, order: &str) -> Result<String, Box<dyn std::error::Error>> {
        let transfer = Transfer::new(self.account, to.account, Amount::new(won)?)
            .with_id(CommandId::derived(format!("shop\0{order}").as_bytes()))
            .with_labels("purchase", "sale")
            .with_reference(order);
        match self.bank.transfer(transfer).await {
            Ok(receipt) => Ok(format!("{order}: paid {won}, {} left", receipt.sender_balance)),
            Err(Error::Refused(Refusal::InsufficientFunds { available, needed })) => {
                Ok(format!("{order}: {needed} is needed, and the wallet holds {available}"))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn print_history(&self) -> Result<(), Box<dyn std::error::Error>> {
        let mut query = HistoryQuery { limit: 100, ..HistoryQuery::default() };
        loop {
            let page = self.bank.history(self.account, query).await?;
            for entry in page.data {
                println!("{}  {:12} {:>8} {:>8}  {}", entry.date, entry.what, entry.change, entry.balance, entry.label);
            }
            query.before = page.next;
            if query.before.is_none() {
                return Ok(());
            }
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Any executor works, because the engine has its own threads. `Bank::open("data")` keeps everything on disk.
    block_on(async {
        let bank = Bank::in_memory()?;
        let mina = Wallet::open(&bank, "mina").await?;
        let shop = Wallet::open(&bank, "shop").await?;

        mina.top_up(30_000).await?;
        println!("{}", mina.pay(&shop, 12_000, "order-1").await?);
        println!("{}", mina.pay(&shop, 12_000, "order-1").await?);
        println!("{}", mina.pay(&shop, 25_000, "order-2").await?);

        println!();
        mina.print_history().await?;
        bank.close().await?;
        Ok(())
    })
}
