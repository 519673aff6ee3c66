//! The members of the demo bank.

use crate::server::principal::Role;

/// A member of the demo bank.
pub(super) struct Person {
    pub(super) username: &'static str,
    pub(super) name: &'static str,
    pub(super) role: Role,
    /// The monthly salary in won; 0 for members without one.
    pub(super) salary: u64,
}

const fn person(username: &'static str, name: &'static str, salary: u64) -> Person {
    Person { username, name, role: Role::Member, salary }
}

/// All members. A member with a salary has a salary account and a savings account.
pub(super) const PEOPLE: &[Person] = &[
    person("mina", "김미나", 3_200_000),
    person("joon", "이준호", 2_850_000),
    person("seoyeon", "박서연", 4_100_000),
    person("minjae", "최민재", 2_600_000),
    person("haeun", "정하은", 3_750_000),
    person("alice", "Alice Martin", 3_900_000),
    person("david", "David Okafor", 3_050_000),
    person("sora", "윤소라", 2_400_000),
    person("company", "Hangang Software", 0),
    person("cafe", "달빛커피", 0),
    person("market", "Mapo Market", 0),
    person("landlord", "한동수", 0),
    Person { username: "teller", name: "오은지", role: Role::Teller, salary: 0 },
    Person { username: "auditor", name: "Grace Lim", role: Role::Auditor, salary: 0 },
    Person { username: "admin", name: "강태윤", role: Role::Admin, salary: 0 },
];
