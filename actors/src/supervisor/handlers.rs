//! Which message to the supervisor becomes which input of its core, and what is answered at once.

use actix::{Context, Handler, Message};

use super::askers::{Askers, Waiting};
use super::input::Input;
use super::messages::{
    AcceptClock, Circumstances, Drain, Durable, Failed, Locate, LocateReference, LookAt, RunDue, RunSchedules, Submit,
    SubmitMore, TakenBack, TellCircumstances, TellClock, TellQueued, Verified, VerifyAgain, VerifyWith, WatchAccount,
};
use super::shell::{Supervisor, Told};
use crate::account::Collect;
use crate::verification::Queued;

impl Message for Told {
    type Result = ();
}

impl Handler<Told> for Supervisor {
    type Result = ();
    fn handle(&mut self, Told(input): Told, _: &mut Context<Self>) {
        self.handle_input(input);
    }
}

impl Handler<Submit> for Supervisor {
    type Result = ();
    fn handle(&mut self, Submit { commands, size, reply, batch }: Submit, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            let from = supervisor.ask(Waiting::Batch { reply, number: batch });
            supervisor.core.handle(Input::Submit { commands, size, from });
        });
    }
}

impl Handler<SubmitMore> for Supervisor {
    type Result = ();
    fn handle(&mut self, SubmitMore { commands, first, batch }: SubmitMore, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            if let Some(from) = Askers::of_batch(&batch) {
                supervisor.core.handle(Input::SubmitMore { commands, first, from });
            }
        });
    }
}

impl Handler<TakenBack> for Supervisor {
    type Result = ();
    fn handle(&mut self, TakenBack: TakenBack, _: &mut Context<Self>) {
        self.guarded(|_| ());
    }
}

impl Handler<Collect> for Supervisor {
    type Result = ();
    fn handle(&mut self, Collect { worker }: Collect, _: &mut Context<Self>) {
        self.guarded(|supervisor| supervisor.collect(worker));
    }
}

impl Handler<Durable> for Supervisor {
    type Result = ();
    fn handle(&mut self, Durable(through): Durable, _: &mut Context<Self>) {
        self.handle_input(Input::Durable(through));
    }
}

impl Handler<Verified> for Supervisor {
    type Result = ();
    fn handle(&mut self, Verified(ready): Verified, _: &mut Context<Self>) {
        self.handle_input(Input::Verdict(ready));
    }
}

impl Handler<VerifyWith> for Supervisor {
    type Result = ();
    fn handle(&mut self, VerifyWith(driver): VerifyWith, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            supervisor.verification = Some(driver);
            supervisor.core.handle(Input::BeginToVerify);
        });
    }
}

impl Handler<Failed> for Supervisor {
    type Result = ();
    fn handle(&mut self, Failed(reason): Failed, _: &mut Context<Self>) {
        self.fuse.blow(&reason);
        self.guarded(|_| ());
    }
}

impl Handler<Locate> for Supervisor {
    type Result = ();
    fn handle(&mut self, Locate { id, reply }: Locate, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            let _ = reply.send(supervisor.core.recorded(id));
        });
    }
}

impl Handler<TellCircumstances> for Supervisor {
    type Result = ();
    fn handle(&mut self, TellCircumstances { id, reply }: TellCircumstances, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            let circumstances: Circumstances = supervisor.core.circumstances(id);
            let _ = reply.send(circumstances);
        });
    }
}

impl Handler<LocateReference> for Supervisor {
    type Result = ();
    fn handle(&mut self, LocateReference { id, reply }: LocateReference, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            let from = supervisor.ask(Waiting::Reference(reply));
            supervisor.core.handle(Input::FindReference { id, from });
        });
    }
}

impl Handler<Drain> for Supervisor {
    type Result = ();
    fn handle(&mut self, Drain(done): Drain, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            supervisor.drained = Some(done);
            supervisor.core.handle(Input::Close);
        });
    }
}

impl Handler<TellClock> for Supervisor {
    type Result = ();
    fn handle(&mut self, TellClock(reply): TellClock, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            let _ = reply.send(supervisor.core.clock_state());
        });
    }
}

impl Handler<AcceptClock> for Supervisor {
    type Result = ();
    fn handle(&mut self, AcceptClock { until, reply }: AcceptClock, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            let from = supervisor.ask(Waiting::Clock(reply));
            supervisor.core.handle(Input::AcceptClock { until, from });
        });
    }
}

impl Handler<RunDue> for Supervisor {
    type Result = ();
    fn handle(&mut self, RunDue(done): RunDue, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            let from = supervisor.ask(Waiting::Due(done));
            supervisor.core.handle(Input::RunDue(from));
        });
    }
}

impl Handler<RunSchedules> for Supervisor {
    type Result = ();
    fn handle(&mut self, RunSchedules(pace): RunSchedules, _: &mut Context<Self>) {
        self.handle_input(Input::RunSchedules(pace));
    }
}

impl Handler<TellQueued> for Supervisor {
    type Result = ();
    fn handle(&mut self, TellQueued { after, limit, reply }: TellQueued, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            let (waiting, count) = supervisor.core.queued(after, limit);
            let driver = supervisor.verification.as_ref();
            let queued = waiting.into_iter().map(|(position, hold)| {
                let (stage, asked) = driver.map(|driver| driver.stage(hold)).unwrap_or_default();
                Queued { hold, position, stage, asked }
            });
            let _ = reply.send((queued.collect(), count));
        });
    }
}

impl Handler<VerifyAgain> for Supervisor {
    type Result = ();
    fn handle(&mut self, VerifyAgain { hold, reply }: VerifyAgain, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            let _ = reply.send(supervisor.core.verify_again(hold));
        });
    }
}

impl Handler<LookAt> for Supervisor {
    type Result = ();
    fn handle(&mut self, LookAt { accounts, reply }: LookAt, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            let _ = reply.send(accounts.iter().map(|number| supervisor.core.activation(number)).collect());
        });
    }
}

impl Handler<WatchAccount> for Supervisor {
    type Result = ();
    fn handle(&mut self, WatchAccount { account, watch }: WatchAccount, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            // Where no actor runs, the answer's sender is dropped, which says so.
            if let Some(seat) = supervisor.core.active_seat(&account) {
                supervisor.workers.send_other(seat, watch);
            }
        });
    }
}
