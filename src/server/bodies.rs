//! The memory that bodies of requests take while they are received: bounded in all, and shared.
//!
//! A client may send half of a body and stop. So what arrives is counted as it arrives, for its address and its member, and
//! beyond their share they are told to come back. Small bodies and batches have room of their own: batches that wait for
//! their end take nothing from sign-ins and payments.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;

use actix_web::http::StatusCode;
use ipnet::IpNet;
use parking_lot::Mutex;

use super::http::Problem;
use super::members::MemberId;
use super::networks::customer;

const MIB: usize = 1 << 20;

/// What kind of body takes room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// Up to 64 KiB.
    Small,
    /// A batch.
    Large,
}

/// How much room there is, in bytes.
#[derive(Clone, Copy, Debug)]
struct Room {
    total: usize,
    per_address: usize,
    per_member: usize,
}

/// Room for small bodies: of the usual size there are tens of thousands at a time.
const SMALL: Room = Room { total: 32 * MIB, per_address: 8 * MIB, per_member: 4 * MIB };
/// Room for batches, of up to 8 MiB each: two full ones of a member, and of five such members.
const LARGE: Room = Room { total: 128 * MIB, per_address: 48 * MIB, per_member: 24 * MIB };

/// The bodies under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bodies(Arc<Mutex<[Taken; 2]>>);

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    by_address: HashMap<IpNet, usize>,
    by_member: HashMap<MemberId, usize>,
}

/// What one body takes, until this is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    bodies: Bodies,
    size: Size,
    address: IpNet,
    member: Option<MemberId>,
    bytes: usize,
}

impl Size {
    const fn room(self) -> Room {
        match self {
            Size::Small => SMALL,
            Size::Large => LARGE,
        }
    }

    fn taken(self, [small, large]: &mut [Taken; 2]) -> &mut Taken {
        match self {
            Size::Small => small,
            Size::Large => large,
        }
    }
}

impl Bodies {
    /// The share of a body of which nothing has arrived.
    pub(crate) fn begin(&self, size: Size, address: IpAddr, member: Option<MemberId>) -> Share {
        Share { bodies: self.clone(), size, address: customer(address), member, bytes: 0 }
    }

    /// How many bytes are taken in all.
    #[cfg(test)]
    pub(crate) fn taken(&self) -> usize {
        self.0.lock().iter().map(|taken| taken.total).sum()
    }
}

impl Share {
    /// Takes room for so many bytes more.
    ///
    /// # Errors
    /// 429 where the member or the address has its share, 503 `overloaded` where all room is taken.
    pub(crate) fn take(&mut self, bytes: usize) -> Result<(), Problem> {
        let room = self.size.room();
        let mut all = self.bodies.0.lock();
        let taken = self.size.taken(&mut all);
        let of_address = taken.by_address.get(&self.address).copied().unwrap_or_default();
        let of_member = self.member.and_then(|member| taken.by_member.get(&member).copied()).unwrap_or_default();
        if of_address.saturating_add(bytes) > room.per_address || of_member.saturating_add(bytes) > room.per_member {
            return Err(Problem::too_many(1));
        }
        if taken.total.saturating_add(bytes) > room.total {
            let detail = "too much data is being received at the moment; nothing was done";
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).with_retry_after(1));
        }
        taken.total = taken.total.saturating_add(bytes);
        add(&mut taken.by_address, self.address, bytes);
        if let Some(member) = self.member {
            add(&mut taken.by_member, member, bytes);
        }
        self.bytes = self.bytes.saturating_add(bytes);
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        let mut all = self.bodies.0.lock();
        let taken = self.size.taken(&mut all);
        taken.total = taken.total.saturating_sub(self.bytes);
        subtract(&mut taken.by_address, self.address, self.bytes);
        if let Some(member) = self.member {
            subtract(&mut taken.by_member, member, self.bytes);
        }
    }
}

fn add<K: Eq + Hash>(taken: &mut HashMap<K, usize>, key: K, bytes: usize) {
    let of_key = taken.entry(key).or_default();
    *of_key = of_key.saturating_add(bytes);
}

fn subtract<K: Eq + Hash>(taken: &mut HashMap<K, usize>, key: K, bytes: usize) {
    if let Some(of_key) = taken.get_mut(&key) {
        *of_key = of_key.saturating_sub(bytes);
        if *of_key == 0 {
            taken.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(host: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, host])
    }

    /// How many bodies of a MiB each can be under way.
    fn begun(bodies: &Bodies, callers: impl Iterator<Item = (u8, Option<MemberId>)>) -> (Vec<Share>, Vec<u16>) {
        let (mut shares, mut refusals) = (Vec::new(), Vec::new());
        for (host, member) in callers {
            let mut share = bodies.begin(Size::Large, address(host), member);
            match share.take(MIB) {
                Ok(()) => shares.push(share),
                Err(problem) => refusals.push(problem.status().as_u16()),
            }
        }
        (shares, refusals)
    }

    #[test]
    fn each_has_a_share_and_all_have_an_end() {
        let bodies = Bodies::default();
        let mina = Some(MemberId::random());
        let (of_member, refused) = begun(&bodies, (0..120).map(|_| (1, mina)));
        assert_eq!((of_member.len(), refused[0]), (24, 429), "120 by one member");
        let (of_address, refused) = begun(&bodies, (0..120).map(|_| (1, Some(MemberId::random()))));
        assert_eq!((of_address.len(), refused[0]), (24, 429), "120 by others at the same address");
        let (others, refused) = begun(&bodies, (0..120).map(|host| (host + 2, None)));
        assert_eq!((others.len(), refused[0]), (80, 503), "120 from everywhere");
        assert!(bodies.begin(Size::Small, address(200), None).take(64 * 1_024).is_ok(), "small ones go on");
        assert_eq!(bodies.taken(), 128 * MIB);
        drop((of_member, of_address, others));
        assert_eq!(bodies.taken(), 0);
        assert!(bodies.0.lock().iter().all(|taken| taken.by_address.is_empty() && taken.by_member.is_empty()));
    }
}
