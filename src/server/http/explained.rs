//! Which field of a request a refusal is about.

use jangbu::{AccountNumber, Error, Refusal};

use super::Problem;

/// What a request named, by the fields in which it did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Named {
    /// The field `from`.
    pub(crate) from: Option<AccountNumber>,
    /// The field `to`.
    pub(crate) to: Option<AccountNumber>,
}

impl Named {
    /// Both accounts of a transfer.
    pub(crate) const fn both(from: AccountNumber, to: AccountNumber) -> Named {
        Named { from: Some(from), to: Some(to) }
    }

    /// The problem that a refusal is, with the field at fault where there is one.
    pub(crate) fn refused(&self, refusal: Refusal) -> Problem {
        let field = self.field(&refusal);
        let problem = Problem::from(refusal);
        match field {
            Some(field) => problem.at_field(field),
            None => problem,
        }
    }

    /// The problem that an answer of the bank is, with the field at fault where there is one.
    pub(crate) fn failed(&self, error: Error) -> Problem {
        match error {
            Error::Refused(refusal) => self.refused(refusal),
            other => other.into(),
        }
    }

    /// The field that a refusal is about.
    pub(crate) fn field(&self, refusal: &Refusal) -> Option<&'static str> {
        Some(match refusal {
            Refusal::AmountZero
            | Refusal::CaptureTooLarge { .. }
            | Refusal::HoldLowered { .. }
            | Refusal::HoldAwaitsVerification { .. }
            | Refusal::ReversalTooLarge { .. }
            | Refusal::LimitPerTransfer { .. }
            | Refusal::LimitPerDay { .. }
            | Refusal::InsufficientFunds { .. } => "amount",
            Refusal::ExpiryPassed { .. } => "expires_at",
            Refusal::FeeTooHigh { .. } => "most_fee",
            Refusal::SameAccount | Refusal::CurrencyMismatch { .. } | Refusal::BalanceLimit { .. } => "to",
            Refusal::AccountUnknown { number }
            | Refusal::SystemAccount { number }
            | Refusal::AccountClosed { number }
            | Refusal::AccountFrozen { number } => return self.by_number(*number),
            _ => return None,
        })
    }

    fn by_number(&self, number: AccountNumber) -> Option<&'static str> {
        match number {
            to if self.to == Some(to) => Some("to"),
            from if self.from == Some(from) => Some("from"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jangbu::Amount;

    use super::*;

    #[test]
    fn a_refusal_names_the_field() {
        let number = |text: &str| text.parse::<AccountNumber>().unwrap();
        let named = Named::both(number("A"), number("B"));
        let funds = Refusal::InsufficientFunds { available: Amount::ZERO, needed: Amount::ONE };
        for (refusal, field) in [
            (Refusal::AmountZero, Some("amount")),
            (funds, Some("amount")),
            (Refusal::SameAccount, Some("to")),
            (Refusal::AccountUnknown { number: number("B") }, Some("to")),
            (Refusal::AccountFrozen { number: number("A") }, Some("from")),
            (Refusal::AccountFrozen { number: number("FEES-KRW") }, None),
            (Refusal::IdReused, None),
        ] {
            let problem = named.refused(refusal.clone()).to_value();
            assert_eq!(problem["errors"][0]["field"].as_str(), field, "{refusal}");
        }
    }
}
