//! The result that a transfer would have.

use jangbu::Currency;
use jangbu::preview::{Headroom, Objection, Preview, Quote as Granted};
use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;
use super::transfer::Refused;
use crate::server::facts::Facts;

/// The result that a transfer would have now. Amounts are in minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Quote {
    /// The transfer would be accepted.
    Granted(GrantedQuote),
    /// The transfer would be refused.
    Refused(RefusedQuote),
}

/// The figures of a transfer that would be accepted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct GrantedQuote {
    /// True.
    granted: bool,
    /// What the receiver would get.
    amount: u64,
    /// The fee.
    fee: u64,
    /// What the sender would pay in all.
    total: u64,
    /// The currency.
    #[schema(value_type = String)]
    currency: Currency,
    /// The number of decimals of the currency.
    scale: u8,
    /// The business date on which it would count.
    #[schema(format = Date)]
    date: String,
    /// What the sender can spend before it.
    available_before: u64,
    /// What the sender could spend after it.
    headroom: Room,
}

/// What an account would have left.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct Room {
    /// The amount that can be spent.
    available: u64,
    /// The limit per transfer; null for no limit.
    per_transfer: Option<u64>,
    /// What could still be transferred today; null for no limit.
    left_today: Option<u64>,
    /// How many free transfers would be left today.
    free_transfers_left: u32,
}

/// Why a transfer would be refused, and what would be accepted instead.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RefusedQuote {
    /// False.
    granted: bool,
    /// The reason.
    refusal: Refused,
    /// The field of the request that the refusal is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    /// The largest amount that would be accepted now; null if none would.
    largest: Option<u64>,
    /// The earliest moment at which the same transfer would be accepted, if only the limit per day prevents it.
    earliest: Option<Moment>,
    /// The currency.
    #[schema(value_type = String)]
    currency: Currency,
    /// The number of decimals of the currency.
    scale: u8,
}

impl Quote {
    /// Makes the answer from the bank's dry run, in the sender's currency. `field` is the one that a refusal is about.
    pub(crate) fn of(preview: Preview, facts: &Facts, field: Option<&'static str>) -> Quote {
        match preview {
            Preview::Granted(Granted { amount, fee, total, date, available_before, headroom, .. }) => {
                let Headroom { available, per_transfer, left_today, free_transfers_left } = headroom;
                Quote::Granted(GrantedQuote {
                    granted: true,
                    amount: amount.minor_units(),
                    fee: fee.minor_units(),
                    total: total.minor_units(),
                    currency: facts.currency,
                    scale: facts.scale,
                    date: date.to_string(),
                    available_before: available_before.minor_units(),
                    headroom: Room {
                        available: available.minor_units(),
                        per_transfer: per_transfer.map(jangbu::Amount::minor_units),
                        left_today: left_today.map(jangbu::Amount::minor_units),
                        free_transfers_left,
                    },
                })
            }
            // A quote has a command id of its own, which was never used.
            Preview::Repeated { .. } => {
                let refusal = jangbu::Refusal::IdReused;
                Quote::of(Preview::Refused(Objection { refusal, largest: None, earliest: None }), facts, field)
            }
            Preview::Refused(Objection { refusal, largest, earliest }) => Quote::Refused(RefusedQuote {
                granted: false,
                refusal: Refused::of(refusal),
                field,
                largest: largest.map(jangbu::Amount::minor_units),
                earliest: earliest.map(Moment),
                currency: facts.currency,
                scale: facts.scale,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use jangbu::{Amount, OwnerId, Refusal};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refusal_says_what_would_pass() {
        let facts = Facts { owner: OwnerId::new("mina").unwrap(), currency: Currency::krw(), scale: 0 };
        let available = Amount::new(700).unwrap();
        let refusal = Refusal::InsufficientFunds { available, needed: Amount::new(1_500).unwrap() };
        let objection = Objection { refusal, largest: Some(available), earliest: None };
        let quote = Quote::of(Preview::Refused(objection), &facts, Some("amount"));
        let expected = json!({
            "granted": false,
            "refusal": {
                "code": "insufficient_funds",
                "detail": "1500 is needed, but 700 is available",
                "figures": {"available": 700, "needed": 1500},
            },
            "field": "amount",
            "largest": 700,
            "earliest": null,
            "currency": "KRW",
            "scale": 0,
        });
        assert_eq!(serde_json::to_value(quote).unwrap(), expected);
    }
}
