//! Generates the transfers of a run one batch at a time, and keeps a sample for the audit.

use jangbu::clock::{Clock, SystemClock};
use jangbu::{AccountNumber, Amount, CommandId, Transfer, money::MAX_MINOR_UNITS};
use uuid::Uuid;

use super::Args;
use super::pick::{Pick, Xorshift};
use crate::cli::error::CliError;

/// The number of transfers that the audit looks up.
const SAMPLE: u64 = 1_000;
/// The largest amount of a transfer.
const MAX_AMOUNT: u64 = 100;

/// A generator of transfers.
#[derive(Debug)]
pub(super) struct Load {
    accounts: Vec<AccountNumber>,
    amounts: Vec<Amount>,
    deposit: Amount,
    random: Xorshift,
    pick: Pick,
    ids: Ids,
    left: u64,
    sample_every: u64,
    sample: Vec<Transfer>,
}

impl Load {
    /// Prepares the load that the arguments describe.
    pub(super) fn new(args: &Args) -> Result<Load, CliError> {
        let bug = |error: &dyn std::fmt::Display| CliError::Machine(error.to_string());
        let accounts = (0..args.active()).map(|at| AccountNumber::new(&format!("B{at:07}")));
        let amounts = (1..=MAX_AMOUNT).map(Amount::new);
        // All initial deposits, and one minor unit per account to wake it, must stay within the limit of the bank's
        // cash account.
        let deposit = Amount::new((1u64 << 40).min(MAX_MINOR_UNITS / u64::from(args.accounts)).saturating_sub(1));
        Ok(Load {
            accounts: accounts.collect::<Result<_, _>>().map_err(|error| bug(&error))?,
            amounts: amounts.collect::<Result<_, _>>().map_err(|error| bug(&error))?,
            deposit: deposit.map_err(|error| bug(&error))?,
            random: Xorshift::new(args.seed),
            pick: Pick::new(args.distribution, args.active()),
            ids: Ids::new(args.seed),
            left: args.transfers,
            sample_every: (args.transfers / SAMPLE).max(1),
            sample: Vec::new(),
        })
    }

    /// Returns the accounts among which money moves.
    pub(super) fn accounts(&self) -> &[AccountNumber] {
        &self.accounts
    }

    /// Returns the initial balance of every account, which is enough for all transfers.
    pub(super) const fn deposit(&self) -> Amount {
        self.deposit
    }

    /// Reads the clock for ids made outside a batch.
    pub(super) fn read_clock(&mut self) {
        self.ids.read_clock();
    }

    /// Returns a new id with the time of the last clock reading.
    pub(super) fn id(&mut self) -> CommandId {
        self.ids.next()
    }

    /// Returns a sample of the generated transfers, spread over the run.
    pub(super) fn sample(&self) -> &[Transfer] {
        &self.sample
    }

    /// Starts a batch of up to `size` transfers, fewer at the end of the run; `None` after the last one.
    pub(super) fn batch(&mut self, size: u32) -> Option<impl ExactSizeIterator<Item = Transfer>> {
        // At most `size`, which has 32 bits.
        let size = u32::try_from(self.left.min(size.into())).unwrap_or(size);
        if size == 0 {
            return None;
        }
        self.ids.read_clock();
        Some((0..size).map(|_| self.transfer()))
    }

    fn transfer(&mut self) -> Transfer {
        let (from, to) = self.pick.draw(&mut self.random);
        let amount = self.random.below(MAX_AMOUNT);
        let (from, to) = (self.accounts.get(from), self.accounts.get(to));
        let amount = usize::try_from(amount).ok().and_then(|at| self.amounts.get(at));
        let (Some(&from), Some(&to), Some(&amount)) = (from, to, amount) else {
            unreachable!("draws are below the number of accounts and amounts")
        };
        let transfer =
            Transfer { id: self.ids.next(), from, to, amount, at_most: false, most_fee: None, details: None };
        if self.left.is_multiple_of(self.sample_every) {
            self.sample.push(transfer.clone());
        }
        self.left = self.left.saturating_sub(1);
        transfer
    }
}

/// Makes ids of version 7 as many concurrent clients would, with one clock reading per batch.
///
/// Within a millisecond they are unordered. The lowest 40 bits are a counter, so ids are unique.
#[derive(Debug)]
struct Ids {
    ms: u128,
    count: u64,
    random: Xorshift,
}

impl Ids {
    const COUNT_BITS: u32 = 40;

    const fn new(seed: u64) -> Ids {
        Ids { ms: 0, count: 0, random: Xorshift::new(seed) }
    }

    fn read_clock(&mut self) {
        let ns = SystemClock.now().as_ns().max(0);
        self.ms = u128::from(ns.unsigned_abs() / 1_000_000);
    }

    fn next(&mut self) -> CommandId {
        self.count = self.count.wrapping_add(1);
        let random = self.random.next();
        // RFC 9562, 5.7: 48 bits of time, version, 12 random bits, variant, 62 more bits, 22 of them random here.
        let high = (self.ms << 16) | 0x7000 | u128::from(random >> 52);
        let low =
            (0b10 << 62) | ((random & 0x3F_FFFF) << Self::COUNT_BITS) | (self.count & ((1 << Self::COUNT_BITS) - 1));
        CommandId::new(Uuid::from_u128((high << 64) | u128::from(low)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_version_7_and_carry_the_time() {
        let mut ids = Ids::new(1);
        ids.read_clock();
        let made: std::collections::BTreeSet<CommandId> = (0..1_000).map(|_| ids.next()).collect();
        assert_eq!(made.len(), 1_000);
        for id in made {
            assert_eq!(id.unix_ms().map(u128::from), Some(ids.ms));
            assert_eq!(id.uuid().get_variant(), uuid::Variant::RFC4122);
        }
    }
}
