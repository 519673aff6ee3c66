//! The proofs of presence that members must give.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use jangbu::Currency;

use crate::server::principal::Role;

/// The requirements for proofs.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    /// How long a proof is fresh: 5 minutes.
    pub(crate) lasts: Duration,
    /// Who must have a second factor.
    pub(crate) second_factor: SecondFactor,
    /// The amounts, in minor units of each currency, above which a transfer requires a fresh proof.
    pub(crate) above: BTreeMap<Currency, u64>,
    /// The amounts above which a transfer requires a fresh proof with a second factor.
    pub(crate) second_factor_above: BTreeMap<Currency, u64>,
}

impl Default for Proof {
    fn default() -> Self {
        Proof {
            lasts: Duration::from_secs(5 * 60),
            second_factor: SecondFactor::Administrators,
            above: BTreeMap::new(),
            second_factor_above: BTreeMap::new(),
        }
    }
}

/// Who must have a second factor. Without it, they can do nothing but set it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecondFactor {
    /// Nobody.
    Nobody,
    /// Administrators.
    Administrators,
    /// All staff.
    Staff,
}

impl SecondFactor {
    /// Returns whether members with this role must have a second factor.
    pub(crate) const fn is_for(self, role: Role) -> bool {
        match self {
            SecondFactor::Nobody => false,
            SecondFactor::Administrators => matches!(role, Role::Admin),
            SecondFactor::Staff => role.is_staff(),
        }
    }
}

impl FromStr for SecondFactor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "nobody" => Ok(SecondFactor::Nobody),
            "administrators" => Ok(SecondFactor::Administrators),
            "staff" => Ok(SecondFactor::Staff),
            _ => Err(()),
        }
    }
}

/// Parses amounts in minor units: `KRW:1000000,USD:100000`.
pub(super) fn limits(text: &str) -> Result<BTreeMap<Currency, u64>, String> {
    let one = |item: &str| {
        let form = || format!("{item:?} is not a limit in minor units, such as KRW:1000000");
        let (currency, amount) = item.split_once(':').ok_or_else(form)?;
        Ok((currency.trim().parse().map_err(|_| form())?, amount.trim().parse().map_err(|_| form())?))
    };
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_by_currency() {
        let krw = Currency::krw();
        assert_eq!(limits("").unwrap(), BTreeMap::new());
        assert_eq!(limits(" KRW:1000000 , ").unwrap(), BTreeMap::from([(krw, 1_000_000)]));
        assert_eq!(limits("USD:5,KRW:0").unwrap(), BTreeMap::from([("USD".parse().unwrap(), 5), (krw, 0)]));
        for text in ["KRW", "KRW:", "KRW:-1", "won:5", "KRW:1.5", "KRW=5"] {
            assert!(limits(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_second_factor_is_required_by_role() {
        let roles = [Role::Member, Role::Teller, Role::Auditor, Role::Admin];
        for (text, required) in [
            ("nobody", [false, false, false, false]),
            ("administrators", [false, false, false, true]),
            ("staff", [false, true, true, true]),
        ] {
            let of: SecondFactor = text.parse().unwrap();
            assert_eq!(roles.map(|role| of.is_for(role)), required, "{text}");
        }
        assert!("yes".parse::<SecondFactor>().is_err());
    }
}
