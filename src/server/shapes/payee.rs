//! Whom money can be sent to, with a name that is partly masked.

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
    /// The currency's number of decimals.
    pub(crate) scale: u8,
    /// The owner's name, of each word only the first and the last letter; null for an erased member.
    pub(crate) name: Option<String>,
    /// Whether it is the caller's own.
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
    /// The payee of that number and those facts.
    pub(crate) fn of(number: AccountNumber, facts: &Facts, name: Option<&str>, own: bool) -> Payee {
        Payee { number, currency: facts.currency, scale: facts.scale, name: name.and_then(masked), own }
    }
}

/// A name of whose words only the first and the last letter are told, of words of two only the first; `None` for an erased
/// member, of whom no name is left.
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
