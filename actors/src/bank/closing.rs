//! A bank is closed once, however many ask for it, and all of them get the same answer.

use std::sync::Arc;

use parking_lot::Mutex;

use super::Engine;
use jangbu_runtime::BankError;

/// Called once the bank is closed, with how that went.
type Closed = Box<dyn FnOnce(Result<(), BankError>) + Send>;

/// Whether the engine runs, ends or has ended.
enum State {
    Running(Engine),
    /// It ends, and these are called when it has.
    Closing(Vec<Closed>),
    Closed(Result<(), BankError>),
}

/// The engine and its end.
pub(super) struct Closing {
    state: Mutex<State>,
    /// Whether the engine goes on while the thread that closes the bank waits.
    pub(super) has_threads: bool,
}

impl Closing {
    pub(super) fn new(engine: Engine) -> Arc<Closing> {
        let has_threads = matches!(engine, Engine::Threads(_));
        Arc::new(Closing { state: Mutex::new(State::Running(engine)), has_threads })
    }

    /// Ends the engine, unless somebody did before, and calls `closed` when it has ended. Only the first to ask says whether
    /// a checkpoint is written.
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
