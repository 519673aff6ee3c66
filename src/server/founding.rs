//! What a new bank begins with: its account types.

use jangbu::{
    Amount, Bank, Currency, Error,
    accounts::{AccountType, TypeCode},
};

/// Code, name, limit per transfer, limit per day of the types that every new bank has, in won.
const TYPES: [(&str, &str, Option<u64>, Option<u64>); 3] = [
    ("ordinary", "Ordinary", Some(10_000_000), Some(50_000_000)),
    ("salary", "Salary", Some(20_000_000), Some(100_000_000)),
    ("savings", "Savings", Some(5_000_000), Some(10_000_000)),
];
/// What a transfer costs once the free ones of the day are used up, in won.
const FEE: u64 = 500;

/// Makes the account types of a new bank. One that has any type of its own is left as it is.
///
/// # Errors
/// As the bank's.
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
    async fn a_new_bank_has_three_types_and_one_that_has_its_own_keeps_them() {
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
