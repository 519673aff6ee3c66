//! What was begun is finished, whoever goes away.
//!
//! A handler's future is dropped when its connection is reset or its time is over, at whichever `await` it has reached: after
//! the journal has a change and before memory has it, or between two changes that belong together. So work that may change
//! something runs in a task of its own. The connection only awaits it.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// The work that may change something and is under way.
#[derive(Debug)]
pub(crate) struct Finishing {
    places: Arc<Semaphore>,
    most: u32,
}

impl Finishing {
    /// For at most `most` pieces of work at a time. Work whose connection is gone still takes its place: a caller who resets
    /// connections in a loop cannot pile it up.
    pub(crate) fn new(most: usize) -> Finishing {
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let places = usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
        Finishing { places: Arc::new(Semaphore::new(places)), most }
    }

    /// Runs the work to its end on this thread, whether or not anybody awaits it. `None` when every place is taken: then
    /// nothing was begun.
    pub(crate) fn begin<T: 'static>(&self, work: impl Future<Output = T> + 'static) -> Option<JoinHandle<T>> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        Some(tokio::task::spawn_local(async move {
            let done = work.await;
            drop(place);
            done
        }))
    }

    /// Waits until nothing is under way.
    pub(crate) async fn idle(&self) {
        // The semaphore is never closed.
        let _ = self.places.acquire_many(self.most).await;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use futures::FutureExt;
    use tokio::sync::oneshot;

    use super::*;

    #[actix_web::test]
    async fn work_goes_on_when_nobody_awaits_it_and_keeps_its_place() {
        let finishing = Finishing::new(1);
        let (go_on, gate) = oneshot::channel::<()>();
        let done = Rc::new(Cell::new(false));
        let mark = done.clone();
        let task = finishing.begin(async move {
            let _ = gate.await;
            mark.set(true);
        });
        drop(task);
        assert!(finishing.begin(async {}).is_none(), "the only place is taken");
        assert!(finishing.idle().now_or_never().is_none());
        go_on.send(()).unwrap();
        finishing.idle().await;
        assert!(done.get());
        assert!(finishing.begin(async {}).is_some());
    }
}
