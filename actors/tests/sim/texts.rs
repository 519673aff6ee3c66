//! The clients' texts: anything from empty to the limits.

use jangbu_actors::ledger::{Details, MAX_LABEL_CHARS, MAX_METADATA_PAIRS, MAX_REFERENCE_CHARS};
use jangbu_sim::World;

/// The maximum size of a key and of a value of metadata in bytes, by the documentation of [`Details`].
pub(crate) const METADATA_KEY_BYTES: usize = 40;
pub(crate) const METADATA_VALUE_BYTES: usize = 200;

/// Occasionally all texts are at their limits.
pub(crate) fn details(world: &World) -> Option<Box<Details>> {
    match world.below(24) {
        0 => Some(Box::new(largest())),
        1..=5 => {
            let text = |most: u64| "x".repeat(usize::try_from(world.below(most)).unwrap());
            let pairs = world.below(3);
            Some(Box::new(Details {
                sender_label: text(4),
                receiver_label: text(4),
                reference: text(20),
                metadata: (0..pairs).map(|n| (format!("{n}{}", text(3)), text(5))).collect(),
            }))
        }
        _ => None,
    }
}

/// Returns details at every limit, with multi-byte characters where characters are counted.
pub(crate) fn largest() -> Details {
    let pair = |n: usize| (format!("{n:0METADATA_KEY_BYTES$}"), "v".repeat(METADATA_VALUE_BYTES));
    Details {
        sender_label: "집".repeat(MAX_LABEL_CHARS),
        receiver_label: "세".repeat(MAX_LABEL_CHARS),
        reference: "훈".repeat(MAX_REFERENCE_CHARS),
        metadata: (0..MAX_METADATA_PAIRS).map(pair).collect(),
    }
}
