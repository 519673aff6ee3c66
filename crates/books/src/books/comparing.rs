//! Compares the stored state with a replay from zero, row by row in key order, and reports the first difference.

use super::places::MILESTONE_EVERY;
use super::state::Books;
use super::store::StoreError;
use jangbu_ledger::{Account, AccountId, Hold, Position};

/// A difference between the stored state and the replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// The row is missing.
    Missing,
    /// There is a row that should not exist.
    Extra,
    /// The value differs.
    Other,
}

/// Compares rows in key order. `wrong` describes a difference, given the right value and the one found.
pub(super) fn compare_rows<K: Ord, V: PartialEq>(
    right: impl Iterator<Item = Result<(K, V), StoreError>>,
    found: impl Iterator<Item = Result<(K, V), StoreError>>,
    wrong: impl Fn(&K, Difference, Option<&V>, Option<&V>) -> String,
) -> Result<(), String> {
    let text = |error: StoreError| error.to_string();
    let (mut right, mut found) = (right, found);
    loop {
        let (expected, stored) = (right.next().transpose().map_err(text)?, found.next().transpose().map_err(text)?);
        let ((key, difference), (expected, stored)) = match (&expected, &stored) {
            (None, None) => return Ok(()),
            (Some((key, value)), None) => ((key, Difference::Missing), (Some(value), None)),
            (None, Some((key, value))) => ((key, Difference::Extra), (None, Some(value))),
            (Some((key, value)), Some((at, other))) if key < at => {
                ((key, Difference::Missing), (Some(value), Some(other)))
            }
            (Some((key, value)), Some((at, other))) if key > at => {
                ((at, Difference::Extra), (Some(value), Some(other)))
            }
            (Some((_, value)), Some((_, other))) if value == other => continue,
            (Some((key, value)), Some((_, other))) => ((key, Difference::Other), (Some(value), Some(other))),
        };
        return Err(wrong(key, difference, expected, stored));
    }
}

/// Compares all rows of the store except schedules.
pub(super) fn compare_books(from_zero: &Books, stored: &Books, archived: Position) -> Result<(), String> {
    compare_rows(from_zero.every_account(), stored.every_account(), |id, difference, right, found| {
        wrong_account(*id, difference, right.map(AsRef::as_ref), found.map(AsRef::as_ref))
    })?;
    compare_rows(from_zero.every_open_hold(), stored.every_open_hold(), |(id, _), difference, right, found| {
        let hold: Option<&Hold> = right.or(found).map(AsRef::as_ref);
        let hold = hold.map_or(String::new(), |hold| hold.id.to_string());
        match difference {
            Difference::Extra => format!("a hold of account {id} is stored, but the journal has none that is open"),
            Difference::Missing => format!("the stored state does not have the hold {hold} of account {id}"),
            Difference::Other => format!("the stored hold {hold} of account {id} differs from the journal"),
        }
    })?;
    compare_rows(from_zero.every_number(), stored.every_number(), |number, _, _, _| {
        format!("the stored entry of the number {number} differs from the journal")
    })?;
    compare_rows(from_zero.every_owned(), stored.every_owned(), |(owner, id), _, _, _| {
        format!("the stored entry of account {id} of the owner {owner} differs from the journal")
    })?;
    // Archived records need no milestones, and a rebuilt state does not have them.
    let is_kept = |row: &Result<((AccountId, Position), ()), StoreError>| match row {
        Ok(((_, place), ())) => *place > archived,
        Err(_) => true,
    };
    let (right, found) = (from_zero.every_milestone().filter(is_kept), stored.every_milestone().filter(is_kept));
    compare_rows(right, found, |(id, place), _, _, _| {
        format!("the stored milestones of account {id}, one in {MILESTONE_EVERY}, are wrong at position {place}")
    })?;
    compare_rows(from_zero.every_record(), stored.every_record(), |key, difference, _, _| match difference {
        Difference::Extra => {
            format!("the application record {:?} is stored, but is not in the journal", key.key())
        }
        Difference::Missing | Difference::Other => {
            format!("the stored application record {:?} differs from the journal", key.key())
        }
    })
}

fn wrong_account(id: AccountId, difference: Difference, right: Option<&Account>, found: Option<&Account>) -> String {
    let describe = |account: &Account| format!("at {} after position {}", account.posted, account.last);
    match (difference, right, found) {
        (Difference::Other, Some(right), Some(found)) => format!(
            "the stored account {} is {}, but a replay from zero gives {}",
            right.number,
            describe(found),
            describe(right)
        ),
        (Difference::Missing, Some(right), _) => {
            let number = right.number;
            format!("the stored account {number} is missing, but a replay from zero gives {}", describe(right))
        }
        _ => format!("account {id} is stored, but is not in the journal"),
    }
}
