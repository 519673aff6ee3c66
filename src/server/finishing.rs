//! What was begun is finished, whoever goes away.
//!
//! A handler's future is dropped when its connection is reset or its time is over, at whichever `await` it has reached: after
//! the journal has a change and before memory has it, or between two changes that belong together. So work that may change
//! something runs in a task of its own. The connection only awaits it.

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::networks::customer;

/// The work of one address takes at most one in so many places: half of a body is work under way, too, until its time is over.
const SHARES: u32 = 10;
/// However few places there are, so many of them may be one address's.
const LEAST_OF_AN_ADDRESS: u32 = 16;

/// The work that may change something and is under way.
#[derive(Debug)]
pub(crate) struct Finishing {
    places: Arc<Semaphore>,
    most: u32,
    by_address: Arc<Mutex<HashMap<IpNet, u32>>>,
}

/// A place among those of an address, until this is dropped.
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
    /// For at most `most` pieces of work at a time. Work whose connection is gone still takes its place: a caller who resets
    /// connections in a loop cannot pile it up.
    pub(crate) fn new(most: usize) -> Finishing {
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let places = usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
        Finishing { places: Arc::new(Semaphore::new(places)), most, by_address: Arc::default() }
    }

    /// Runs the work to its end on this thread, whether or not anybody awaits it. `None` when every place is taken, or every
    /// one that the address may have: then nothing was begun. Orders from the machine come from no address.
    pub(crate) fn begin<T: 'static>(
        &self,
        address: Option<IpAddr>,
        work: impl Future<Output = T> + 'static,
    ) -> Option<JoinHandle<T>> {
        let share = match address {
            Some(address) => Some(self.share(address)?),
            None => None,
        };
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        Some(tokio::task::spawn_local(async move {
            let done = work.await;
            drop((place, share));
            done
        }))
    }

    fn share(&self, address: IpAddr) -> Option<Share> {
        let address = customer(address);
        let mut taken = self.by_address.lock();
        let of_address = taken.get(&address).copied().unwrap_or_default();
        if of_address >= (self.most / SHARES).max(LEAST_OF_AN_ADDRESS) {
            return None;
        }
        taken.insert(address, of_address.saturating_add(1));
        Some(Share { by_address: Arc::clone(&self.by_address), address })
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
    use futures::future::pending;
    use tokio::sync::oneshot;

    use super::*;

    #[actix_web::test]
    async fn work_goes_on_when_nobody_awaits_it_and_keeps_its_place() {
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
        assert!(finishing.begin(here, async {}).is_none(), "the only place is taken");
        assert!(finishing.idle().now_or_never().is_none());
        go_on.send(()).unwrap();
        finishing.idle().await;
        assert!(done.get());
        assert!(finishing.begin(here, async {}).is_some());
    }
    #[actix_web::test]
    async fn one_address_does_not_take_every_place() {
        let finishing = Finishing::new(1_000);
        let begin = |host| finishing.begin(Some(IpAddr::from([192, 0, 2, host])), pending::<()>());
        let tasks: Vec<_> = std::iter::from_fn(|| begin(1)).collect();
        assert_eq!(tasks.len(), 100);
        let others = begin(2).unwrap();
        tasks.iter().for_each(JoinHandle::abort);
        for task in tasks {
            assert!(task.await.unwrap_err().is_cancelled());
        }
        assert!(begin(1).is_some(), "it has room again");
        others.abort();
    }
}
