//! Random numbers, and the choice of accounts.

use super::Distribution;

/// Marsaglia's xorshift64: a few instructions per number, so that the generator does not slow down the benchmark.
#[derive(Clone, Debug)]
pub(super) struct Xorshift(u64);

impl Xorshift {
    /// Creates a generator from `seed`, which must not be zero: zero produces only zeros.
    pub(super) const fn new(seed: u64) -> Xorshift {
        Xorshift(seed)
    }

    /// Returns the next number.
    pub(super) const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Returns the next number, reduced to below `bound`.
    pub(super) const fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Chooses the two accounts of a transfer.
#[derive(Clone, Debug)]
pub(super) struct Pick {
    accounts: u64,
    hot: bool,
    zipf: Option<Alias>,
}

impl Pick {
    /// Creates a chooser among `accounts`, numbered from 0.
    pub(super) fn new(distribution: Distribution, accounts: u32) -> Pick {
        let zipf = (distribution == Distribution::Zipf).then(|| Alias::zipf(accounts));
        Pick { accounts: accounts.into(), hot: distribution == Distribution::Hot, zipf }
    }

    /// Draws a sender and a different receiver.
    pub(super) fn draw(&self, random: &mut Xorshift) -> (usize, usize) {
        let from = self.account(random);
        let to = if self.hot { 0 } else { self.account(random) };
        let from = if from == to { from.saturating_add(1) % self.accounts } else { from };
        (usize::try_from(from).unwrap_or(0), usize::try_from(to).unwrap_or(0))
    }

    fn account(&self, random: &mut Xorshift) -> u64 {
        match &self.zipf {
            Some(zipf) => zipf.draw(random),
            None => random.below(self.accounts),
        }
    }
}

/// Walker's alias method: draws from any distribution in constant time, here with integers only.
///
/// Every column has the same weight: up to `keep` belongs to the column itself, the rest to the column it points to.
#[derive(Clone, Debug)]
struct Alias {
    columns: Vec<Column>,
    weight: u64,
}

#[derive(Clone, Copy, Debug)]
struct Column {
    keep: u64,
    other: u32,
}

impl Alias {
    /// Creates Zipf's distribution with exponent 1: the n-th account has a weight of 1/n.
    fn zipf(accounts: u32) -> Alias {
        let weights: Vec<u64> = (1..=u64::from(accounts)).map(|rank| (1u64 << 32) / rank).collect();
        let weight: u64 = weights.iter().sum();
        let mut columns = Vec::with_capacity(weights.len());
        let (mut light, mut heavy) = (Vec::new(), Vec::new());
        for (at, own) in (0u32..).zip(&weights) {
            // At most 2^32 times 10 million accounts: far below 2^64.
            let keep = own.saturating_mul(accounts.into());
            columns.push(Column { keep, other: at });
            if keep < weight { light.push(at) } else { heavy.push(at) }
        }
        while let (Some(below), Some(above)) = (light.pop(), heavy.last().copied()) {
            let missing = weight.saturating_sub(Self::keep_of(&columns, below));
            if let Some(column) = columns.get_mut(below as usize) {
                column.other = above;
            }
            if let Some(column) = columns.get_mut(above as usize) {
                column.keep = column.keep.saturating_sub(missing);
            }
            if Self::keep_of(&columns, above) < weight {
                heavy.pop();
                light.push(above);
            }
        }
        Alias { columns, weight }
    }

    fn keep_of(columns: &[Column], at: u32) -> u64 {
        columns.get(at as usize).map_or(0, |column| column.keep)
    }

    fn draw(&self, random: &mut Xorshift) -> u64 {
        let at = random.below(self.columns.len() as u64);
        let share = random.below(self.weight);
        match self.columns.get(usize::try_from(at).unwrap_or(0)) {
            Some(column) if share >= column.keep => column.other.into(),
            _ => at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(distribution: Distribution, draws: u32) -> (Vec<u32>, Vec<u32>) {
        let (mut from, mut to) = (vec![0; 10], vec![0; 10]);
        let pick = Pick::new(distribution, 10);
        let mut random = Xorshift::new(88_172_645_463_325_252);
        for _ in 0..draws {
            let (sender, receiver) = pick.draw(&mut random);
            assert_ne!(sender, receiver);
            from[sender] += 1;
            to[receiver] += 1;
        }
        (from, to)
    }

    #[test]
    fn uniform_accounts_take_part_equally() {
        let (from, to) = counts(Distribution::Uniform, 100_000);
        assert!(from.iter().chain(&to).all(|count| (9_000..11_000).contains(count)), "{from:?} {to:?}");
    }

    #[test]
    fn the_hot_account_receives_everything() {
        let (from, to) = counts(Distribution::Hot, 1_000);
        assert_eq!((from[0], to[0]), (0, 1_000));
    }

    #[test]
    fn zipf_makes_the_nth_account_n_times_as_rare() {
        let (_, to) = counts(Distribution::Zipf, 100_000);
        // 1 + 1/2 + … + 1/10 = 2.929: the first account has 34.1 % of the draws.
        for (rank, count) in (1u32..).zip(&to) {
            let expected = 34_142 / rank;
            assert!(count.abs_diff(expected) < expected / 10, "rank {rank}: {count}, not about {expected}");
        }
    }
}
