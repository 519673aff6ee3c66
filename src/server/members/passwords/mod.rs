//! Passwords: requirements, hashing and comparison.

mod hasher;
mod queue;

use std::borrow::Cow;

use jangbu::text::normalized;
use unicode_normalization::UnicodeNormalization;

use super::MemberError;
pub(crate) use hasher::{Hasher, PasswordMatch};
pub(crate) use queue::QueueLane;

/// The fewest characters of a password.
const SHORTEST: usize = 8;
/// The most characters of a password: enough for any phrase, and a limit on what is hashed.
const LONGEST: usize = 200;
/// Common passwords, in lower case, one per line.
const COMMON: &str = include_str!("common.txt");

/// Returns a password as it is hashed: what RFC 8265 calls an OpaqueString. Spaces of other scripts become the ASCII
/// space, and the text is converted to normal form C, so that every keyboard types the same password.
///
/// Of the characters that the RFC disallows, only control characters are refused, when a password is set. The others
/// depend on the Unicode version of the implementation, and conjoining Hangul, which some keyboards send, is composed
/// here instead.
pub(crate) fn opaque(password: &str) -> Cow<'_, str> {
    let is_other_space = |character: char| {
        matches!(character, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
    };
    if password.contains(is_other_space) {
        return Cow::Owned(normalized(&password.replace(is_other_space, " ")).into_owned());
    }
    normalized(password)
}

/// Checks a new password of the member with that username.
///
/// # Errors
/// 400 for field `field`: `control_character`, `too_short`, `too_long`, `too_common`, `contains_username`.
pub(crate) fn check(field: &str, password: &str, username: &str) -> Result<(), MemberError> {
    let password = &*opaque(password);
    let characters = password.chars().count();
    let (code, detail) = if password.chars().any(char::is_control) {
        ("control_character", "a password has no control characters")
    } else if characters < SHORTEST {
        ("too_short", "a password has at least 8 characters")
    } else if characters > LONGEST {
        ("too_long", "a password has at most 200 characters")
    } else if folded(password).contains(&folded(username)) {
        ("contains_username", "a password does not contain the username")
    } else if is_common(password) {
        ("too_common", "this password is among those that are tried first")
    } else {
        return Ok(());
    };
    Err(MemberError::field(field, code, detail))
}

/// Returns the text for comparison: regardless of case and of compatible forms of letters, such as full-width ones.
fn folded(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// Whether it is a common password, alone or followed by a few digits or signs.
fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let bare = lower.trim_end_matches(|last: char| last.is_ascii_digit() || last.is_ascii_punctuation());
    let same = lower.chars().next().is_some_and(|first| lower.chars().all(|character| character == first));
    same || COMMON.lines().any(|common| common == lower || (bare.len() >= 4 && common == bare))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::members::FieldError;

    fn code(password: &str) -> Option<&'static str> {
        match check("password", password, "mina.kim.2").err()? {
            MemberError::Field(FieldError { code, .. }) => Some(code),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn what_a_password_must_be() {
        for (password, expected) in [
            ("", Some("too_short")),
            ("kq8!hz2", Some("too_short")),
            ("장부장부장부장", Some("too_short")),
            ("kq8!hz2w", None),
            ("a long phrase about tea", None),
            ("Password", Some("too_common")),
            ("password1", Some("too_common")),
            ("Password2026!", Some("too_common")),
            ("123456789", Some("too_common")),
            ("qwertyuiop", Some("too_common")),
            ("aaaaaaaaaaaa", Some("too_common")),
            ("Mina.Kim.2", Some("contains_username")),
            ("my MINA.KIM.2!", Some("contains_username")),
            ("ｍｉｎａ．ｋｉｍ．２", Some("contains_username")),
            ("mina-kim-2 at the sea", None),
            ("kq8!hz2w\t", Some("control_character")),
            ("장부장부장부장부", None),
            // Eight characters as they are typed, four as they are.
            ("\u{110c}\u{1161}\u{1107}\u{116e}\u{110c}\u{1161}\u{1107}\u{116e}", Some("too_short")),
            ("ｋ\u{3000}q8!hz2", None),
        ] {
            assert_eq!(code(password), expected, "{password:?}");
        }
        assert_eq!(code(&"x1".repeat(100)), None);
        assert_eq!(code(&"x1".repeat(101)), Some("too_long"));
    }

    #[test]
    fn every_keyboard_types_the_same_password() {
        for (typed, kept) in [
            ("a long phrase", "a long phrase"),
            ("a\u{a0}long\u{3000}phrase", "a long phrase"),
            ("\u{1100}\u{1161}\u{2003}e\u{301}", "가 é"),
            ("ｋ", "ｋ"),
        ] {
            assert_eq!(opaque(typed), kept);
            assert_eq!(opaque(kept), kept);
        }
    }

    #[test]
    fn the_list_is_in_lower_case_without_repetitions() {
        let mut seen = std::collections::BTreeSet::new();
        for line in COMMON.lines() {
            assert_eq!(line, line.trim().to_lowercase());
            assert!(!line.is_empty() && seen.insert(line), "{line:?}");
        }
        assert!(seen.len() >= 400, "{} passwords", seen.len());
    }
}
