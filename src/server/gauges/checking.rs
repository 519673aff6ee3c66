//! The check of the running bank: one at a time, and what the last one found.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::Serialize;
use utoipa::ToSchema;

use super::Gauges;
use crate::server::time::Time;

/// A check that runs, or ran.
#[derive(Clone)]
pub(super) struct Check {
    progress: Arc<AtomicU64>,
    answer: CheckAnswer,
}

/// A check of the running bank.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Check)]
pub(crate) struct CheckAnswer {
    /// `running`, `sound`, or `faulty`.
    status: &'static str,
    /// When it began.
    began_at: String,
    /// When it ended.
    ended_at: Option<String>,
    /// The number of records read.
    checked: u64,
    /// The last position that was durable when it began.
    through: u64,
    /// What is wrong.
    fault: Option<String>,
    /// The number of accounts, including the bank's own.
    accounts: Option<u64>,
    /// The sums per currency; the three of each currency add up to zero.
    currencies: Vec<CheckedCurrency>,
}

impl CheckAnswer {
    /// Whether it goes on.
    pub(crate) fn is_running(&self) -> bool {
        self.status == "running"
    }
}

/// The sums of one currency, in minor units.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct CheckedCurrency {
    /// The currency.
    currency: String,
    /// The number of decimals of the currency.
    scale: u8,
    /// The sum of the customers' balances.
    customers: i64,
    /// The bank's cash account.
    cash: i64,
    /// The bank's fee account.
    fees: i64,
}

impl Gauges {
    /// Begins a check, unless one runs.
    pub(crate) fn check(&self, time: &Time) {
        let progress = Arc::new(AtomicU64::new(0));
        let mut state = self.state.lock();
        if state.check.as_ref().is_some_and(|check| check.answer.is_running()) {
            return;
        }
        let answer = CheckAnswer {
            status: "running",
            began_at: time.now().to_string(),
            ended_at: None,
            checked: 0,
            through: self.bank.stats().durable.get(),
            fault: None,
            accounts: None,
            currencies: Vec::new(),
        };
        state.check = Some(Check { progress: Arc::clone(&progress), answer });
        drop(state);
        let (gauges, time) = (self.clone(), time.clone());
        actix_web::rt::spawn(async move {
            let found = gauges.bank.check(progress).await;
            let mut state = gauges.state.lock();
            let Some(Check { answer, .. }) = &mut state.check else { return };
            answer.ended_at = Some(time.now().to_string());
            match found {
                Ok(report) => {
                    (answer.status, answer.through) = ("sound", report.end.get());
                    answer.accounts = Some(report.accounts);
                    let sum = |sum: i128| i64::try_from(sum).unwrap_or(i64::MAX);
                    let told = report.currencies.iter().map(|total| CheckedCurrency {
                        currency: total.currency.to_string(),
                        scale: total.scale,
                        customers: sum(total.customers),
                        cash: sum(total.cash),
                        fees: sum(total.fees),
                    });
                    answer.currencies = told.collect();
                }
                Err(error) => {
                    tracing::error!("the check of the running bank: {error}");
                    (answer.status, answer.fault) = ("faulty", Some(error.to_string()));
                }
            }
        });
    }

    /// The check that runs, or the last one; `None` when there was none.
    pub(crate) fn checked(&self) -> Option<CheckAnswer> {
        let check = self.state.lock().check.clone()?;
        Some(CheckAnswer { checked: check.progress.load(Relaxed), ..check.answer })
    }
}
