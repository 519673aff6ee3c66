//! `--least` and `--most`: amounts in decimals, compared with movements in any currency.

use std::str::FromStr;

use jangbu::{Amount, money::AmountError};

/// The largest number of decimals of a bound, and of a currency.
const MAX_DECIMALS: u8 = 18;

/// A decimal number in the currency of whatever it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    digits: u64,
    decimals: u8,
}

impl FromStr for Bound {
    type Err = AmountError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let decimals = u8::try_from(decimals).unwrap_or(u8::MAX).min(MAX_DECIMALS);
        Ok(Bound { digits: Amount::parse(text, decimals)?.minor_units(), decimals })
    }
}

impl Bound {
    /// Returns whether an amount of a currency with `scale` decimals is at least this.
    pub(super) fn is_reached_by(self, amount: Amount, scale: u8) -> bool {
        self.compare(amount, scale).is_ge()
    }

    /// Returns whether an amount of a currency with `scale` decimals is at most this.
    pub(super) fn is_kept_by(self, amount: Amount, scale: u8) -> bool {
        self.compare(amount, scale).is_le()
    }

    /// Returns the smallest number of minor units that can reach this bound in any currency. A movement with fewer
    /// cannot match.
    pub(super) fn fewest_units(self) -> Amount {
        let units = u128::from(self.digits).div_ceil(power(self.decimals));
        u64::try_from(units).ok().and_then(|units| Amount::new(units).ok()).unwrap_or(Amount::MAX)
    }

    fn compare(self, amount: Amount, scale: u8) -> std::cmp::Ordering {
        // Each factor is below 2^53 · 10^18, which fits.
        let amount = u128::from(amount.minor_units()).saturating_mul(power(self.decimals));
        amount.cmp(&u128::from(self.digits).saturating_mul(power(scale)))
    }
}

fn power(exponent: u8) -> u128 {
    10u128.saturating_pow(u32::from(exponent.min(MAX_DECIMALS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_compared_in_the_currency_of_each_amount() {
        for (bound, units, scale, least, most) in [
            ("10", 10, 0, true, true),
            ("10", 1_000, 2, true, true),
            ("10", 999, 2, false, true),
            ("10.5", 10, 0, false, true),
            ("10.5", 11, 0, true, false),
            ("10.50", 1_050, 2, true, true),
            ("10.501", 1_050, 2, false, true),
            ("0.001", 0, 3, false, true),
            ("9007199254740991", jangbu::money::MAX_MINOR_UNITS, 0, true, true),
            ("9007199254740991", jangbu::money::MAX_MINOR_UNITS, 3, false, true),
        ] {
            let (read, amount): (Bound, _) = (bound.parse().unwrap(), Amount::new(units).unwrap());
            assert_eq!(read.is_reached_by(amount, scale), least, "{bound} least {units} of {scale}");
            assert_eq!(read.is_kept_by(amount, scale), most, "{bound} most {units} of {scale}");
            assert!(!least || amount >= read.fewest_units(), "{bound} {units}");
        }
        for wrong in ["", "-1", "1,000", "1e3", "ten", "1.", ".5"] {
            assert!(wrong.parse::<Bound>().is_err(), "{wrong:?}");
        }
    }
}
