//! Lists that add up: what came in less what went out, by the rows that are posted, is the change of the balance.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::http::Method;
use jangbu::{
    AccountNumber, CommandId, Timestamp,
    holds::{SettleHold, VoidHold},
    queries::Moment,
};
use serde_json::{Value, json};

use super::defects::ordinary;
use super::{account, pay, post, posted, typed_account, waiting_town};
use crate::server::testing::Town;

/// A source of numbers that a seed decides (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }

    fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// A town in which everything happened that moves money.
struct History {
    town: Town,
    dice: Dice,
    accounts: Vec<(&'static str, AccountNumber)>,
    holds: Vec<String>,
    pending: Vec<CommandId>,
    ids: Vec<String>,
}

impl History {
    async fn new(seed: u64, steps: usize) -> History {
        let town = waiting_town().await;
        let kind = ordinary(&town).await;
        town.service.bank.set_owner(town.member("mina").owner(), 2).await.unwrap();
        let paid = typed_account(&town, "mina", 50_000, kind).await;
        let second = account(&town, "joon", 0).await;
        let accounts = vec![("mina", town.mina), ("mina", paid), ("joon", town.joon), ("joon", second)];
        let (holds, pending, ids) = (Vec::new(), Vec::new(), Vec::new());
        let mut history = History { town, dice: Dice(seed), accounts, holds, pending, ids };
        for _ in 0..steps {
            history.step().await;
        }
        // What expires has expired.
        history.town.clock.advance(Duration::from_secs(100));
        for (_, number) in &history.accounts {
            while history.town.service.bank.holds(*number).await.unwrap().iter().any(|hold| hold.expires_at.is_some()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        history
    }

    async fn step(&mut self) {
        let amount = u64::try_from(self.dice.below(900) + 1).unwrap();
        let (who, from) = self.dice.pick(&self.accounts);
        let (_, to) = self.dice.pick(&self.accounts);
        let town = &self.town;
        let made = match self.dice.below(11) {
            0 => {
                let mut wanted = pay(from, to, amount);
                wanted["metadata"] = json!({ "order": "7" });
                let made = post(town, who, "/transfers", wanted).await.json;
                self.pending.extend(made["id"].as_str().and_then(|id| id.parse::<CommandId>().ok()));
                made
            }
            1 if !self.pending.is_empty() => {
                let id = self.dice.pick(&self.pending);
                // A verdict; the transfer may have had one before.
                match self.dice.below(3) {
                    0 => {
                        let void = VoidHold { rejected: true, ..VoidHold::new(id).because("fraud") };
                        drop(town.service.bank.void_hold(void).await);
                    }
                    _ => drop(town.service.bank.settle_hold(SettleHold::all(id)).await),
                }
                Value::Null
            }
            2 if !self.pending.is_empty() => {
                let path = format!("/transfers/{}/cancel", self.dice.pick(&self.pending));
                town.send(who, Method::POST, &path, None).await.json
            }
            3 => post(town, "theo", "/deposits", json!({ "to": to.as_str(), "amount": amount })).await.json,
            4 => post(town, "theo", "/withdrawals", json!({ "from": from.as_str(), "amount": amount })).await.json,
            5 => {
                let mut wanted = pay(from, to, amount);
                if self.dice.below(4) == 0 {
                    wanted["expires_at"] = town.service.time.now().after(Duration::from_secs(60)).to_string().into();
                }
                let made = post(town, "theo", "/holds", wanted).await.json;
                self.holds.extend(made["id"].as_str().map(str::to_owned));
                made
            }
            6 | 7 if !self.holds.is_empty() => {
                let hold = self.dice.pick(&self.holds);
                let how = match self.dice.below(3) {
                    0 => json!({}),
                    1 => json!({ "amount": amount / 2 + 1, "keep_rest": true }),
                    _ => json!({ "amount": amount / 2 + 1 }),
                };
                let made = post(town, "theo", &format!("/transfers/{hold}/settle"), how).await.json;
                self.ids.extend(made["settlement"].as_str().map(str::to_owned));
                made
            }
            8 if !self.holds.is_empty() => {
                let hold = self.dice.pick(&self.holds);
                post(town, "theo", &format!("/transfers/{hold}/void"), json!({ "reason": "no" })).await.json
            }
            9 if !self.ids.is_empty() => {
                let id = self.dice.pick(&self.ids);
                let how = if self.dice.below(2) == 0 { json!({}) } else { json!({ "amount": amount / 4 + 1 }) };
                post(town, "theo", &format!("/transfers/{id}/reverse"), how).await.json
            }
            _ => {
                let (_, third) = self.dice.pick(&self.accounts);
                let step = |from: AccountNumber, to: AccountNumber| json!({ "type": "transfer", "from": from.as_str(), "to": to.as_str(), "amount": amount });
                post(town, "theo", "/linked", json!({ "steps": [step(from, to), step(to, third)] })).await.json
            }
        };
        self.ids.extend(made["id"].as_str().map(str::to_owned));
    }

    /// All rows of a list, page by page.
    async fn rows(&self, who: &str, path: &str) -> Vec<Value> {
        let (mut rows, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.town.get(Some(who), &format!("{path}&limit=71{cursor}")).await;
            assert_eq!(page.status, 200, "{path}: {}", page.text);
            rows.extend(page.json["data"].as_array().unwrap().clone());
            match page.json["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return rows,
            }
        }
    }

    /// The same rows out of a file, as far as a sum needs them.
    async fn file(&self, who: &str, path: &str) -> Vec<Value> {
        let path = format!("{path}&bom=false");
        let file = self.town.send_with(who, Method::GET, &path, None, &[("accept", "text/csv")]).await;
        let mut reader = csv::Reader::from_reader(file.text.as_bytes());
        let rows = reader.deserialize::<BTreeMap<String, String>>().map(|row| {
            let row = row.unwrap();
            let number = |name: &str| row[name].parse::<i64>().ok();
            json!({
                "id": row["id"], "status": row["status"], "from": row["from"], "to": row["to"],
                "amount": number("amount"), "fee": number("fee"),
            })
        });
        rows.collect()
    }
}

/// What the posted rows brought to an account.
fn sum(rows: &[Value], account: AccountNumber) -> i64 {
    let is = |value: &Value| value.as_str() == Some(account.as_str());
    let mut sum = 0;
    for row in rows.iter().filter(|row| row["status"] == "posted") {
        let amount = row["amount"].as_i64().unwrap();
        if is(&row["to"]) {
            sum += amount;
        }
        if is(&row["from"]) {
            sum -= amount + row["fee"].as_i64().unwrap_or_else(|| panic!("its sender sees the fee: {row}"));
        }
    }
    sum
}

#[actix_web::test]
async fn the_posted_rows_of_every_list_and_file_add_up_to_what_moved() {
    let history = History::new(1, 260).await;
    let bank = &history.town.service.bank;
    let everything = history.rows("ada", "/admin/transfers?order=oldest").await;
    let has = |name: &str, value: &str| everything.iter().filter(|row| row[name] == value).count();
    for status in ["posted", "rejected", "cancelled", "held", "settled", "partly_settled", "voided", "expired"] {
        assert!(has("status", status) > 0, "nothing is {status}");
    }
    let mut moments: Vec<Timestamp> = Vec::new();
    for row in everything.iter().step_by(everything.len() / 2) {
        let at = if row["requires_verification"] == true { &row["ended_at"] } else { &row["created_at"] };
        moments.extend(at.as_str().and_then(|at| at.parse::<Timestamp>().ok()));
    }
    for (who, number) in &history.accounts {
        let (own, other) = (history.town.member(who).id, posted(&history.town, *number).await);
        let lists = [
            (*who, "/transfers?".to_owned()),
            (*who, format!("/transfers?account={number}")),
            ("auda", format!("/transfers?account={number}")),
            ("auda", format!("/transfers?member={own}")),
            ("auda", format!("/admin/transfers?account={number}")),
            ("auda", "/admin/transfers?kind=transfer,deposit,withdrawal,settlement,reversal,sweep".to_owned()),
        ];
        for (reader, list) in lists {
            for asked in ["order=newest", "order=oldest&status=posted"] {
                let path = format!("{list}&{asked}");
                let rows = history.rows(reader, &path).await;
                assert_eq!(sum(&rows, *number), other, "{number} by {path} for {reader}");
            }
            let rows = history.file(reader, &list).await;
            assert_eq!(sum(&rows, *number), other, "{number} in the file of {list} for {reader}");
            for moment in &moments {
                let rows = history.rows(reader, &format!("{list}&to={moment}")).await;
                let before = Moment::Time(Timestamp::from_ns(moment.as_ns() - 1));
                let then = bank.balance_at(*number, before).await.unwrap().map_or(0, jangbu::Balance::minor_units);
                assert_eq!(sum(&rows, *number), then, "{number} by {list} to {moment}");
            }
        }
    }
    let mut once: BTreeMap<String, usize> = BTreeMap::new();
    for row in everything.iter().filter(|row| row["requires_verification"] == true) {
        assert_eq!(row["kind"], "transfer", "{row}");
        *once.entry(row["id"].to_string()).or_default() += 1;
        let by_id = history.town.get(Some("ada"), &format!("/transfers/{}", row["id"].as_str().unwrap())).await.json;
        for name in ["status", "amount", "fee", "created_at", "ended_at", "position", "metadata", "settlement"] {
            assert_eq!(by_id[name], row[name], "{name} of {row} by itself");
        }
    }
    assert!(once.values().all(|times| *times == 1) && once.len() == history.pending.len(), "{once:?}");
    // What was taken back says so, and leads there and back.
    let reversals: Vec<&Value> = everything.iter().filter(|row| row["kind"] == "reversal").collect();
    assert!(!reversals.is_empty());
    for reversal in reversals {
        let (original, step) = (reversal["original"].as_str().unwrap(), &reversal["original_step"]);
        let path = format!("/transfers/{original}?step={step}");
        let original = history.town.get(Some("ada"), &path).await.json;
        assert!(original["reversed"].as_u64() >= reversal["amount"].as_u64(), "{original}");
        assert!(original["reversals"].as_array().unwrap().contains(&reversal["id"]), "{original}");
    }
}
