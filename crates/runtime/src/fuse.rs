//! Fail-stop: once the fuse is blown, the bank acknowledges nothing any more.

use std::sync::OnceLock;

use parking_lot::Mutex;

use crate::error::BankError;

/// Blown once, by the first failure. It cannot be reset; the bank has to be opened again.
#[derive(Default)]
pub struct Fuse {
    reason: OnceLock<String>,
    listeners: Mutex<Vec<Listener>>,
}

type Listener = Box<dyn Fn(BankError) + Send + Sync>;

impl Fuse {
    /// Stops the bank. Only the first reason is kept, because later ones are consequences.
    pub fn blow(&self, reason: &str) {
        if self.reason.set(reason.to_owned()).is_ok() {
            tracing::error!(reason, "the bank stops");
            for listener in &*self.listeners.lock() {
                listener(BankError::Failed(reason.to_owned()));
            }
        }
    }

    /// Calls `listener` when the bank stops, on the thread where that happens. `listener` must not block and must not
    /// call this method.
    pub fn on_blow(&self, listener: impl Fn(BankError) + Send + Sync + 'static) {
        let mut listeners = self.listeners.lock();
        // Under the lock, so that a thread that blows the fuse now finds it in the list.
        if let Some(error) = self.error() {
            listener(error);
        }
        listeners.push(Box::new(listener));
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
