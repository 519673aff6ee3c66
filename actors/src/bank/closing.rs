//! Closing a bank. It closes once, and every caller gets the same result.

use std::sync::Arc;

use parking_lot::Mutex;

use super::Engine;
use jangbu_runtime::BankError;

/// Called with the result once the bank is closed.
pub type Closed = Box<dyn FnOnce(Result<(), BankError>) + Send>;

/// Whether the engine is running, ending or ended.
enum State {
    Running(Engine),
    /// The engine is ending; these are called when it has ended.
    Closing(Vec<Closed>),
    Closed(Result<(), BankError>),
}

/// The engine and its end.
pub(super) struct Closing {
    state: Mutex<State>,
    /// Whether the engine keeps running while the thread that closes the bank waits.
    pub(super) has_threads: bool,
}

impl Closing {
    pub(super) fn new(engine: Engine) -> Arc<Closing> {
        let has_threads = matches!(engine, Engine::Threads(_));
        Arc::new(Closing { state: Mutex::new(State::Running(engine)), has_threads })
    }

    /// Ends the engine, unless a caller already did, and calls `closed` once it has ended. Only the first caller
    /// determines whether a checkpoint is written.
    pub(super) fn close(self: &Arc<Self>, checkpoint: bool, closed: Closed) {
        let engine = {
            let mut state = self.state.lock();
            match &mut *state {
                State::Closed(result) => {
                    let result = result.clone();
                    drop(state);
                    return closed(result);
                }
                State::Closing(waiting) => return waiting.push(closed),
                State::Running(_) => match std::mem::replace(&mut *state, State::Closing(vec![closed])) {
                    State::Running(engine) => engine,
                    State::Closing(_) | State::Closed(_) => return,
                },
            }
        };
        let closing = Arc::clone(self);
        let ended = move |result| closing.ended(result);
        match engine {
            Engine::Threads(threads) => threads.close(checkpoint, ended),
            #[cfg(any(test, feature = "testing"))]
            Engine::Simulated(requests) => requests.ask(checkpoint, Box::new(ended)),
        }
    }

    fn ended(&self, result: Result<(), BankError>) {
        let before = std::mem::replace(&mut *self.state.lock(), State::Closed(result.clone()));
        let State::Closing(waiting) = before else { return };
        for closed in waiting {
            closed(result.clone());
        }
    }
}

/// Requests to close a simulated bank, from wherever its last handle is.
#[cfg(any(test, feature = "testing"))]
#[derive(Clone, Default)]
pub struct CloseRequests {
    requests: Arc<Mutex<Vec<(bool, Closed)>>>,
}

#[cfg(any(test, feature = "testing"))]
impl CloseRequests {
    /// Requests that the bank closes, with a checkpoint or without; `done` gets the result.
    pub fn ask(&self, checkpoint: bool, done: Closed) {
        self.requests.lock().push((checkpoint, done));
    }

    /// Takes the requests so far: whether a checkpoint is wanted, and whom to tell.
    pub fn take(&self) -> Vec<(bool, Closed)> {
        std::mem::take(&mut *self.requests.lock())
    }
}
