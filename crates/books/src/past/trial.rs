//! The trial balance of the whole bank at a moment: the sums of every currency, which add up to zero.

use serde::{Deserialize, Serialize};

use super::balances::Moment;
use super::{Sources, before};
use crate::books::Totals;
use crate::views::CurrencyTotal;
use jangbu_ledger::{Position, Record};
use jangbu_runtime::BankError;
use jangbu_runtime::unreadable;

/// The maximum number of records that one job reads: a few milliseconds, so that other reads get their turn.
const RECORDS_PER_JOB: u64 = 8_192;

/// The sums of all balances of the bank directly after a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialBalance {
    /// The position of the record.
    pub position: Position,
    /// The sums of each currency of the bank, in the order of their codes.
    pub currencies: Vec<CurrencyTotal>,
}

impl TrialBalance {
    /// Returns whether the balances of every currency add up to zero.
    pub fn is_balanced(&self) -> bool {
        self.currencies.iter().all(|sums| {
            let all = sums.customers.checked_add(sums.cash).and_then(|sum| sum.checked_add(sums.fees));
            all == Some(0)
        })
    }
}

/// A trial balance in progress, job by job.
///
/// It starts at the nearer end: from zero before the first record, or from the sums in the books. From there, records
/// are added or subtracted. None is kept.
pub struct Trial {
    moment: Moment,
    under_way: Option<UnderWay>,
}

struct UnderWay {
    totals: Totals,
    /// The position of the last record included in the sums.
    at: Position,
    target: Position,
}

impl Trial {
    /// A trial balance as of `moment`.
    pub const fn new(moment: Moment) -> Trial {
        Trial { moment, under_way: None }
    }

    /// Does the next part. Returns the trial balance when it is complete.
    pub fn go_on(&mut self, sources: &Sources) -> Result<Option<TrialBalance>, BankError> {
        let mut under_way = match self.under_way.take() {
            Some(under_way) => under_way,
            None => begin(sources, self.moment)?,
        };
        if under_way.at < under_way.target {
            under_way.add(sources)?;
        } else if under_way.at > under_way.target {
            under_way.take_back(sources)?;
        }
        if under_way.at == under_way.target {
            return Ok(Some(under_way.finish()));
        }
        self.under_way = Some(under_way);
        Ok(None)
    }
}

fn begin(sources: &Sources, moment: Moment) -> Result<UnderWay, BankError> {
    let (totals, end) = sources.ask(|books| (books.totals(), books.applied()))?;
    let target = moment.resolve(sources, end)?;
    let is_nearer_to_the_end = end.get().saturating_sub(target.get()) <= target.get();
    // The beginning cannot be the start if it is archived.
    if is_nearer_to_the_end || sources.reader.read(Position::START.next()).is_err() {
        return Ok(UnderWay { totals, at: end, target });
    }
    Ok(UnderWay { totals: Totals::default(), at: Position::START, target })
}

impl UnderWay {
    fn add(&mut self, sources: &Sources) -> Result<(), BankError> {
        let last = self.at.plus(RECORDS_PER_JOB).min(self.target);
        for record in sources.reader.scan(self.at.next()) {
            let record = record.map_err(unreadable)?;
            if record.position > last {
                break;
            }
            self.totals.add(&record).map_err(|what| unsound(&record, &what))?;
            self.at = record.position;
        }
        Ok(())
    }

    fn take_back(&mut self, sources: &Sources) -> Result<(), BankError> {
        let first = Position::new(self.at.get().saturating_sub(RECORDS_PER_JOB)).max(self.target).next();
        let mut records = Vec::new();
        for record in sources.reader.scan(first) {
            let record = record.map_err(unreadable)?;
            if record.position > self.at {
                break;
            }
            records.push(record);
        }
        for record in records.iter().rev() {
            self.totals.take_back(record).map_err(|what| unsound(record, &what))?;
        }
        self.at = before(first);
        Ok(())
    }

    fn finish(self) -> TrialBalance {
        let sums = self.totals.iter().map(|(currency, sums)| CurrencyTotal {
            currency: *currency,
            scale: sums.scale,
            customers: sums.customers,
            cash: sums.cash,
            fees: sums.fees,
        });
        TrialBalance { position: self.target, currencies: sums.collect() }
    }
}

fn unsound(record: &Record, what: &str) -> BankError {
    BankError::Unreadable(format!("the record at {}: {what}", record.position))
}
