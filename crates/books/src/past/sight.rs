//! Which parts of a movement each viewer sees. Lists, searches, files and events all apply this one rule.
//!
//! Hidden parts are removed from a movement before it is searched, so that no search can reveal what its result would
//! not show.

use serde::{Deserialize, Serialize};

use super::movement::Movement;
use crate::status::MovementStatus;
use jangbu_ledger::{Amount, END_TO_END_ID, OwnerId};

/// The viewer of movements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Viewer {
    /// The bank and its staff, who see everything.
    #[default]
    Bank,
    /// A customer, who sees their own side of their own movements.
    Owner(OwnerId),
}

/// The perspective from which a movement is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct View {
    /// Whether it includes the sender's.
    pub sender: bool,
    /// Whether it includes the receiver's.
    pub receiver: bool,
    /// Whether it includes that of the bank's staff.
    pub staff: bool,
}

/// A part of a movement that is not visible to everybody who sees the movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The fee, and therefore the total.
    Fee,
    /// The label on the sender's side.
    SenderLabel,
    /// The label on the receiver's side.
    ReceiverLabel,
    /// The sender's metadata.
    Metadata,
    /// The reason for a void or rejection, as the customer reads it.
    CustomerText,
    /// The reason for a void or rejection, as staff or the verifier noted it.
    Reason,
    /// Which member of staff acted, and what staff can still reverse.
    Staffwork,
}

impl View {
    /// The perspective of staff, who see everything.
    pub const ALL: View = View { sender: true, receiver: true, staff: true };
    /// The perspective of the sender.
    pub const SENDER: View = View { sender: true, receiver: false, staff: false };

    /// Returns the perspective of `viewer` on a movement between accounts of these owners. For refused movements,
    /// owners may be unknown.
    pub fn of(viewer: Viewer, [from, to]: [Option<OwnerId>; 2]) -> View {
        match viewer {
            Viewer::Bank => View::ALL,
            Viewer::Owner(owner) => View { sender: from == Some(owner), receiver: to == Some(owner), staff: false },
        }
    }

    /// Returns whether movements of that status are visible at all. The reason of a refusal reveals the sender's funds.
    pub const fn sees_any(self, status: MovementStatus) -> bool {
        self.sender || self.staff || (self.receiver && !matches!(status, MovementStatus::Refused))
    }

    /// Returns whether that part of a movement is visible.
    pub const fn sees(self, part: Part) -> bool {
        match part {
            Part::Fee | Part::SenderLabel | Part::Metadata | Part::CustomerText => self.sender || self.staff,
            Part::ReceiverLabel => self.receiver || self.staff,
            Part::Reason | Part::Staffwork => self.staff,
        }
    }
}

impl Movement {
    /// Returns the movement without its hidden parts, or `None` if it is not visible at all.
    #[must_use]
    pub fn seen_by(mut self, view: View) -> Option<Movement> {
        if !view.sees_any(self.status) {
            return None;
        }
        if !view.sees(Part::Fee) {
            self.fee = Amount::ZERO;
        }
        if !view.sees(Part::SenderLabel) {
            self.details.sender_label.clear();
        }
        if !view.sees(Part::ReceiverLabel) {
            self.details.receiver_label.clear();
        }
        if !view.sees(Part::Metadata) {
            // The sender's own reference for the payment is passed on to the receiver.
            self.details.metadata.retain(|(key, _)| key == END_TO_END_ID);
        }
        if !view.sees(Part::CustomerText) {
            self.customer_text.clear();
        }
        if !view.sees(Part::Reason) {
            self.reason.clear();
        }
        Some(self)
    }
}
