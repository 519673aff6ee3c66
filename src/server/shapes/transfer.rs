//! A movement of money, as those who may see it do.

use std::collections::BTreeMap;

use jangbu::text::normalized;
use jangbu::{
    AccountNumber, Amount, CommandId, Currency, HoldId, HoldReceipt, Movement, MovementKind, MovementStatus, Part,
    Receipt, Refusal, View,
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
    /// From account to account, also where it is verified.
    Transfer,
    /// Cash coming in.
    Deposit,
    /// Cash going out.
    Withdrawal,
    /// To bring an account to a target.
    Sweep,
    /// Back from the receiver of an earlier movement.
    Reversal,
    /// Set aside for a receiver at the counter.
    Hold,
    /// From a hold to its receiver.
    Settlement,
    /// From a hold back to its sender.
    Release,
}

/// How a movement stands. Those that are `posted` moved money, each the amount that it says; nothing else did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TransferStatus {
    /// Money moved.
    Posted,
    /// A transfer waits for its verification.
    Pending,
    /// A transfer was cancelled while it waited for its verification.
    Cancelled,
    /// The verification said no.
    Rejected,
    /// A hold waits to be settled or voided.
    Held,
    /// A hold ended, and its receiver got all of it.
    Settled,
    /// A hold ended, and its receiver got a part of it.
    PartlySettled,
    /// A hold was voided before its receiver got anything; of a release, that this is why.
    Voided,
    /// Its time was over; of a release, that this is why.
    Expired,
    /// The ledger said no.
    Refused,
}

/// A movement of money. Amounts are in minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Transfer {
    /// The id of the command that led to it; of a transfer that is verified, from its request on.
    #[schema(value_type = String, format = Uuid)]
    pub(crate) id: CommandId,
    /// What kind of movement.
    pub(crate) kind: TransferKind,
    /// How it stands now.
    pub(crate) status: TransferStatus,
    /// Whether it waits, or waited, for its verification.
    pub(crate) verified: bool,
    /// The sender; the bank's cash for a deposit.
    #[schema(value_type = Option<String>)]
    pub(crate) from: Option<AccountNumber>,
    /// The receiver; the bank's cash for a withdrawal.
    #[schema(value_type = Option<String>)]
    pub(crate) to: Option<AccountNumber>,
    /// What the receiver got, or may get.
    pub(crate) amount: u64,
    /// What the bank takes for it; null for the receiver.
    pub(crate) fee: Option<u64>,
    /// Both together; null for the receiver.
    pub(crate) total: Option<u64>,
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
    /// The sender's pairs for programs; null for the receiver.
    pub(crate) metadata: Option<BTreeMap<String, String>>,
    /// The business date for which it counts.
    #[schema(format = Date)]
    pub(crate) date: String,
    /// When it was recorded; of a transfer that is verified, when it was asked for.
    pub(crate) created_at: Moment,
    /// When a hold ended, or the verification of a transfer. Lists have the transfer there.
    pub(crate) ended_at: Option<Moment>,
    /// From when on a hold can no longer be settled, where one was looked at by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<Moment>,
    /// What its receiver got of a hold, or of a transfer that is verified.
    pub(crate) captured: u64,
    /// What its receiver may still get of a hold, or of a transfer that is verified.
    pub(crate) remaining: u64,
    /// Why a hold was given back or a transfer rejected, as its sender is told; null for the receiver.
    pub(crate) customer_text: Option<String>,
    /// Why a hold was given back or a transfer rejected, as staff or the checker noted; for staff alone.
    pub(crate) reason: Option<String>,
    /// Why the ledger said no, for the sender.
    pub(crate) refusal: Option<Refused>,
    /// The hold that a settlement or release is of; of a hold among linked steps, its own id, by which it is settled and
    /// voided: that of the command, with the number of the step behind a dot.
    #[schema(value_type = Option<String>)]
    pub(crate) hold: Option<HoldId>,
    /// The settlement by which the money of a transfer that was verified moved: reversals and statements name it. Of the
    /// answer to a settlement, that settlement.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub(crate) settlement: Option<CommandId>,
    /// What a reversal takes back.
    #[schema(value_type = Option<String>, format = Uuid)]
    pub(crate) original: Option<CommandId>,
    /// Which of several linked movements a reversal takes back, counted from 0.
    pub(crate) original_step: Option<u8>,
    /// How much of it was taken back by reversals.
    pub(crate) reversed: u64,
    /// The last reversals of it, at most 20, the newest first.
    #[schema(value_type = Vec<String>)]
    pub(crate) reversals: Vec<CommandId>,
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
    /// A movement as it is seen, in the money of its accounts; `None` when it is not seen at all.
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
            verified: movement.verified,
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

    /// A transfer that was just posted, as its sender sees it.
    pub(crate) fn posted(request: TransferRequest, receipt: &Receipt, facts: &Facts) -> Transfer {
        let mut transfer = Transfer::requested(request, facts);
        (transfer.id, transfer.position) = (receipt.id, receipt.position.get());
        transfer.costs(receipt.amount, receipt.fee);
        transfer.date = receipt.date.to_string();
        transfer.created_at = Moment(receipt.recorded_at);
        transfer
    }

    /// A transfer that was just accepted and waits for its verification, as its sender sees it.
    pub(crate) fn pending(request: TransferRequest, receipt: &HoldReceipt, facts: &Facts) -> Transfer {
        let mut transfer = Transfer::requested(request, facts);
        (transfer.status, transfer.verified) = (TransferStatus::Pending, true);
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
        // As the bank keeps them.
        let kept = |text: Option<String>| normalized(&text.unwrap_or_default()).into_owned();
        Transfer {
            id: CommandId::new(uuid::Uuid::nil()),
            kind: TransferKind::Transfer,
            status: TransferStatus::Posted,
            verified: false,
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
    /// The status of a movement or a hold.
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

    /// The status as the bank has it.
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
        let statuses = each::<MovementStatus>(include_str!("../../../tests/forms/golden/MovementStatus.json"));
        for status in &statuses {
            let told = TransferStatus::of(*status);
            assert_eq!(told.of_bank(), *status);
            assert_eq!(text(serde_json::to_value(told).unwrap()), status.to_string());
        }
        let kinds = each::<MovementKind>(include_str!("../../../tests/forms/golden/MovementKind.json"));
        for kind in &kinds {
            assert_eq!(told_kind(*kind).of_bank(), *kind);
            assert_eq!(serde_json::to_value(told_kind(*kind)).unwrap(), serde_json::to_value(kind).unwrap());
        }
        assert_eq!((statuses.len(), kinds.len()), (10, 8));
    }
}
