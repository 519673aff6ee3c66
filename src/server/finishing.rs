//! Completes changes even if their client disconnects.
//!
//! A handler's future is dropped when its connection is reset or its time is over, at any `await`: between the journal
//! and the memory, or between two related changes. Therefore work that may change something runs in its own task, and
//! the connection only awaits it.

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::networks::customer;

/// The divisor for the share of one address. A half-received body counts as work in progress until its timeout.
const SHARES: u32 = 10;
/// The smallest limit per address, however few tasks are allowed.
const MIN_PER_ADDRESS: u32 = 16;

/// The work in progress that may change something.
#[derive(Debug)]
pub(crate) struct Finishing {
    permits: Arc<Semaphore>,
    limit: u32,
    by_address: Arc<Mutex<HashMap<IpNet, u32>>>,
}

/// A task counted for an address until drop.
struct Share {
    by_address: Arc<Mutex<HashMap<IpNet, u32>>>,
    address: IpNet,
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.by_address.lock();
        if let Some(of_address) = taken.get_mut(&self.address) {
            *of_address = of_address.saturating_sub(1);
            if *of_address == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

impl Finishing {
    /// Allows up to `limit` tasks at a time. A task whose connection is gone still counts, so a client that resets
    /// connections in a loop cannot pile up work.
    pub(crate) fn new(limit: usize) -> Finishing {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let permits = usize::try_from(limit).unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
        Finishing { permits: Arc::new(Semaphore::new(permits)), limit, by_address: Arc::default() }
    }

    /// Runs the work to its end on this thread, whether or not anybody awaits it. Returns `None`, and starts nothing,
    /// if the limit of all tasks or of the address is reached. Orders from the machine have no address.
    pub(crate) fn begin<T: 'static>(
        &self,
        address: Option<IpAddr>,
        work: impl Future<Output = T> + 'static,
    ) -> Option<JoinHandle<T>> {
        let share = match address {
            Some(address) => Some(self.share(address)?),
            None => None,
        };
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        Some(tokio::task::spawn_local(async move {
            let done = work.await;
            drop((permit, share));
            done
        }))
    }

    fn share(&self, address: IpAddr) -> Option<Share> {
        let address = customer(address);
        let mut taken = self.by_address.lock();
        let of_address = taken.get(&address).copied().unwrap_or_default();
        if of_address >= (self.limit / SHARES).max(MIN_PER_ADDRESS) {
            return None;
        }
        taken.insert(address, of_address.saturating_add(1));
        Some(Share { by_address: Arc::clone(&self.by_address), address })
    }

    /// Waits until no work is in progress.
    pub(crate) async fn idle(&self) {
        // The semaphore is never closed.
        let _ = self.permits.acquire_many(self.limit).await;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use futures::FutureExt;
    use futures::future::pending;
    use tokio::sync::oneshot;

    use super::*;

    #[actix_web::test]
    async fn work_continues_when_nobody_awaits_it_and_still_counts() {
        let finishing = Finishing::new(1);
        let (go_on, gate) = oneshot::channel::<()>();
        let done = Rc::new(Cell::new(false));
        let mark = done.clone();
        let here = Some(IpAddr::from([192, 0, 2, 1]));
        let task = finishing.begin(here, async move {
            let _ = gate.await;
            mark.set(true);
        });
        drop(task);
        assert!(finishing.begin(here, async {}).is_none(), "the limit is reached");
        assert!(finishing.idle().now_or_never().is_none());
        go_on.send(()).unwrap();
        finishing.idle().await;
        assert!(done.get());
        assert!(finishing.begin(here, async {}).is_some());
    }
    #[actix_web::test]
    async fn one_address_cannot_use_the_whole_limit() {
        let finishing = Finishing::new(1_000);
        let begin = |host| finishing.begin(Some(IpAddr::from([192, 0, 2, host])), pending::<()>());
        let tasks: Vec<_> = std::iter::from_fn(|| begin(1)).collect();
        assert_eq!(tasks.len(), 100);
        let others = begin(2).unwrap();
        tasks.iter().for_each(JoinHandle::abort);
        for task in tasks {
            assert!(task.await.unwrap_err().is_cancelled());
        }
        assert!(begin(1).is_some(), "it is below its limit again");
        others.abort();
    }
}
