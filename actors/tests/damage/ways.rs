//! The ways in which a file can be damaged.

use std::collections::BTreeSet;

/// The unit of a file that a disk writes completely or not at all, and may confuse with another.
const SECTOR_BYTES: usize = 512;

/// One way to damage a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// A flipped bit.
    Flip(usize),
    /// A file truncated after this many bytes.
    Truncate(usize),
    /// Two swapped sectors.
    Swap(usize, usize),
}

impl Way {
    /// Returns the damaged file; `None` if the damage changes nothing.
    pub(crate) fn applied(self, file: &[u8]) -> Option<Vec<u8>> {
        let mut bytes = file.to_vec();
        match self {
            Way::Flip(bit) => *bytes.get_mut(bit / 8)? ^= 1 << (bit % 8),
            Way::Truncate(size) => bytes.truncate(size),
            Way::Swap(one, other) => {
                for at in 0..SECTOR_BYTES {
                    bytes.swap(one * SECTOR_BYTES + at, other * SECTOR_BYTES + at);
                }
            }
        }
        (bytes != file).then_some(bytes)
    }
}

/// Returns every way to damage a file.
pub(crate) fn all(file: &[u8]) -> impl Iterator<Item = Way> + use<> {
    let (size, sectors) = (file.len(), file.len() / SECTOR_BYTES);
    let swaps = (0..sectors).flat_map(move |one| (one + 1..sectors).map(move |other| Way::Swap(one, other)));
    (0..size * 8).map(Way::Flip).chain((0..size).map(Way::Truncate)).chain(swaps)
}

/// Returns a sample by a seed: mostly in written parts, and near their end.
pub(crate) fn some(file: &[u8], seed: u64, count: usize) -> Vec<Way> {
    let mut dice = Dice(seed | 1);
    let written = file.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let (sectors, near) = (file.len() / SECTOR_BYTES, written.min(2 * SECTOR_BYTES));
    let way = |_| match dice.below(10) {
        0..3 => Way::Flip(dice.below(written.max(1) * 8)),
        3..6 => Way::Flip((written - near) * 8 + dice.below(near.max(1) * 8)),
        6 => Way::Flip(dice.below(file.len().max(1) * 8)),
        7 => Way::Truncate(dice.below(file.len())),
        8 => Way::Truncate(written.saturating_sub(dice.below(near.max(1)))),
        _ => Way::Swap(dice.below(sectors), dice.below(sectors)),
    };
    let ways: Vec<Way> = (0..count).map(way).collect();
    ways.into_iter().filter(|way| !matches!(way, Way::Swap(one, other) if one == other || sectors < 2)).collect()
}

/// Pseudo-random numbers by a seed: xorshift64*.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// Returns a number below `bound`; 0 for a bound of 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16;
        usize::try_from(drawn.checked_rem(bound as u64).unwrap_or(0)).unwrap()
    }
}

#[test]
fn the_list_of_ways_is_complete() {
    let file = [7u8; 3 * SECTOR_BYTES];
    let all: Vec<Way> = all(&file).collect();
    assert_eq!(all.len(), file.len() * 8 + file.len() + 3);
    // Equal sectors can be swapped.
    assert!(all.iter().all(|way| way.applied(&file).is_some() != matches!(way, Way::Swap(..))));
}

#[test]
fn a_sample_has_every_kind_of_way() {
    let mut file = vec![7u8; 4 * SECTOR_BYTES];
    file.resize(8 * SECTOR_BYTES, 0);
    let some = some(&file, 1, 200);
    let kinds: BTreeSet<u8> = some
        .iter()
        .map(|way| match way {
            Way::Flip(_) => 0,
            Way::Truncate(_) => 1,
            Way::Swap(..) => 2,
        })
        .collect();
    assert_eq!(kinds.len(), 3);
    assert!(some.iter().all(|way| way.applied(&file).is_some() || matches!(way, Way::Swap(..) | Way::Truncate(_))));
}
