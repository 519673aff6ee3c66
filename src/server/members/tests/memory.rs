//! Whether memory has what the journal has: nothing is ahead of it or behind it.

use std::collections::BTreeSet;
use std::time::Duration;

use super::raced::restarted;
use crate::server::members::Members;
use crate::server::testing::Town;

/// How often the two are compared while what is written beside a request is still on its way.
const MOST_LOOKS: usize = 400;

/// What memory has, a line for each member, session and token.
pub(crate) fn lines(members: &Members) -> BTreeSet<String> {
    let all = members.all();
    let mut lines: BTreeSet<String> = all.iter().map(|member| format!("{member:?}")).collect();
    for (session, written_at, version) in members.sessions.all() {
        let owner = all.iter().find(|member| member.id == session.member);
        let is_over = session.is_over(members.config.sessions, members.time.now());
        if owner.is_some_and(|owner| session.is_of(owner)) && !is_over {
            let (id, generation) = (session.id, session.generation);
            lines.insert(format!("session {id} {generation} written {written_at} {version:?}"));
        }
    }
    for token in members.tokens.all(None) {
        let kept = serde_json::to_string(&(&token.open, &token.details)).unwrap();
        lines.insert(format!("token {} {kept} {:?}", token.id, token.version));
    }
    lines
}

/// What memory has and the journal has not, and the other way round.
pub(crate) async fn differences(town: &Town) -> Vec<String> {
    let mut found = Vec::new();
    for _ in 0..MOST_LOOKS {
        let (now, again) = (lines(&town.service.members), lines(&restarted(town).await));
        found = now.difference(&again).map(|line| format!("memory alone has {line}")).collect();
        found.extend(again.difference(&now).map(|line| format!("the journal alone has {line}")));
        if found.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    found
}
