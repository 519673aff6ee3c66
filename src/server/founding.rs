//! The account types of a new bank.

use jangbu::{
    Amount, Bank, Currency, Error,
    accounts::{AccountType, TypeCode},
};

/// Code, name, limit per transfer and limit per day of each type, in won.
const TYPES: [(&str, &str, Option<u64>, Option<u64>); 3] = [
    ("ordinary", "Ordinary", Some(10_000_000), Some(50_000_000)),
    ("salary", "Salary", Some(20_000_000), Some(100_000_000)),
    ("savings", "Savings", Some(5_000_000), Some(10_000_000)),
];
/// The fee of a transfer after the day's free ones, in won.
const FEE: u64 = 500;

/// Creates the account types of a new bank. A bank that has its own types keeps them.
///
/// # Errors
/// Those of the bank.
pub(crate) async fn make_types(bank: &Bank) -> Result<(), Error> {
    let built_in = AccountType::basic().code;
    if bank.account_types().await?.iter().any(|kind| kind.code != built_in) {
        return Ok(());
    }
    for (code, name, per_transfer, per_day) in TYPES {
        let Ok(code) = TypeCode::new(code) else { continue };
        let mut kind = AccountType::new(code, name, Currency::krw());
        kind.limit_per_transfer = per_transfer.and_then(|limit| Amount::new(limit).ok());
        kind.limit_per_day = per_day.and_then(|limit| Amount::new(limit).ok());
        kind.fee = Amount::new(FEE).unwrap_or(Amount::ZERO);
        kind.same_owner_exempt = true;
        bank.set_type(kind).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_new_bank_gets_types_and_an_existing_bank_keeps_its_own() {
        let bank = Bank::in_memory().unwrap();
        make_types(&bank).await.unwrap();
        let types = bank.account_types().await.unwrap();
        for (code, ..) in TYPES {
            let kind = types.iter().find(|kind| kind.code == TypeCode::new(code).unwrap()).unwrap();
            assert_eq!((kind.fee, kind.currency), (Amount::new(500).unwrap(), Some(Currency::krw())));
        }
        let changed =
            AccountType { fee: Amount::ZERO, ..types.into_iter().find(|kind| kind.fee != Amount::ZERO).unwrap() };
        bank.set_type(changed.clone()).await.unwrap();
        make_types(&bank).await.unwrap();
        assert!(bank.account_types().await.unwrap().contains(&changed));
    }
}
