//! Many subscriptions of a busy bank.

use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::executor::{LocalPool, block_on};
use futures::task::LocalSpawnExt;
use jangbu_actors::command::{Command, Transfer};
use jangbu_actors::ledger::Position;
use jangbu_actors::{EventError, Subscription};

use crate::bank::{RandomBank, amount, number};

fn pay(random: &RandomBank, batches: usize) {
    for _ in 0..batches {
        let pay = |count: u64| {
            let (from, to) = if count.is_multiple_of(2) { ("A", "B") } else { ("B", "A") };
            Command::Transfer(Transfer::new(number(from), number(to), amount(1)))
        };
        block_on(random.bank.submit((0..200).map(pay).collect())).unwrap();
    }
}

/// Follows to the end and counts; positions have no gaps.
async fn follow(mut subscription: Subscription) -> u64 {
    let mut next = subscription.position();
    let begin = next.get();
    while let Some(event) = subscription.next().await {
        match event {
            Ok(event) => {
                assert_eq!(event.position, next);
                next = next.next();
            }
            Err(EventError::Lagging { resume, .. }) => assert_eq!(resume, next),
            Err(other) => panic!("{other}"),
        }
    }
    next.get() - begin
}

#[test]
fn a_hundred_subscriptions_follow_a_busy_bank() {
    let directory = tempfile::tempdir().unwrap();
    let random = RandomBank::new(41, Some(directory.path()));
    let begin = random.bank.stats().durable.next();
    let subscriptions: Vec<_> = (0..100).map(|_| random.bank.subscribe(begin).unwrap()).collect();
    let following = std::thread::spawn(move || {
        let mut pool = LocalPool::new();
        let spawn = |subscription| pool.spawner().spawn_local_with_handle(follow(subscription)).unwrap();
        let running: Vec<_> = subscriptions.into_iter().map(spawn).collect();
        running.into_iter().map(|task| pool.run_until(task)).collect::<Vec<u64>>()
    });
    pay(&random, 20);
    let wanted = random.bank.stats().durable.get() + 1 - begin.get();
    // Until they have everything, because closing does not wait.
    let mut last = random.bank.subscribe(begin).unwrap();
    for _ in 0..wanted {
        block_on(last.next()).unwrap().unwrap();
    }
    std::thread::sleep(Duration::from_millis(300));
    block_on(random.bank.close()).unwrap();
    let counts = following.join().unwrap();
    assert_eq!(counts, vec![wanted; 100]);
}

#[test]
fn a_thousand_waiting_or_idle_subscriptions_delay_nothing() {
    let random = RandomBank::new(42, None);
    let begin = random.bank.stats().durable.next();
    // Some never ask, some wait for events, some are far behind.
    let mut sleeping: Vec<_> = (0..500).map(|_| random.bank.subscribe(Position::START).unwrap()).collect();
    let waiting: Vec<_> = (0..500).map(|_| random.bank.subscribe(begin).unwrap()).collect();
    let following = std::thread::spawn(move || {
        let mut pool = LocalPool::new();
        let spawn = |subscription| pool.spawner().spawn_local_with_handle(follow(subscription)).unwrap();
        let running: Vec<_> = waiting.into_iter().map(spawn).collect();
        running.into_iter().map(|task| pool.run_until(task)).collect::<Vec<u64>>()
    });
    pay(&random, 5);
    for subscription in &mut sleeping {
        assert_eq!(block_on(StreamExt::next(subscription)).unwrap().unwrap().position.get(), 1);
    }
    let begun = Instant::now();
    block_on(random.bank.close()).unwrap();
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(2), "closing took {took:?}");
    let counts = following.join().unwrap();
    assert!(counts.iter().all(|count| *count <= 1_000), "no more than what happened: {counts:?}");
    // Events that were read ahead are returned, and then the subscription ends.
    for subscription in sleeping {
        let rest: Vec<_> = block_on(subscription.collect());
        assert!(rest.iter().all(Result::is_ok));
    }
}
