//! The word that the service is stopping, for whatever would otherwise go on for ever: streams of events above all.

use std::future::Future;

use tokio::sync::watch;

/// Whether the service is stopping. Clones tell the same.
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
    /// Says that the service is stopping from now on.
    pub(crate) fn begin(&self) {
        self.begun.send_replace(true);
    }

    /// Whether it stops.
    pub(crate) fn has_begun(&self) -> bool {
        *self.begun.borrow()
    }

    /// Waits until it stops.
    pub(crate) fn wait(&self) -> impl Future<Output = ()> + 'static {
        let mut receiver = self.begun.subscribe();
        async move {
            // An error means that the service is gone altogether.
            let _ = receiver.wait_for(|begun| *begun).await;
        }
    }
}
