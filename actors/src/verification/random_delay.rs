//! The verifier of the demonstration bank. It answers after a random delay and rejects a share of the transfers.

use std::time::Duration;

use futures::future::BoxFuture;

use super::{Pending, Verdict, Verifier};

/// Waits for a time between two bounds, and rejects some of the transfers.
///
/// The delay and the verdict follow from the transfer's id, so that a run can be repeated.
#[derive(Clone, Copy, Debug)]
pub struct RandomDelay {
    least: Duration,
    most: Duration,
    rejected_per_mille: u16,
}

impl RandomDelay {
    /// Creates a verifier that waits from `least` to `most`, and rejects `rejected_per_mille` of a thousand transfers.
    pub fn new(least: Duration, most: Duration, rejected_per_mille: u16) -> RandomDelay {
        RandomDelay { least, most: most.max(least), rejected_per_mille }
    }

    /// Returns the delay for the transfer, and whether it is rejected.
    fn fate(&self, pending: &Pending) -> (Duration, bool) {
        let hash = blake3::hash(&pending.id.as_u128().to_be_bytes());
        let number = |at: usize| {
            let bytes = hash.as_bytes().get(at..).and_then(|rest| rest.first_chunk::<8>());
            bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
        };
        let spread_us = u64::try_from(self.most.saturating_sub(self.least).as_micros()).unwrap_or(u64::MAX);
        let delay = self.least.saturating_add(Duration::from_micros(number(0) % spread_us.saturating_add(1).max(1)));
        (delay, number(8) % 1_000 < u64::from(self.rejected_per_mille))
    }
}

impl Verifier for RandomDelay {
    fn verify(&self, pending: Pending) -> BoxFuture<'static, Verdict> {
        let (delay, rejected) = self.fate(&pending);
        Box::pin(async move {
            tokio::time::sleep(delay).await;
            match rejected {
                true => Verdict::Reject { reason: "the verification said no".into(), customer_text: None },
                false => Verdict::Approve,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{AccountNumber, Amount, CommandId, Details, Timestamp};

    #[test]
    fn delays_and_rejections_have_the_configured_distribution() {
        let verifier = RandomDelay::new(Duration::from_millis(10), Duration::from_millis(20), 250);
        let number = AccountNumber::new("A").unwrap();
        let fates: Vec<_> = (0..4_000u32)
            .map(|count| {
                verifier.fate(&Pending {
                    id: CommandId::derived(&count.to_be_bytes()),
                    from: number,
                    to: number,
                    amount: Amount::ONE,
                    fee: Amount::ZERO,
                    placed_at: Timestamp::default(),
                    details: Details::default(),
                })
            })
            .collect();
        let delays = || fates.iter().map(|(delay, _)| delay.as_micros());
        assert!(delays().all(|delay| (10_000..=20_000).contains(&delay)));
        assert!(delays().min() < Some(10_100) && delays().max() > Some(19_900));
        let rejected = fates.iter().filter(|(_, rejected)| *rejected).count();
        assert!((900..=1_100).contains(&rejected), "{rejected} of 4,000");
    }
}
