//! Fail-stop: once the fuse is blown, the bank acknowledges nothing any more.

use std::sync::OnceLock;

use parking_lot::Mutex;

use crate::error::BankError;

/// Blown once, by the first failure. It cannot be reset; the bank has to be opened again.
#[derive(Default)]
pub struct Fuse {
    reason: OnceLock<String>,
    told: Mutex<Vec<Tell>>,
}

type Tell = Box<dyn Fn(BankError) + Send + Sync>;

impl Fuse {
    /// Stops the bank. Only the first reason is kept, because later ones are consequences.
    pub fn blow(&self, reason: &str) {
        if self.reason.set(reason.to_owned()).is_ok() {
            tracing::error!(reason, "the bank stops");
            for tell in &*self.told.lock() {
                tell(BankError::Failed(reason.to_owned()));
            }
        }
    }

    /// Calls `tell` when the bank stops, on the thread where that happens. `tell` must not block and must not call this
    /// method.
    pub fn on_blow(&self, tell: impl Fn(BankError) + Send + Sync + 'static) {
        let mut told = self.told.lock();
        // Under the lock, so that a thread that blows the fuse now finds it in the list.
        if let Some(error) = self.error() {
            tell(error);
        }
        told.push(Box::new(tell));
    }

    /// Returns whether the bank has stopped.
    pub fn is_blown(&self) -> bool {
        self.reason.get().is_some()
    }

    /// Returns the error for callers once the fuse is blown.
    pub fn error(&self) -> Option<BankError> {
        self.reason.get().map(|reason| BankError::Failed(reason.clone()))
    }
}
