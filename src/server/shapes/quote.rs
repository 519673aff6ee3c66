//! What a transfer would lead to.

use jangbu::Currency;
use jangbu::preview::{Headroom, Objection, Preview, Quote as Granted};
use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;
use super::transfer::Refused;
use crate::server::facts::Facts;

/// What a transfer would lead to if it came now. Amounts are in minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Quote {
    /// It would be granted.
    Granted(GrantedQuote),
    /// It would be refused.
    Refused(RefusedQuote),
}

/// The figures of a transfer that would be granted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct GrantedQuote {
    /// True.
    granted: bool,
    /// What the receiver would get.
    amount: u64,
    /// What the bank would take for it.
    fee: u64,
    /// What the sender would pay.
    total: u64,
    /// The currency.
    #[schema(value_type = String)]
    currency: Currency,
    /// The currency's number of decimals.
    scale: u8,
    /// The business date for which it would count.
    #[schema(format = Date)]
    date: String,
    /// What the sender can spend before it.
    available_before: u64,
    /// What the sender would have left after it.
    headroom: Room,
}

/// What an account would have left.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct Room {
    /// What can be spent.
    available: u64,
    /// The most that one transfer may move; null for no limit.
    per_transfer: Option<u64>,
    /// What the day's transfers may still move; null for no limit.
    left_today: Option<u64>,
    /// The day's transfers that are still free.
    free_transfers_left: u32,
}

/// Why a transfer would be refused, and what would pass instead.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RefusedQuote {
    /// False.
    granted: bool,
    /// Why.
    refusal: Refused,
    /// The field of the request that the refusal is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    /// The largest amount that would pass now; null when none would.
    largest: Option<u64>,
    /// The earliest moment at which the same would pass, if only the limit of the day is in the way.
    earliest: Option<Moment>,
    /// The currency.
    #[schema(value_type = String)]
    currency: Currency,
    /// The currency's number of decimals.
    scale: u8,
}

impl Quote {
    /// What the bank's dry run says, in the sender's money. `field` is what a refusal is about.
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
            // A quote is of a command with an id of its own, which nobody has used.
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
