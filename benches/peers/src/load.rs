//! The transfers that every system runs.

/// What every account has at first: no transfer of a run is refused.
pub(crate) const DEPOSIT: i64 = 1_000_000_000;
/// The largest amount of a transfer.
pub(crate) const MAX_AMOUNT: u64 = 100;
/// Any number but zero.
const SEED: u64 = 88_172_645_463_325_252;

/// A transfer between two different accounts, which are numbered from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transfer {
    pub(crate) id: i64,
    pub(crate) debit: i64,
    pub(crate) credit: i64,
    pub(crate) amount: i64,
}

/// Draws transfers, spread evenly over the accounts. The same sequence each time.
pub(crate) fn transfers(accounts: u32) -> impl Iterator<Item = Transfer> {
    let accounts = u64::from(accounts);
    let mut state = SEED;
    // Marsaglia's xorshift64, as `jangbu bench` draws.
    let mut below = move |bound: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % bound).cast_signed()
    };
    (1..).map(move |id| {
        let (debit, mut credit) = (below(accounts), below(accounts));
        if debit == credit {
            credit = debit.saturating_add(1) % accounts.cast_signed();
        }
        let amount = below(MAX_AMOUNT);
        Transfer {
            id,
            debit: debit.saturating_add(1),
            credit: credit.saturating_add(1),
            amount: amount.saturating_add(1),
        }
    })
}
