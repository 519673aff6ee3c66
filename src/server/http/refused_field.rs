//! Finds the field of a request that a refusal is about.

use jangbu::{AccountNumber, Error, Refusal};

use super::Problem;

/// The accounts of a request, by field.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TransferAccounts {
    /// The field `from`.
    pub(crate) from: Option<AccountNumber>,
    /// The field `to`.
    pub(crate) to: Option<AccountNumber>,
}

impl TransferAccounts {
    /// Makes the accounts of a transfer.
    pub(crate) const fn both(from: AccountNumber, to: AccountNumber) -> TransferAccounts {
        TransferAccounts { from: Some(from), to: Some(to) }
    }

    /// Returns the problem for a refusal, with the field at fault if there is one.
    pub(crate) fn refused(&self, refusal: Refusal) -> Problem {
        let field = self.field(&refusal);
        let problem = Problem::from(refusal);
        match field {
            Some(field) => problem.at_field(field),
            None => problem,
        }
    }

    /// Returns the problem for an error of the bank, with the field at fault if there is one.
    pub(crate) fn failed(&self, error: Error) -> Problem {
        match error {
            Error::Refused(refusal) => self.refused(refusal),
            other => other.into(),
        }
    }

    /// Returns the field that a refusal is about.
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
        let named = TransferAccounts::both(number("A"), number("B"));
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
