//! The JSON form and the stored form of a schedule.
//!
//! Fields of a stored structure never change within a version of the format. Schedules were stored before senders could
//! name a largest fee, so it is stored with the amount, in variants that were added after the existing ones.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{CatchUp, End, Retry, Rule, Schedule, ScheduledAmount};
use crate::{AccountNumber, Amount, BusinessDate, Details};

/// The JSON form of a schedule.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Schedule", rename = "Schedule")]
struct Readable {
    from: AccountNumber,
    to: AccountNumber,
    amount: ScheduledAmount,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    most_fee: Option<Amount>,
    details: Option<Box<Details>>,
    rule: Rule,
    start: Option<BusinessDate>,
    end: End,
    catch_up: CatchUp,
    retry: Retry,
}

/// The stored form of a schedule, which is also hashed.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Schedule")]
struct Stored<D, R> {
    from: AccountNumber,
    to: AccountNumber,
    amount: StoredAmount,
    details: D,
    rule: R,
    start: Option<BusinessDate>,
    end: End,
    catch_up: CatchUp,
    retry: Retry,
}

/// The amount of a run and an optional largest fee. The order of the variants is part of the format.
#[derive(Clone, Copy, Serialize, Deserialize)]
enum StoredAmount {
    Exactly(Amount),
    UpTo(Amount),
    ExactlyWithin(Amount, Amount),
    UpToWithin(Amount, Amount),
}

impl StoredAmount {
    const fn new(amount: ScheduledAmount, most_fee: Option<Amount>) -> StoredAmount {
        match (amount, most_fee) {
            (ScheduledAmount::Exactly(amount), None) => StoredAmount::Exactly(amount),
            (ScheduledAmount::UpTo(amount), None) => StoredAmount::UpTo(amount),
            (ScheduledAmount::Exactly(amount), Some(most_fee)) => StoredAmount::ExactlyWithin(amount, most_fee),
            (ScheduledAmount::UpTo(amount), Some(most_fee)) => StoredAmount::UpToWithin(amount, most_fee),
        }
    }

    const fn parts(self) -> (ScheduledAmount, Option<Amount>) {
        match self {
            StoredAmount::Exactly(amount) => (ScheduledAmount::Exactly(amount), None),
            StoredAmount::UpTo(amount) => (ScheduledAmount::UpTo(amount), None),
            StoredAmount::ExactlyWithin(amount, most_fee) => (ScheduledAmount::Exactly(amount), Some(most_fee)),
            StoredAmount::UpToWithin(amount, most_fee) => (ScheduledAmount::UpTo(amount), Some(most_fee)),
        }
    }
}

impl Serialize for Schedule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return Readable::serialize(self, serializer);
        }
        let Schedule { from, to, amount, most_fee, details, rule, start, end, catch_up, retry } = self;
        let amount = StoredAmount::new(*amount, *most_fee);
        let (from, to, start, end, catch_up, retry) = (*from, *to, *start, *end, *catch_up, *retry);
        Stored { from, to, amount, details, rule, start, end, catch_up, retry }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Schedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Schedule, D::Error> {
        if deserializer.is_human_readable() {
            return Readable::deserialize(deserializer);
        }
        let Stored { from, to, amount, details, rule, start, end, catch_up, retry } =
            Stored::deserialize(deserializer)?;
        let (amount, most_fee) = amount.parts();
        Ok(Schedule { from, to, amount, most_fee, details, rule, start, end, catch_up, retry })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TimeOfDay;
    use crate::codec::{decode, encode};

    /// The form of schedules before there was a largest fee.
    #[derive(Serialize)]
    struct First {
        from: AccountNumber,
        to: AccountNumber,
        amount: ScheduledAmount,
        details: Option<Box<Details>>,
        rule: Rule,
        start: Option<BusinessDate>,
        end: End,
        catch_up: CatchUp,
        retry: Retry,
    }

    fn bytes<T: Serialize>(value: &T) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(value, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_schedule_keeps_its_stored_form_and_a_largest_fee_has_its_own_variant() {
        let (from, to) = (AccountNumber::new("A").unwrap(), AccountNumber::new("B").unwrap());
        let (seven, five) = (Amount::new(7).unwrap(), Amount::new(5).unwrap());
        let rule = Rule::daily(TimeOfDay::new(9, 30).unwrap());
        let exactly = Schedule::new(from, to, seven, rule).with_end(End::AfterRuns(3));
        for (number, now) in [(0, exactly.clone()), (1, exactly.up_to())] {
            let Schedule { amount, details, start, end, catch_up, retry, .. } = now.clone();
            let first = First { from, to, amount, details, rule, start, end, catch_up, retry };
            assert_eq!(bytes(&first), bytes(&now));
            assert_eq!(decode::<Schedule>(&bytes(&first)).unwrap(), now);
            let bound = now.clone().with_most_fee(five);
            let (stored, before) = (bytes(&bound), bytes(&now));
            let at = before.windows(2).position(|pair| pair == [number, 7]).unwrap();
            assert_eq!(stored[at..at + 3], [number + 2, 7, 5], "number, amount, largest fee");
            assert_eq!(stored[at + 3..], before[at + 2..], "and the rest as it was");
            assert_eq!(decode::<Schedule>(&stored).unwrap(), bound);
            for schedule in [now, bound] {
                let text = serde_json::to_string(&schedule).unwrap();
                assert_eq!(serde_json::from_str::<Schedule>(&text).unwrap(), schedule, "{text}");
                assert_eq!(text.contains("\"most_fee\":5"), schedule.most_fee.is_some(), "{text}");
            }
        }
    }
}
