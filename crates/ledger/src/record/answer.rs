//! The answer to the command of a record, live and for every repetition.

use super::{Body, Posted, Record};
use crate::command::{Answered, DrawReceipt, HoldReceipt, Outcome, Receipt};
use crate::{ContentHash, Refusal};

impl Record {
    /// Returns the answer to the command that led to this record, the first time and for every repetition.
    ///
    /// # Errors
    /// The refusal, when the command was refused.
    pub fn answer(&self) -> Result<Outcome, Refusal> {
        let Record { position, recorded_at, date, id, .. } = *self;
        let balance = |leg: usize| self.links.get(leg).map(|link| link.balance).unwrap_or_default();
        let (sender_balance, receiver_balance) = (balance(0), balance(1));
        let receipt = |posted: &Posted| {
            let (amount, fee) = (posted.amount, posted.fee);
            Receipt { id, position, recorded_at, date, amount, fee, sender_balance, receiver_balance }
        };
        Ok(match &self.body {
            Body::Refused(refused) => return Err(refused.refusal.clone()),
            Body::AccountOpened(opened) => Outcome::Opened { number: opened.number, position },
            Body::Posted(posted) => Outcome::Posted(receipt(posted)),
            Body::Reversed(reversed) => Outcome::Posted(receipt(&reversed.posted)),
            Body::ReversalsRepaired(repaired) => match &repaired.posted {
                Some(posted) => Outcome::Posted(receipt(posted)),
                None => Outcome::Recorded { position },
            },
            Body::Held(placed) => {
                let (amount, fee, expires_at) = (placed.amount, placed.fee, placed.expires_at);
                Outcome::Held(HoldReceipt { id, position, recorded_at, date, amount, fee, expires_at })
            }
            Body::Drawn(drawn) => {
                let receipt = DrawReceipt::of(id, drawn.hold, position, recorded_at, &drawn.drawn);
                Outcome::Drawn(DrawReceipt { sender_balance, receiver_balance, ..receipt })
            }
            _ => Outcome::Recorded { position },
        })
    }

    /// Returns the answer to another command under the same id, with the hash of its content: the first answer again if it
    /// is the same command, and [`Refusal::IdReused`] otherwise.
    pub fn answer_again(&self, content: ContentHash) -> Answered {
        match content == self.content {
            true => Answered { answer: self.answer(), replayed: true },
            false => Answered { answer: Err(Refusal::IdReused), replayed: false },
        }
    }
}
