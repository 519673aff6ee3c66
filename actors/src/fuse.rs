//! Fail-stop: once blown, the bank acknowledges nothing any more.

use std::any::Any;
use std::sync::OnceLock;

use crate::error::BankError;

/// Blown at most once, by the first failure, and never mended: the bank has to be opened again.
#[derive(Default)]
pub(crate) struct Fuse {
    reason: OnceLock<String>,
    told: OnceLock<Tell>,
}

type Tell = Box<dyn Fn(BankError) + Send + Sync>;

impl Fuse {
    /// Stops the bank. Only the first reason is kept; the others follow from it.
    pub(crate) fn blow(&self, reason: &str) {
        if self.reason.set(reason.to_owned()).is_ok() {
            tracing::error!(reason, "the bank stops");
            if let Some(tell) = self.told.get() {
                tell(BankError::Failed(reason.to_owned()));
            }
        }
    }

    /// Has `tell` told when the bank stops, on whichever thread finds out. Only for one who has nobody else to hear it from.
    pub(crate) fn on_blow(&self, tell: impl Fn(BankError) + Send + Sync + 'static) {
        let _only_once = self.told.set(Box::new(tell));
    }

    pub(crate) fn is_blown(&self) -> bool {
        self.reason.get().is_some()
    }

    /// What callers are told once the fuse is blown.
    pub(crate) fn error(&self) -> Option<BankError> {
        self.reason.get().map(|reason| BankError::Failed(reason.clone()))
    }
}

/// What a caught panic said.
pub(crate) fn panic_text(panic: &Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("(no message)").to_owned()
}
