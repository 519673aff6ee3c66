//! A movement of money, as those who may see it do.

use std::collections::BTreeMap;

use jangbu::text::normalized;
use jangbu::{
    AccountNumber, CommandId, Currency, Details, HoldReceipt, HoldStatus, HoldView, Movement, MovementKind,
    MovementStatus, Receipt, Refusal,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Moment, TransferRequest};
use crate::server::facts::Facts;
use crate::server::http::Problem;

/// What kind of movement of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TransferKind {
    /// From account to account.
    Transfer,
    /// Cash coming in.
    Deposit,
    /// Cash going out.
    Withdrawal,
    /// To bring an account to a target.
    Sweep,
    /// Back from the receiver of an earlier movement.
    Reversal,
    /// Set aside for a receiver: by a transfer that waits for its verification, or at the counter.
    Hold,
    /// From a hold to its receiver.
    Settlement,
    /// From a hold back to its sender.
    Release,
}

/// How a movement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TransferStatus {
    /// Held until its verification is through.
    Pending,
    /// Held until it is settled or voided.
    Held,
    /// Money moved.
    Posted,
    /// Cancelled or voided.
    Cancelled,
    /// The verification said no.
    Rejected,
    /// Its time was over.
    Expired,
    /// The ledger said no.
    Refused,
}

/// Through whose eyes a movement is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct View {
    /// Whether the sender's side is shown.
    pub(crate) sender: bool,
    /// Whether the receiver's side is shown.
    pub(crate) receiver: bool,
    /// Whether it is the bank's own eyes, which see who did it too.
    pub(crate) staff: bool,
}

impl View {
    /// Everything, as staff sees it.
    pub(crate) const ALL: View = View { sender: true, receiver: true, staff: true };
    /// The sender's.
    pub(crate) const SENDER: View = View { sender: true, receiver: false, staff: false };
}

/// A movement of money. Amounts are in minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Transfer {
    /// The id of the command that led to it.
    #[schema(value_type = String, format = Uuid)]
    pub(crate) id: CommandId,
    /// What kind of movement.
    pub(crate) kind: TransferKind,
    /// How it stands now.
    pub(crate) status: TransferStatus,
    /// The sender; the bank's cash for a deposit.
    #[schema(value_type = Option<String>)]
    pub(crate) from: Option<AccountNumber>,
    /// The receiver; the bank's cash for a withdrawal.
    #[schema(value_type = Option<String>)]
    pub(crate) to: Option<AccountNumber>,
    /// What the receiver got, or may get.
    pub(crate) amount: u64,
    /// What the bank takes for it.
    pub(crate) fee: u64,
    /// Both together.
    pub(crate) total: u64,
    /// The currency.
    #[schema(value_type = Option<String>)]
    pub(crate) currency: Option<Currency>,
    /// The currency's number of decimals.
    pub(crate) scale: Option<u8>,
    /// What the sender reads; null for the receiver.
    pub(crate) sender_label: Option<String>,
    /// What the receiver reads; null for the sender.
    pub(crate) receiver_label: Option<String>,
    /// What both read.
    pub(crate) reference: String,
    /// What the sender's own books call the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_to_end_id: Option<String>,
    /// Pairs for programs.
    pub(crate) metadata: BTreeMap<String, String>,
    /// The business date for which it counts.
    #[schema(format = Date)]
    pub(crate) date: String,
    /// When it was recorded.
    pub(crate) created_at: Moment,
    /// When a hold ended, where one was looked at by itself.
    pub(crate) ended_at: Option<Moment>,
    /// From when on a hold can no longer be settled, where one was looked at by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<Moment>,
    /// What its receiver got of a hold.
    pub(crate) captured: u64,
    /// What its receiver may still get of a hold.
    pub(crate) remaining: u64,
    /// Why a hold was voided or rejected.
    pub(crate) reason: Option<String>,
    /// Why the ledger said no.
    pub(crate) refusal: Option<Refused>,
    /// The hold that a settlement or release is of.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub(crate) hold: Option<CommandId>,
    /// What a reversal takes back.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub(crate) original: Option<CommandId>,
    /// Which of several linked movements it is, counted from 0.
    pub(crate) step: Option<u8>,
    /// What staff can still take back of it, for staff who look at it by itself; left out where nothing ever could be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reversible: Option<u64>,
    /// The member of staff who placed a hold at the counter, for staff: they and administrators settle and void it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    pub(crate) placed_by: Option<String>,
    /// The place of its record in the journal.
    pub(crate) position: u64,
}

/// Why the ledger said no.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Refusal)]
pub(crate) struct Refused {
    /// The stable code.
    pub(crate) code: String,
    /// In words.
    pub(crate) detail: String,
    /// The figures that explain it.
    #[schema(value_type = Object)]
    pub(crate) figures: Map<String, Value>,
}

impl Refused {
    /// A refusal as it is told.
    pub(crate) fn of(refusal: Refusal) -> Refused {
        let problem = Problem::from(refusal);
        Refused {
            code: problem.code().to_owned(),
            detail: problem.detail().to_owned(),
            figures: problem.figures().clone(),
        }
    }
}

impl Transfer {
    /// A movement as the journal has it, in the money of its accounts.
    pub(crate) fn of(movement: &Movement, facts: Option<&Facts>, view: View) -> Transfer {
        let Movement { kind, status, verified, .. } = *movement;
        let is_hold = kind == MovementKind::Hold;
        let status = told_status(status, verified);
        let (amount, captured) = (movement.amount.minor_units(), movement.captured.minor_units());
        let is_open = matches!(status, TransferStatus::Pending | TransferStatus::Held);
        let mut transfer = Transfer {
            id: movement.id,
            kind: told_kind(kind),
            status,
            from: movement.from,
            to: movement.to,
            amount,
            fee: movement.fee.minor_units(),
            total: movement.amount.saturating_add(movement.fee).minor_units(),
            currency: facts.map(|facts| facts.currency),
            scale: facts.map(|facts| facts.scale),
            sender_label: None,
            receiver_label: None,
            reference: String::new(),
            end_to_end_id: None,
            metadata: BTreeMap::new(),
            date: movement.date.to_string(),
            created_at: Moment(movement.recorded_at),
            ended_at: None,
            expires_at: None,
            captured,
            remaining: if is_hold && is_open { amount.saturating_sub(captured) } else { 0 },
            reason: None,
            refusal: movement.refusal.clone().map(Refused::of),
            hold: movement.hold,
            original: movement.original,
            step: movement.step,
            reversible: None,
            placed_by: None,
            position: movement.position.get(),
        };
        transfer.say(&movement.details, view);
        if kind == MovementKind::Release && !transfer.reference.is_empty() {
            // The journal keeps the reason for which a hold was voided there.
            transfer.reason = Some(std::mem::take(&mut transfer.reference));
        }
        transfer
    }

    /// Adds what only a hold by itself tells.
    #[must_use]
    pub(crate) fn with_hold(mut self, hold: &HoldView) -> Transfer {
        self.status = match hold.status {
            HoldStatus::Open if hold.verified => TransferStatus::Pending,
            HoldStatus::Open => TransferStatus::Held,
            HoldStatus::Voided => TransferStatus::Cancelled,
            HoldStatus::Rejected => TransferStatus::Rejected,
            HoldStatus::Expired => TransferStatus::Expired,
            _ => TransferStatus::Posted,
        };
        (self.amount, self.fee) = (hold.amount.minor_units(), hold.fee.minor_units());
        self.total = hold.amount.saturating_add(hold.fee).minor_units();
        (self.captured, self.remaining) = (hold.captured.minor_units(), hold.remaining.minor_units());
        self.ended_at = hold.ended_at.map(Moment);
        self.expires_at = hold.expires_at.map(Moment);
        self.reason = (!hold.reason.is_empty()).then(|| hold.reason.clone());
        self
    }

    /// A transfer that was just posted, as its sender sees it.
    pub(crate) fn posted(request: TransferRequest, receipt: &Receipt, facts: &Facts) -> Transfer {
        let mut transfer = Transfer::requested(request, facts);
        (transfer.id, transfer.position) = (receipt.id, receipt.position.get());
        (transfer.amount, transfer.fee) = (receipt.amount.minor_units(), receipt.fee.minor_units());
        transfer.total = receipt.amount.saturating_add(receipt.fee).minor_units();
        transfer.date = receipt.date.to_string();
        transfer.created_at = Moment(receipt.recorded_at);
        transfer
    }

    /// A transfer that was just accepted and waits for its verification, as its sender sees it.
    pub(crate) fn pending(request: TransferRequest, receipt: &HoldReceipt, facts: &Facts) -> Transfer {
        let mut transfer = Transfer::requested(request, facts);
        (transfer.kind, transfer.status) = (TransferKind::Hold, TransferStatus::Pending);
        (transfer.id, transfer.position) = (receipt.id, receipt.position.get());
        (transfer.amount, transfer.fee) = (receipt.amount.minor_units(), receipt.fee.minor_units());
        transfer.total = receipt.amount.saturating_add(receipt.fee).minor_units();
        transfer.remaining = transfer.amount;
        transfer.date = receipt.date.to_string();
        transfer.created_at = Moment(receipt.recorded_at);
        transfer
    }

    fn requested(request: TransferRequest, facts: &Facts) -> Transfer {
        // As the bank keeps them.
        let kept = |text: Option<String>| normalized(&text.unwrap_or_default()).into_owned();
        Transfer {
            id: CommandId::new(uuid::Uuid::nil()),
            kind: TransferKind::Transfer,
            status: TransferStatus::Posted,
            from: Some(request.from),
            to: Some(request.to),
            amount: 0,
            fee: 0,
            total: 0,
            currency: Some(facts.currency),
            scale: Some(facts.scale),
            sender_label: Some(kept(request.sender_label)),
            receiver_label: None,
            reference: kept(request.reference),
            end_to_end_id: request.end_to_end_id.filter(|id| !id.is_empty()).map(|id| kept(Some(id))),
            metadata: request.metadata.unwrap_or_default(),
            date: String::new(),
            created_at: Moment(jangbu::Timestamp::from_ns(0)),
            ended_at: None,
            expires_at: None,
            captured: 0,
            remaining: 0,
            reason: None,
            refusal: None,
            hold: None,
            original: None,
            step: None,
            reversible: None,
            placed_by: None,
            position: 0,
        }
    }

    fn say(&mut self, details: &Details, view: View) {
        self.sender_label = view.sender.then(|| details.sender_label.clone());
        self.receiver_label = view.receiver.then(|| details.receiver_label.clone());
        self.reference.clone_from(&details.reference);
        self.end_to_end_id = details.end_to_end_id().map(str::to_owned);
        let shown = details.metadata.iter().filter(|(key, _)| !key.starts_with(super::RESERVED));
        self.metadata = shown.cloned().collect();
        if view.staff {
            let placed_by = details.metadata.iter().find(|(key, _)| key == super::PLACED_BY);
            self.placed_by = placed_by.map(|(_, member)| member.clone());
        }
    }
}

fn told_kind(kind: MovementKind) -> TransferKind {
    match kind {
        MovementKind::Deposit => TransferKind::Deposit,
        MovementKind::Withdrawal => TransferKind::Withdrawal,
        MovementKind::Sweep => TransferKind::Sweep,
        MovementKind::Reversal => TransferKind::Reversal,
        MovementKind::Hold => TransferKind::Hold,
        MovementKind::Settlement => TransferKind::Settlement,
        MovementKind::Release => TransferKind::Release,
        _ => TransferKind::Transfer,
    }
}

fn told_status(status: MovementStatus, verified: bool) -> TransferStatus {
    match status {
        MovementStatus::Open if verified => TransferStatus::Pending,
        MovementStatus::Open => TransferStatus::Held,
        MovementStatus::Voided => TransferStatus::Cancelled,
        MovementStatus::Rejected => TransferStatus::Rejected,
        MovementStatus::Expired => TransferStatus::Expired,
        MovementStatus::Refused => TransferStatus::Refused,
        _ => TransferStatus::Posted,
    }
}

impl TransferKind {
    /// The kind as the bank has it.
    pub(crate) const fn of_bank(self) -> MovementKind {
        match self {
            TransferKind::Transfer => MovementKind::Transfer,
            TransferKind::Deposit => MovementKind::Deposit,
            TransferKind::Withdrawal => MovementKind::Withdrawal,
            TransferKind::Sweep => MovementKind::Sweep,
            TransferKind::Reversal => MovementKind::Reversal,
            TransferKind::Hold => MovementKind::Hold,
            TransferKind::Settlement => MovementKind::Settlement,
            TransferKind::Release => MovementKind::Release,
        }
    }
}

impl TransferStatus {
    /// What the bank can be asked for, so that all of this status are found, others perhaps among them.
    pub(crate) const fn of_bank(self) -> Option<MovementStatus> {
        match self {
            TransferStatus::Pending | TransferStatus::Held => Some(MovementStatus::Open),
            // Posted, and settled holds.
            TransferStatus::Posted => None,
            TransferStatus::Cancelled => Some(MovementStatus::Voided),
            TransferStatus::Rejected => Some(MovementStatus::Rejected),
            TransferStatus::Expired => Some(MovementStatus::Expired),
            TransferStatus::Refused => Some(MovementStatus::Refused),
        }
    }
}
