//! A payee, with a masked name.

use jangbu::{AccountNumber, Currency};
use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;
use crate::server::facts::Facts;

/// An account that money can be sent to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Payee {
    /// The account number.
    #[schema(value_type = String)]
    pub(crate) number: AccountNumber,
    /// The currency.
    #[schema(value_type = String)]
    pub(crate) currency: Currency,
    /// The number of decimals of the currency.
    pub(crate) scale: u8,
    /// The owner's name with only the first and last letter of each word; null for an erased member.
    pub(crate) name: Option<String>,
    /// Whether it is one of the caller's own.
    pub(crate) own: bool,
}

/// An account that money was sent to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RecentPayee {
    /// The account.
    #[serde(flatten)]
    pub(crate) payee: Payee,
    /// When money was last sent to it.
    pub(crate) last_used_at: Moment,
}

impl Payee {
    /// Makes the payee with that number and those facts.
    pub(crate) fn of(number: AccountNumber, facts: &Facts, name: Option<&str>, own: bool) -> Payee {
        Payee { number, currency: facts.currency, scale: facts.scale, name: name.and_then(masked), own }
    }
}

/// Masks a name: only the first and last letter of each word are shown, of words with two letters only the first;
/// `None` for an erased member, who has no name.
pub(crate) fn masked(name: &str) -> Option<String> {
    let word = |word: &str| {
        let last = word.chars().count().saturating_sub(1);
        let shown = |at: usize| at == 0 || (at == last && last > 1);
        let letter = |(at, letter)| if shown(at) { letter } else { '*' };
        if last == 0 { "*".to_owned() } else { word.chars().enumerate().map(letter).collect() }
    };
    let words: Vec<String> = name.split_whitespace().map(word).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_masked_word_by_word() {
        for (name, shown) in [
            ("홍길동", Some("홍*동")),
            ("Mina Kim", Some("M**a K*m")),
            ("이산", Some("이*")),
            ("X", Some("*")),
            ("", None),
            ("  ", None),
            ("  Jean-Luc  Ö ", Some("J******c *")),
        ] {
            assert_eq!(masked(name).as_deref(), shown);
        }
    }
}
