//! How often each account takes part.

/// The distribution of transfers over the accounts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Skew {
    /// All equally often.
    Uniform,
    /// The n-th busiest one n times less often than the busiest.
    Zipf,
    /// One account receives everything.
    Hot,
}

impl Skew {
    /// All distributions, with the names in the reports.
    pub(crate) const ALL: [(&'static str, Skew); 3] =
        [("uniform", Skew::Uniform), ("zipf", Skew::Zipf), ("hot", Skew::Hot)];

    /// Draws `count` pairs of different accounts, always the same ones. They are drawn in advance, so that drawing is
    /// not measured.
    pub(crate) fn pairs(self, accounts: usize, count: usize) -> Vec<(usize, usize)> {
        let mut random = 88_172_645_463_325_252u64;
        // For each account, the cumulative weight up to it.
        let mut sum = 0u64;
        let sums: Vec<u64> = (1..=accounts as u64)
            .map(|rank| {
                sum += if matches!(self, Skew::Zipf) { (1 << 32) / rank } else { 1 };
                sum
            })
            .collect();
        let mut draw = || {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            sums.partition_point(|up_to| *up_to <= random % sum)
        };
        let pair = |_| {
            let from = draw();
            let to = if matches!(self, Skew::Hot) { 0 } else { draw() };
            (if from == to { (from + 1) % accounts } else { from }, to)
        };
        (0..count).map(pair).collect()
    }
}
