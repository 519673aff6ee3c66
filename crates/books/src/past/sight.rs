//! Who sees what of a movement: the one rule, by which lists, searches, files and events go.
//!
//! What is not the viewer's to see is taken off a movement before anything is looked for in it, so that no search can find
//! out what its answer would not show.

use serde::{Deserialize, Serialize};

use super::movement::Movement;
use crate::status::MovementStatus;
use jangbu_ledger::{Amount, END_TO_END_ID, OwnerId};

/// Who looks at movements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Viewer {
    /// The bank and its staff, who see everything.
    #[default]
    Bank,
    /// A customer, who sees the own side of own movements.
    Owner(OwnerId),
}

/// Through whose eyes a movement is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct View {
    /// Whether they are those of its sender.
    pub sender: bool,
    /// Whether they are those of its receiver.
    pub receiver: bool,
    /// Whether they are those of the bank's staff.
    pub staff: bool,
}

/// A part of a movement that not everybody who sees the movement sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The fee, and the total with it.
    Fee,
    /// The label on the sender's side.
    SenderLabel,
    /// The label on the receiver's side.
    ReceiverLabel,
    /// The sender's pairs for programs.
    Metadata,
    /// Why a hold was given back, as the customer is told.
    CustomerText,
    /// Why a hold was given back, as staff or the checker noted.
    Reason,
    /// Who of the staff did it, and what of it staff can still take back.
    Staffwork,
}

impl View {
    /// Everything, as staff sees it.
    pub const ALL: View = View { sender: true, receiver: true, staff: true };
    /// The sender's.
    pub const SENDER: View = View { sender: true, receiver: false, staff: false };

    /// How `viewer` sees a movement between accounts of these owners, of which a refused one knows some or none.
    pub fn of(viewer: Viewer, [from, to]: [Option<OwnerId>; 2]) -> View {
        match viewer {
            Viewer::Bank => View::ALL,
            Viewer::Owner(owner) => View { sender: from == Some(owner), receiver: to == Some(owner), staff: false },
        }
    }

    /// Whether a movement of that status is seen at all. Why something was refused tells of the sender's money.
    pub const fn sees_any(self, status: MovementStatus) -> bool {
        self.sender || self.staff || (self.receiver && !matches!(status, MovementStatus::Refused))
    }

    /// Whether that part of a movement is seen.
    pub const fn sees(self, part: Part) -> bool {
        match part {
            Part::Fee | Part::SenderLabel | Part::Metadata | Part::CustomerText => self.sender || self.staff,
            Part::ReceiverLabel => self.receiver || self.staff,
            Part::Reason | Part::Staffwork => self.staff,
        }
    }
}

impl Movement {
    /// The movement without what is not seen; `None` when it is not seen at all.
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
            // What the sender calls the payment goes to the receiver with it.
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
