//! The signal that the service is stopping, for tasks that would otherwise never end, such as event streams.

use std::future::Future;

use tokio::sync::watch;

/// Whether the service is stopping. Clones share the state.
#[derive(Clone, Debug)]
pub(crate) struct Stopping {
    begun: watch::Sender<bool>,
}

impl Default for Stopping {
    fn default() -> Self {
        Stopping { begun: watch::Sender::new(false) }
    }
}

impl Stopping {
    /// Signals that the service is stopping.
    pub(crate) fn begin(&self) {
        self.begun.send_replace(true);
    }

    /// Returns whether the service is stopping.
    pub(crate) fn has_begun(&self) -> bool {
        *self.begun.borrow()
    }

    /// Waits until the service is stopping.
    pub(crate) fn wait(&self) -> impl Future<Output = ()> + 'static {
        let mut receiver = self.begun.subscribe();
        async move {
            // An error means that the service is gone.
            let _ = receiver.wait_for(|begun| *begun).await;
        }
    }
}
