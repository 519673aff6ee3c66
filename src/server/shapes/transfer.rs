//! A movement of money, as those who may see it do.

use std::collections::BTreeMap;

use jangbu::text::normalized;
use jangbu::{
    AccountNumber, Amount, CommandId, Currency, HoldId, Receipt, Refusal,
    holds::HoldReceipt,
    queries::{Movement, MovementKind, MovementStatus, Part, View},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Moment, TransferRequest};
use crate::server::facts::Facts;
use crate::server::http::Problem;

/// The kind of a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TransferKind {
    /// From account to account, verified or not.
    Transfer,
    /// A cash deposit.
    Deposit,
    /// A cash withdrawal.
    Withdrawal,
    /// A sweep to a target balance.
    Sweep,
    /// A reversal of an earlier movement.
    Reversal,
    /// A hold placed at the counter.
    Hold,
    /// A settlement of a hold, to its receiver.
    Settlement,
    /// A release of a hold, to its sender.
    Release,
}

/// The status of a movement. Only a movement that is `posted` moved money: exactly its amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TransferStatus {
    /// The money has moved.
    Posted,
    /// A transfer waits for verification.
    Pending,
    /// A transfer was cancelled while it waited for verification.
    Cancelled,
    /// The verification rejected it.
    Rejected,
    /// A hold waits to be settled or voided.
    Held,
    /// A hold ended, and its receiver got all of it.
    Settled,
    /// A hold ended, and its receiver got part of it.
    PartlySettled,
    /// A hold was voided before its receiver got anything; for a release, the reason.
    Voided,
    /// It expired; for a release, the reason.
    Expired,
    /// The ledger refused it.
    Refused,
}

/// A movement of money. Amounts are in minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Transfer {
    /// The id of the command; a verified transfer keeps the id of its request.
    #[schema(value_type = String, format = Uuid)]
    pub(crate) id: CommandId,
    /// The kind of movement.
    pub(crate) kind: TransferKind,
    /// The status.
    pub(crate) status: TransferStatus,
    /// Whether it waits, or waited, for its verification.
    pub(crate) requires_verification: bool,
    /// The sender; for a deposit, the bank's cash account.
    #[schema(value_type = Option<String>)]
    pub(crate) from: Option<AccountNumber>,
    /// The receiver; for a withdrawal, the bank's cash account.
    #[schema(value_type = Option<String>)]
    pub(crate) to: Option<AccountNumber>,
    /// What the receiver got, or can get.
    pub(crate) amount: u64,
    /// The bank's fee; null for the receiver.
    pub(crate) fee: Option<u64>,
    /// Amount and fee together; null for the receiver.
    pub(crate) total: Option<u64>,
    /// The currency.
    #[schema(value_type = Option<String>)]
    pub(crate) currency: Option<Currency>,
    /// The number of decimals of the currency.
    pub(crate) scale: Option<u8>,
    /// The sender's label; null for the receiver.
    pub(crate) sender_label: Option<String>,
    /// The receiver's label; null for the sender.
    pub(crate) receiver_label: Option<String>,
    /// The reference for both sides.
    pub(crate) reference: String,
    /// The sender's own reference for the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_to_end_id: Option<String>,
    /// The sender's key-value pairs for programs; null for the receiver.
    pub(crate) metadata: Option<BTreeMap<String, String>>,
    /// The business date on which it counts.
    #[schema(format = Date)]
    pub(crate) date: String,
    /// When it was recorded; for a verified transfer, when it was requested.
    pub(crate) created_at: Moment,
    /// When a hold, or the verification of a transfer, ended. Lists show the transfer at this time.
    pub(crate) ended_at: Option<Moment>,
    /// From when on a hold can no longer be settled; only in answers about a single hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<Moment>,
    /// What the receiver has got from a hold or verified transfer.
    pub(crate) captured: u64,
    /// What the receiver can still get from a hold or verified transfer.
    pub(crate) remaining: u64,
    /// Why a hold was released or a transfer rejected, as given to the sender; null for the receiver.
    pub(crate) customer_text: Option<String>,
    /// Why a hold was released or a transfer rejected, as noted by staff or the verifier; for staff only.
    pub(crate) reason: Option<String>,
    /// Why the ledger refused it; for the sender.
    pub(crate) refusal: Option<Refused>,
    /// The hold of a settlement or release. For a hold placed by linked steps: its own id, by which it is settled and
    /// voided, which is the command's id followed by a dot and the step number.
    #[schema(value_type = Option<String>)]
    pub(crate) hold: Option<HoldId>,
    /// The settlement that moved the money of a verified transfer; reversals and statements name it. In the answer to a
    /// settlement, that settlement.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub(crate) settlement: Option<CommandId>,
    /// The movement that a reversal reverses.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub(crate) original: Option<CommandId>,
    /// Which of several linked movements a reversal reverses, counted from 0.
    pub(crate) original_step: Option<u8>,
    /// How much of it has been reversed.
    pub(crate) reversed: u64,
    /// Its latest reversals, at most 20, newest first.
    #[schema(value_type = Vec<String>)]
    pub(crate) reversals: Vec<CommandId>,
    /// Which of several linked movements, counted from 0.
    pub(crate) step: Option<u8>,
    /// How much staff can still reverse; only for staff and only in answers about a single movement. Absent if it can
    /// never be reversed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reversible: Option<u64>,
    /// The member of staff who placed the hold at the counter; for staff only. That member and administrators can
    /// settle and void it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Uuid)]
    pub(crate) placed_by: Option<String>,
    /// The position of its record in the journal.
    pub(crate) position: u64,
}

/// Why the ledger refused.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Refusal)]
pub(crate) struct Refused {
    /// The stable code.
    pub(crate) code: String,
    /// The reason, in words.
    pub(crate) detail: String,
    /// The figures that explain it.
    #[schema(value_type = Object)]
    pub(crate) figures: Map<String, Value>,
}

impl Refused {
    /// A refusal, as the API shows it.
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
    /// Makes the answer for a movement, in the currency of its accounts; `None` if it may not be seen at all.
    pub(crate) fn of(movement: Movement, money: Option<(Currency, u8)>, view: View) -> Option<Transfer> {
        let movement = movement.seen_by(view)?;
        let is_linked_hold = movement.kind == MovementKind::Hold && movement.step.is_some();
        let hold = is_linked_hold.then(|| movement.as_hold());
        let said = |text: String| (!text.is_empty()).then_some(text);
        let amount = movement.amount.minor_units();
        let details = movement.details;
        let end_to_end_id = details.end_to_end_id().map(str::to_owned);
        let placed_by =
            details.metadata.iter().find(|(key, _)| key == super::PLACED_BY).map(|(_, member)| member.clone());
        let shown = details.metadata.into_iter().filter(|(key, _)| !key.starts_with(super::RESERVED));
        Some(Transfer {
            id: movement.id,
            kind: told_kind(movement.kind),
            status: TransferStatus::of(movement.status),
            requires_verification: movement.requires_verification,
            from: movement.from,
            to: movement.to,
            amount,
            fee: view.sees(Part::Fee).then(|| movement.fee.minor_units()),
            total: view.sees(Part::Fee).then(|| movement.amount.saturating_add(movement.fee).minor_units()),
            currency: money.map(|(currency, _)| currency),
            scale: money.map(|(_, scale)| scale),
            sender_label: view.sees(Part::SenderLabel).then_some(details.sender_label),
            receiver_label: view.sees(Part::ReceiverLabel).then_some(details.receiver_label),
            reference: details.reference,
            end_to_end_id,
            metadata: view.sees(Part::Metadata).then(|| shown.collect()),
            date: movement.date.to_string(),
            created_at: Moment(movement.asked_at.unwrap_or(movement.recorded_at)),
            ended_at: movement.ended_at.map(Moment),
            expires_at: None,
            captured: movement.captured.minor_units(),
            remaining: if movement.status.is_open() {
                amount.saturating_sub(movement.captured.minor_units())
            } else {
                0
            },
            customer_text: said(movement.customer_text),
            reason: said(movement.reason),
            refusal: movement.refusal.map(Refused::of),
            hold: movement.hold.or(hold),
            settlement: movement.settlement,
            original: movement.original,
            original_step: movement.original_step,
            reversed: movement.reversed.minor_units(),
            reversals: movement.reversals,
            step: movement.step,
            reversible: None,
            placed_by: placed_by.filter(|_| view.sees(Part::Staffwork)),
            position: movement.position.get(),
        })
    }

    /// Makes the answer for a transfer that was just posted, for its sender.
    pub(crate) fn posted(request: TransferRequest, receipt: &Receipt, facts: &Facts) -> Transfer {
        let mut transfer = Transfer::requested(request, facts);
        (transfer.id, transfer.position) = (receipt.id, receipt.position.get());
        transfer.costs(receipt.amount, receipt.fee);
        transfer.date = receipt.date.to_string();
        transfer.created_at = Moment(receipt.recorded_at);
        transfer
    }

    /// Makes the answer for a transfer that was just accepted and waits for verification, for its sender.
    pub(crate) fn pending(request: TransferRequest, receipt: &HoldReceipt, facts: &Facts) -> Transfer {
        let mut transfer = Transfer::requested(request, facts);
        (transfer.status, transfer.requires_verification) = (TransferStatus::Pending, true);
        (transfer.id, transfer.position) = (receipt.id, receipt.position.get());
        transfer.costs(receipt.amount, receipt.fee);
        transfer.remaining = transfer.amount;
        transfer.date = receipt.date.to_string();
        transfer.created_at = Moment(receipt.recorded_at);
        transfer
    }

    fn costs(&mut self, amount: Amount, fee: Amount) {
        self.amount = amount.minor_units();
        (self.fee, self.total) = (Some(fee.minor_units()), Some(amount.saturating_add(fee).minor_units()));
    }

    fn requested(request: TransferRequest, facts: &Facts) -> Transfer {
        // As the bank stores them.
        let kept = |text: Option<String>| normalized(&text.unwrap_or_default()).into_owned();
        Transfer {
            id: CommandId::new(uuid::Uuid::nil()),
            kind: TransferKind::Transfer,
            status: TransferStatus::Posted,
            requires_verification: false,
            from: Some(request.from),
            to: Some(request.to),
            amount: 0,
            fee: None,
            total: None,
            currency: Some(facts.currency),
            scale: Some(facts.scale),
            sender_label: Some(kept(request.sender_label)),
            receiver_label: None,
            reference: kept(request.reference),
            end_to_end_id: request.end_to_end_id.filter(|id| !id.is_empty()).map(|id| kept(Some(id))),
            metadata: Some(request.metadata.unwrap_or_default()),
            date: String::new(),
            created_at: Moment(jangbu::Timestamp::from_ns(0)),
            ended_at: None,
            expires_at: None,
            captured: 0,
            remaining: 0,
            customer_text: None,
            reason: None,
            refusal: None,
            hold: None,
            settlement: None,
            original: None,
            original_step: None,
            reversed: 0,
            reversals: Vec::new(),
            step: None,
            reversible: None,
            placed_by: None,
            position: 0,
        }
    }
}

const fn told_kind(kind: MovementKind) -> TransferKind {
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

impl TransferKind {
    /// Returns the kind as the bank has it.
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
    /// Returns the status of a movement or a hold.
    pub(crate) const fn of(status: MovementStatus) -> TransferStatus {
        match status {
            MovementStatus::Pending => TransferStatus::Pending,
            MovementStatus::Cancelled => TransferStatus::Cancelled,
            MovementStatus::Rejected => TransferStatus::Rejected,
            MovementStatus::Held => TransferStatus::Held,
            MovementStatus::Settled => TransferStatus::Settled,
            MovementStatus::PartlySettled => TransferStatus::PartlySettled,
            MovementStatus::Voided => TransferStatus::Voided,
            MovementStatus::Expired => TransferStatus::Expired,
            MovementStatus::Refused => TransferStatus::Refused,
            _ => TransferStatus::Posted,
        }
    }

    /// Returns the status as the bank has it.
    pub(crate) const fn of_bank(self) -> MovementStatus {
        match self {
            TransferStatus::Posted => MovementStatus::Posted,
            TransferStatus::Pending => MovementStatus::Pending,
            TransferStatus::Cancelled => MovementStatus::Cancelled,
            TransferStatus::Rejected => MovementStatus::Rejected,
            TransferStatus::Held => MovementStatus::Held,
            TransferStatus::Settled => MovementStatus::Settled,
            TransferStatus::PartlySettled => MovementStatus::PartlySettled,
            TransferStatus::Voided => MovementStatus::Voided,
            TransferStatus::Expired => MovementStatus::Expired,
            TransferStatus::Refused => MovementStatus::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// The examples of a type of the library, every variant among them.
    fn each<T: serde::de::DeserializeOwned>(golden: &str) -> Vec<T> {
        let examples: Vec<Value> = serde_json::from_str(golden).unwrap();
        examples.into_iter().map(|example| serde_json::from_value(example["form"].clone()).unwrap()).collect()
    }

    /// A kind or status that the API does not know would be told as another one: a movement that moved nothing as `posted`.
    #[test]
    fn every_kind_and_status_of_the_bank_has_its_own_word_in_the_api() {
        let text = |value: Value| value.as_str().unwrap().to_owned();
        let statuses = each::<MovementStatus>(include_str!("../../../tests/forms/golden/queries.MovementStatus.json"));
        for status in &statuses {
            let told = TransferStatus::of(*status);
            assert_eq!(told.of_bank(), *status);
            assert_eq!(text(serde_json::to_value(told).unwrap()), status.to_string());
        }
        let kinds = each::<MovementKind>(include_str!("../../../tests/forms/golden/queries.MovementKind.json"));
        for kind in &kinds {
            assert_eq!(told_kind(*kind).of_bank(), *kind);
            assert_eq!(serde_json::to_value(told_kind(*kind)).unwrap(), serde_json::to_value(kind).unwrap());
        }
        assert_eq!((statuses.len(), kinds.len()), (10, 8));
    }
}
