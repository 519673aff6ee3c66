//! Checks whether a key file belongs to the members whose records are beside it: for a backup that is not opened.

use std::path::Path;

use jangbu::records::ApplicationRecord;

use super::keys::Keys;
use super::stored::{self, Stored, StoredMember};
use super::{MemberId, MembersOpenError};

/// The kind of the application records that [`verify_keys`] needs.
pub(crate) const MEMBER_RECORDS: &str = StoredMember::KIND;

/// The contents of a complete key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeysFound {
    /// The keys of members.
    pub(crate) keys: usize,
    /// The marks of destroyed keys.
    pub(crate) erased: usize,
}

/// Opens what each member's record has sealed, with the keys from the file `path`. `None` if there are neither keys nor
/// members.
///
/// # Errors
/// [`MembersOpenError::KeysMissing`] for keys that are not there or another bank's.
pub(crate) fn verify_keys(
    keys: Option<&Keys>,
    path: &Path,
    members: &[ApplicationRecord],
) -> Result<Option<KeysFound>, MembersOpenError> {
    let is_locked = |member: MemberId, record: &ApplicationRecord| {
        let is_erased = stored::open_part::<StoredMember>(record).is_some_and(|open| open.erased_at.is_some());
        let opens = |keys: &Keys| stored::sealed_part::<StoredMember>(keys, member, record).is_ok();
        !is_erased && !keys.is_some_and(opens)
    };
    let named = members.iter().filter_map(|record| Some((record.key.parse().ok()?, record)));
    let locked: Vec<MemberId> =
        named.filter(|(member, record)| is_locked(*member, record)).map(|(member, _)| member).collect();
    if let Some(&first) = locked.first() {
        return Err(MembersOpenError::KeysMissing { count: locked.len(), first, path: path.to_path_buf() });
    }
    Ok(keys.map(|keys| {
        let (keys, erased) = keys.count();
        KeysFound { keys, erased }
    }))
}
