//! The generations by which a member's sessions and tokens are valid.

use serde::{Deserialize, Serialize};

use super::SessionId;

/// The generations of a member's sessions and tokens, part of the member's record.
///
/// A session or token has the generation that its member had when the credentials were read, and is valid while that is
/// still the member's generation. Whatever ends sessions or tokens begins the next generation in the same record. They
/// end at the moment when that record is durable, including those that are just being created from what was true
/// before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Generations {
    sessions: u32,
    tokens: u32,
    /// A session of an earlier generation that stays valid: the one in which its owner ended the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kept: Option<SessionId>,
}

impl Generations {
    /// Ends all sessions and all tokens.
    pub(super) const fn all_over(self) -> Generations {
        self.sessions_over(None).tokens_over()
    }

    /// Ends all sessions but one.
    pub(super) const fn sessions_over(self, kept: Option<SessionId>) -> Generations {
        Generations { sessions: self.sessions.saturating_add(1), kept, ..self }
    }

    /// Ends all tokens.
    pub(super) const fn tokens_over(self) -> Generations {
        Generations { tokens: self.tokens.saturating_add(1), ..self }
    }

    /// Returns the generation for a new session.
    pub(super) const fn of_session(self) -> u32 {
        self.sessions
    }

    /// Returns the generation for a new token.
    pub(super) const fn of_token(self) -> u32 {
        self.tokens
    }

    /// Whether a session of that generation is valid.
    pub(super) fn have_session(&self, id: SessionId, generation: u32) -> bool {
        generation == self.sessions || self.kept == Some(id)
    }

    /// Whether a token of that generation is valid.
    pub(super) const fn have_token(self, generation: u32) -> bool {
        generation == self.tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_generation_has_none_of_the_one_before_but_the_session_that_is_kept() {
        let (kept, other) = (SessionId::random(), SessionId::random());
        let first = Generations::default();
        let second = first.sessions_over(Some(kept));
        assert!(first.have_session(kept, 0) && first.have_session(other, 0) && first.have_token(0));
        assert!(second.have_session(kept, 0) && !second.have_session(other, 0) && second.have_token(0));
        assert!(second.have_session(other, second.of_session()));
        let third = second.sessions_over(Some(other));
        assert!(!third.have_session(kept, 0) && third.have_session(other, 1));
        let last = third.all_over();
        assert!(!last.have_session(other, 1) && !last.have_session(kept, 0) && !last.have_token(0));
        assert!(last.have_token(last.of_token()));
    }

    #[test]
    fn records_of_before_there_were_generations_are_of_the_first() {
        assert_eq!(
            serde_json::from_str::<Generations>(r#"{"sessions":0,"tokens":0}"#).unwrap(),
            Generations::default()
        );
        let kept = Generations::default().sessions_over(Some(SessionId(uuid::Uuid::nil())));
        let text = serde_json::to_string(&kept).unwrap();
        assert_eq!(text, r#"{"sessions":1,"tokens":0,"kept":"00000000-0000-0000-0000-000000000000"}"#);
        assert_eq!(serde_json::from_str::<Generations>(&text).unwrap(), kept);
    }
}
