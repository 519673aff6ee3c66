//! Every refusal: its place in the order, its code, and the command that gets it. A new variant does not compile until
//! it is added here.

use crate::{AccountNumber, Amount, Balance, CommandId, Currency, HoldId, Position, Refusal, Timestamp, TypeCode};

/// Every amount in the refusals, in minor units.
const FIGURE: u64 = 9_999_999;

/// The variant after `refusal` in the order of precedence.
fn next(refusal: &Refusal) -> Option<Refusal> {
    let number = AccountNumber::new("A").unwrap();
    let (currency, code) = (Currency::krw(), TypeCode::basic());
    let schedule = CommandId::derived(b"schedule");
    let hold = HoldId::new(CommandId::derived(b"hold"));
    let (amount, posted) = (Amount::new(FIGURE).unwrap(), Balance::new(FIGURE.cast_signed()).unwrap());
    Some(match refusal {
        Refusal::IdReused => Refusal::AmountZero,
        Refusal::AmountZero => Refusal::SameAccount,
        Refusal::SameAccount => Refusal::ExpiryPassed { expires_at: Timestamp::default() },
        Refusal::ExpiryPassed { .. } => Refusal::HoldUnknown { hold },
        Refusal::HoldUnknown { .. } => Refusal::HoldSettled { hold },
        Refusal::HoldSettled { .. } => Refusal::HoldVoided { hold },
        Refusal::HoldVoided { .. } => Refusal::HoldExpired { hold },
        Refusal::HoldExpired { .. } => Refusal::HoldNotDue { hold },
        Refusal::HoldNotDue { .. } => Refusal::CaptureTooLarge { remaining: amount, requested: amount },
        Refusal::CaptureTooLarge { .. } => Refusal::HoldLowered { amount, requested: amount },
        Refusal::HoldLowered { .. } => Refusal::HoldAwaitsVerification { hold },
        Refusal::HoldAwaitsVerification { .. } => Refusal::NotReversible { original: hold.command() },
        Refusal::NotReversible { .. } => Refusal::ReversalTooLarge { left: amount, requested: amount },
        Refusal::ReversalTooLarge { .. } => Refusal::NothingToSweep { target: posted },
        Refusal::NothingToSweep { .. } => Refusal::AccountUnknown { number },
        Refusal::AccountUnknown { .. } => Refusal::SystemAccount { number },
        Refusal::SystemAccount { .. } => Refusal::CurrencyMismatch { from: currency, to: currency },
        Refusal::CurrencyMismatch { .. } => Refusal::AccountClosed { number },
        Refusal::AccountClosed { .. } => Refusal::AccountFrozen { number },
        Refusal::AccountFrozen { .. } => Refusal::LimitPerTransfer { limit: amount, requested: amount },
        Refusal::LimitPerTransfer { .. } => Refusal::LimitPerDay { limit: amount, used: amount, requested: amount },
        Refusal::LimitPerDay { .. } => Refusal::InsufficientFunds { available: amount, needed: amount },
        Refusal::InsufficientFunds { .. } => Refusal::BalanceLimit { number, posted },
        Refusal::BalanceLimit { .. } => Refusal::CurrencyLimit { currency },
        Refusal::CurrencyLimit { .. } => Refusal::AccountExists { number },
        Refusal::AccountExists { .. } => Refusal::NumberReserved { number },
        Refusal::NumberReserved { .. } => Refusal::TypeUnknown { code },
        Refusal::TypeUnknown { .. } => Refusal::TypeFixed { code },
        Refusal::TypeFixed { .. } => Refusal::TypeCurrency { code, currency },
        Refusal::TypeCurrency { .. } => Refusal::CurrencyUnknown { currency },
        Refusal::CurrencyUnknown { .. } => Refusal::CurrencyFixed { currency, scale: 0 },
        Refusal::CurrencyFixed { .. } => Refusal::TooMany { most: 1 },
        Refusal::TooMany { .. } => Refusal::NotEmpty { posted },
        Refusal::NotEmpty { .. } => Refusal::HoldsOpen { held: amount, pending_in: amount },
        Refusal::HoldsOpen { .. } => Refusal::OverdraftInUse { posted, overdraft: amount },
        Refusal::OverdraftInUse { .. } => Refusal::RecordConflict { found: Position::START },
        Refusal::RecordConflict { .. } => Refusal::Linked { step: 1, refusal: Box::new(Refusal::AmountZero) },
        Refusal::Linked { .. } => Refusal::ScheduleUnknown { schedule },
        Refusal::ScheduleUnknown { .. } => Refusal::ScheduleEnded { schedule },
        Refusal::ScheduleEnded { .. } => Refusal::ScheduleNeverRuns { now: Timestamp::from_ns(0) },
        Refusal::ScheduleNeverRuns { .. } => Refusal::Archived { position: Position::START },
        Refusal::Archived { .. } => Refusal::ReversalsSound { original: hold.command() },
        Refusal::ReversalsSound { .. } => Refusal::FeeTooHigh { fee: amount, most_fee: amount },
        Refusal::FeeTooHigh { .. } => return None,
    })
}

#[test]
fn every_refusal_has_a_code_of_its_own_and_a_text() {
    let all: Vec<_> = std::iter::successors(Some(Refusal::IdReused), next).collect();
    let codes: std::collections::BTreeSet<_> = all.iter().map(Refusal::code).collect();
    assert_eq!((all.len(), codes.len()), (44, 44));
    for refusal in all {
        let json = serde_json::to_value(&refusal).unwrap();
        let tag = json.as_str().or_else(|| json.as_object()?.keys().next().map(String::as_str));
        assert_eq!(tag, Some(refusal.code()), "the code is the name in JSON");
        assert!(!refusal.to_string().is_empty());
        assert_eq!(serde_json::from_value::<Refusal>(json).unwrap(), refusal);
    }
}

#[test]
fn no_refusal_shows_minor_units_to_people() {
    let euro = Currency::new("EUR").unwrap();
    let mut with_amounts = 0;
    for refusal in std::iter::successors(Some(Refusal::IdReused), next) {
        let linked = Refusal::Linked { step: 2, refusal: Box::new(refusal.clone()) };
        for refusal in [refusal, linked] {
            let words = refusal.in_decimals(euro, 2);
            let has_amount = refusal.to_string().contains(&FIGURE.to_string());
            assert!(!words.contains(&FIGURE.to_string()), "{words}");
            assert_eq!(words.contains("99,999.99 EUR"), has_amount, "{words}");
            with_amounts += usize::from(has_amount);
        }
    }
    assert_eq!(with_amounts, 24);
    let funds =
        Refusal::InsufficientFunds { available: Amount::new(5_000).unwrap(), needed: Amount::new(9_999_999).unwrap() };
    assert_eq!(funds.in_decimals(Currency::krw(), 0), "9,999,999 KRW needed, 5,000 available");
}

/// Journals have steps counted from 1; everything else counts from 0.
#[test]
fn a_refused_step_keeps_its_stored_form() {
    #[derive(serde::Serialize)]
    struct First {
        step: u8,
        refusal: Refusal,
    }
    let refusal = Refusal::Linked { step: 2, refusal: Box::new(Refusal::AmountZero) };
    let (mut now, mut first) = (Vec::new(), Vec::new());
    crate::codec::encode(&refusal, &mut now).unwrap();
    crate::codec::encode(&First { step: 3, refusal: Refusal::AmountZero }, &mut first).unwrap();
    // The version, and the variant index.
    assert_eq!(now[2..], first[1..]);
    assert_eq!(crate::codec::decode::<Refusal>(&now).unwrap(), refusal);
    assert_eq!(serde_json::to_value(&refusal).unwrap()["linked"]["step"], 2);
}
