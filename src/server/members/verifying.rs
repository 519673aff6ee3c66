//! Whether a key file is that of the members whose records are beside it: for a backup that nobody opens.

use std::path::Path;

use jangbu::ApplicationRecord;

use super::keys::Keys;
use super::stored::{self, Stored, StoredMember};
use super::{MemberId, MembersError};

/// The kind of the application records that [`verify_keys`] wants.
pub(crate) const MEMBER_RECORDS: &str = StoredMember::KIND;

/// What is in a key file that has every key it has to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeysFound {
    /// Keys of members.
    pub(crate) keys: usize,
    /// Marks of keys that were destroyed.
    pub(crate) erased: usize,
}

/// Opens what each member's record has sealed with the keys, which are in the file `path`. `None` when there are neither
/// keys nor members.
///
/// # Errors
/// [`MembersError::KeysMissing`] for keys that are not there or another bank's.
pub(crate) fn verify_keys(
    keys: Option<&Keys>,
    path: &Path,
    members: &[ApplicationRecord],
) -> Result<Option<KeysFound>, MembersError> {
    let is_locked = |member: MemberId, record: &ApplicationRecord| {
        let is_erased = stored::open_part::<StoredMember>(record).is_some_and(|open| open.erased_at.is_some());
        let opens = |keys: &Keys| stored::sealed_part::<StoredMember>(keys, member, record).is_ok();
        !is_erased && !keys.is_some_and(opens)
    };
    let named = members.iter().filter_map(|record| Some((record.key.parse().ok()?, record)));
    let locked: Vec<MemberId> =
        named.filter(|(member, record)| is_locked(*member, record)).map(|(member, _)| member).collect();
    if let Some(&first) = locked.first() {
        return Err(MembersError::KeysMissing { count: locked.len(), first, path: path.to_path_buf() });
    }
    Ok(keys.map(|keys| {
        let (keys, erased) = keys.count();
        KeysFound { keys, erased }
    }))
}
