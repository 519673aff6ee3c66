//! Refusals as text for people: amounts as decimals, with the currency.

use crate::{Amount, Balance, Currency, Refusal};

impl Refusal {
    /// Describes the refusal, with amounts as decimals of a currency with `scale` decimals: "99,999.99 EUR needed, 5.00
    /// available". [`Display`](std::fmt::Display) has minor units instead, because a refusal does not know its
    /// currency.
    pub fn in_decimals(&self, currency: Currency, scale: u8) -> String {
        let plain = |amount: Amount| grouped(&amount.to_decimal(scale));
        let money = |amount: Amount| format!("{} {currency}", plain(amount));
        let balance = |balance: Balance| format!("{} {currency}", grouped(&balance.to_decimal(scale)));
        match self {
            Refusal::CaptureTooLarge { remaining, requested } => {
                format!("{} requested, {} left of the hold", money(*requested), plain(*remaining))
            }
            Refusal::HoldLowered { amount, requested } => {
                format!("the hold's amount is {} and cannot be lowered to {}", money(*amount), plain(*requested))
            }
            Refusal::ReversalTooLarge { left, requested } => {
                format!("{} requested, {} left to reverse", money(*requested), plain(*left))
            }
            Refusal::NothingToSweep { target } => format!("the balance is already {}", balance(*target)),
            Refusal::LimitPerTransfer { limit, requested } => {
                format!("{} requested, the limit per transfer is {}", money(*requested), plain(*limit))
            }
            Refusal::LimitPerDay { limit, used, requested } => {
                let (requested, limit, used) = (money(*requested), plain(*limit), plain(*used));
                format!("{requested} requested, the limit per day is {limit}, of which {used} is used")
            }
            Refusal::InsufficientFunds { available, needed } => {
                format!("{} needed, {} available", money(*needed), plain(*available))
            }
            Refusal::FeeTooHigh { fee, most_fee } => {
                format!("the fee is {}, and the sender accepts at most {}", money(*fee), plain(*most_fee))
            }
            Refusal::BalanceLimit { number, posted } => {
                format!("account {number} cannot hold more: its balance is {}", balance(*posted))
            }
            Refusal::NotEmpty { posted } => {
                format!("the account's balance is {}, and only an account at zero can be closed", balance(*posted))
            }
            Refusal::HoldsOpen { held, pending_in } => {
                format!("holds are open: {} are held, {} may come in", money(*held), plain(*pending_in))
            }
            Refusal::OverdraftInUse { posted, overdraft } => {
                format!("the account's balance is {}, below an overdraft of {}", balance(*posted), plain(*overdraft))
            }
            Refusal::Linked { step, refusal } => {
                format!("step {step} is refused: {}", refusal.in_decimals(currency, scale))
            }
            // Refusals without an amount.
            other => other.to_string(),
        }
    }
}

/// Groups the thousands of a decimal with commas.
fn grouped(decimal: &str) -> String {
    let (whole, fraction) = decimal.split_once('.').map_or((decimal, None), |(whole, rest)| (whole, Some(rest)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut text = sign.to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len().saturating_sub(at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (decimal, text) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("-123456.05", "-123,456.05"),
            ("-1234567", "-1,234,567"),
            ("9007199254740.991", "9,007,199,254,740.991"),
        ] {
            assert_eq!(grouped(decimal), text);
        }
    }
}
