//! Random numbers from a seed, for disks that fail and simulations: whoever knows the seed knows them all.

/// A small generator of random numbers (SplitMix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// A generator that begins with `seed`.
    pub const fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// The next number, of the whole range.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Whether a coin shows heads.
    pub const fn heads(&mut self) -> bool {
        self.next() & 1 == 1
    }

    /// A number from 0 up to and without `bound`; 0 for a bound of 0.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or(0)
    }

    /// Whether what happens once in so many times happens now.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// Another generator, which goes its own way from here.
    pub const fn branch(&mut self) -> Dice {
        Dice(self.next())
    }
}
