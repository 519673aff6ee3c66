//! The layout of the stored state: one tree, a prefix byte per kind, and keys that sort naturally.

use super::store::StoreError;
use jangbu_ledger::{AccountId, AccountNumber, CommandId, HoldPosition, OwnerId, Position, RecordPut, TypeCode};

/// Accounts by id.
pub(super) const ACCOUNT: u8 = b'a';
/// Open holds, by the account that pays, the position of the hold's record, and the step if linked steps placed it.
pub(super) const HOLD: u8 = b'h';
/// One in every so many records of an account, by account and position.
pub(super) const MILESTONE: u8 = b'k';
/// Accounts by owner.
pub(super) const OWNED: u8 = b'w';
/// Account ids by number.
pub(super) const NUMBER: u8 = b'n';
/// Account numbers by their plain form, if it differs from the number.
pub(super) const PLAIN_FORM: u8 = b'p';
/// The mark that every stored number is indexed by its plain form.
pub(super) const PLAIN_FORMS: &[u8] = b"q";
/// Owners' own numbers of free transfers.
pub(super) const OWNER: u8 = b'o';
/// Account types.
pub(super) const TYPE: u8 = b't';
/// Currencies.
pub(super) const CURRENCY: u8 = b'c';
/// Application records.
pub(super) const RECORD: u8 = b'r';
/// Active and paused schedules, by id.
pub(super) const SCHEDULE: u8 = b's';
/// Schedules that have ended, by id.
pub(super) const ENDED_SCHEDULE: u8 = b'e';
/// What was fixed when the bank was created.
pub(super) const BANK: &[u8] = b"b";
/// The identity of the bank, and the position from which to replay.
pub(super) const MARK: &[u8] = b"m";
/// The sums of all balances, by currency.
pub(super) const TOTALS: u8 = b'u';
/// The last record that any of the stored state can include.
pub(super) const REACH: &[u8] = b"z";

pub(super) fn account(id: AccountId) -> Vec<u8> {
    // Big-endian, so that ids sort as numbers.
    prefixed(ACCOUNT, &id.get().to_be_bytes())
}

/// Returns the id in an account's key.
pub(super) fn account_of(key: &[u8]) -> Result<AccountId, StoreError> {
    number_at(key, 1).map(AccountId::new)
}

/// Returns the prefix of the keys of an account's open holds.
pub(super) fn holds_of(account: AccountId) -> Vec<u8> {
    prefixed(HOLD, &account.get().to_be_bytes())
}

pub(super) fn hold(account: AccountId, HoldPosition { position, step }: HoldPosition) -> Vec<u8> {
    let mut key = holds_of(account);
    key.extend_from_slice(&position.get().to_be_bytes());
    key.extend(step);
    key
}

/// Returns the account in a hold's key.
pub(super) fn hold_account(key: &[u8]) -> Result<AccountId, StoreError> {
    number_at(key, 1).map(AccountId::new)
}

/// Returns the position and step in a hold's key.
pub(super) fn hold_place(key: &[u8]) -> Result<HoldPosition, StoreError> {
    let position = number_at(key, 9).map(Position::new)?;
    match key.get(17..) {
        None | Some([]) => Ok(HoldPosition { position, step: None }),
        Some([step]) => Ok(HoldPosition { position, step: Some(*step) }),
        Some(_) => Err(StoreError::Damaged("the key of a stored hold is too long".into())),
    }
}

/// Returns the prefix of the keys of an account's milestones.
pub(super) fn milestones_of(account: AccountId) -> Vec<u8> {
    prefixed(MILESTONE, &account.get().to_be_bytes())
}

pub(super) fn milestone(account: AccountId, place: Position) -> Vec<u8> {
    let mut key = milestones_of(account);
    key.extend_from_slice(&place.get().to_be_bytes());
    key
}

/// Returns the account in a milestone's key.
pub(super) fn milestone_account(key: &[u8]) -> Result<AccountId, StoreError> {
    number_at(key, 1).map(AccountId::new)
}

/// Returns the position in a milestone's key.
pub(super) fn milestone_place(key: &[u8]) -> Result<Position, StoreError> {
    number_at(key, 9).map(Position::new)
}

/// Returns the prefix of the keys of an owner's accounts. An owner id contains no NUL, so no two owners share a prefix.
pub(super) fn owned_by(owner: &OwnerId) -> Vec<u8> {
    let mut key = prefixed(OWNED, owner.as_str().as_bytes());
    key.push(0);
    key
}

pub(super) fn owned(owner: &OwnerId, account: AccountId) -> Vec<u8> {
    let mut key = owned_by(owner);
    key.extend_from_slice(&account.get().to_be_bytes());
    key
}

/// Returns the account in the key of an owner's account.
pub(super) fn owned_account(key: &[u8]) -> Result<AccountId, StoreError> {
    let bytes = key.last_chunk().ok_or_else(|| StoreError::Damaged("an owner's key is too short".into()))?;
    Ok(AccountId::new(u64::from_be_bytes(*bytes)))
}

/// Returns the owner in the key of an owner's account.
pub(super) fn owned_owner(key: &[u8]) -> Result<OwnerId, StoreError> {
    let end = key.len().saturating_sub(size_of::<u64>().saturating_add(1));
    let text = String::from_utf8_lossy(key.get(1..end).unwrap_or_default());
    OwnerId::new(&text).map_err(|error| StoreError::Damaged(error.to_string()))
}

fn number_at(key: &[u8], at: usize) -> Result<u64, StoreError> {
    let bytes = key.get(at..).and_then(|rest| rest.first_chunk());
    bytes.map(|bytes| u64::from_be_bytes(*bytes)).ok_or_else(|| StoreError::Damaged("a key is too short".into()))
}

pub(super) fn number(number: &AccountNumber) -> Vec<u8> {
    prefixed(NUMBER, number.as_str().as_bytes())
}

/// Returns the number in a number's key.
pub(super) fn number_of(key: &[u8]) -> Result<AccountNumber, StoreError> {
    let text = String::from_utf8_lossy(key.get(1..).unwrap_or_default());
    AccountNumber::new(&text).map_err(|error| StoreError::Damaged(error.to_string()))
}

/// Returns the prefix of the keys of numbers with that plain form. A number contains no NUL, so no two forms share a
/// prefix.
pub(super) fn plain_forms(plain: &AccountNumber) -> Vec<u8> {
    let mut key = prefixed(PLAIN_FORM, plain.as_str().as_bytes());
    key.push(0);
    key
}

pub(super) fn plain_form(plain: &AccountNumber, number: &AccountNumber) -> Vec<u8> {
    let mut key = plain_forms(plain);
    key.extend_from_slice(number.as_str().as_bytes());
    key
}

/// Returns the number in the key of a plain form.
pub(super) fn of_plain_form(key: &[u8]) -> Result<AccountNumber, StoreError> {
    let number = key.rsplit(|byte| *byte == 0).next().unwrap_or_default();
    let text = String::from_utf8_lossy(number);
    AccountNumber::new(&text).map_err(|error| StoreError::Damaged(error.to_string()))
}

pub(super) fn owner(owner: &OwnerId) -> Vec<u8> {
    prefixed(OWNER, owner.as_str().as_bytes())
}

pub(super) fn account_type(code: &TypeCode) -> Vec<u8> {
    prefixed(TYPE, code.as_str().as_bytes())
}

pub(super) fn currency(code: &str) -> Vec<u8> {
    prefixed(CURRENCY, code.as_bytes())
}

pub(super) fn totals(code: &str) -> Vec<u8> {
    prefixed(TOTALS, code.as_bytes())
}

pub(super) fn schedule(prefix: u8, id: CommandId) -> Vec<u8> {
    prefixed(prefix, &id.as_u128().to_be_bytes())
}

/// Returns the id in a schedule's key.
pub(super) fn schedule_of(key: &[u8]) -> Result<CommandId, StoreError> {
    let bytes = key.get(1..).and_then(|bytes| bytes.try_into().ok());
    let bytes = bytes.ok_or_else(|| StoreError::Damaged("the key of a stored schedule is no id".into()))?;
    Ok(CommandId::new(uuid::Uuid::from_bytes(bytes)))
}

pub(super) fn prefixed(prefix: u8, rest: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(rest.len().saturating_add(1));
    key.push(prefix);
    key.extend_from_slice(rest);
    key
}

/// The key of an application record: kind, a NUL byte, key. A kind contains no NUL, so no two records share a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey(Vec<u8>);

impl RecordKey {
    /// The key of the application record of that kind and key.
    pub fn new(kind: &str, key: &str) -> RecordKey {
        let mut bytes = Vec::with_capacity(kind.len().saturating_add(key.len()).saturating_add(2));
        bytes.push(RECORD);
        bytes.extend_from_slice(kind.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(key.as_bytes());
        RecordKey(bytes)
    }

    /// The key of the record that `put` writes or deletes.
    pub fn of(put: &RecordPut) -> RecordKey {
        RecordKey::new(&put.kind, &put.key)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> RecordKey {
        RecordKey(bytes.to_vec())
    }

    /// The key within the kind.
    pub(super) fn key(&self) -> String {
        let place = self.0.iter().position(|byte| *byte == 0).map_or(self.0.len(), |nul| nul.saturating_add(1));
        String::from_utf8_lossy(self.0.get(place..).unwrap_or_default()).into_owned()
    }
}
