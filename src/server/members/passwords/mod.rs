//! Passwords: what a password must be, and how it is hashed and compared.

mod hasher;

use crate::server::http::Problem;
pub(crate) use hasher::Hasher;

/// The fewest characters of a password.
const SHORTEST: usize = 8;
/// The most characters of a password: enough for any phrase, and a bound on what is hashed.
const LONGEST: usize = 200;
/// The passwords that are tried first, in lower case, a line each.
const COMMON: &str = include_str!("common.txt");

/// Fails unless the text may be the password of the member of that username.
///
/// # Errors
/// 400 for field `field`: `too_short`, `too_long`, `too_common`, `is_username`.
pub(crate) fn check(field: &str, password: &str, username: &str) -> Result<(), Problem> {
    let characters = password.chars().count();
    let (code, detail) = if characters < SHORTEST {
        ("too_short", "a password has at least 8 characters")
    } else if characters > LONGEST {
        ("too_long", "a password has at most 200 characters")
    } else if password.to_lowercase() == username.to_lowercase() {
        ("is_username", "a password is not the username")
    } else if is_common(password) {
        ("too_common", "this password is among those that are tried first")
    } else {
        return Ok(());
    };
    Err(Problem::invalid_field(field, code, detail))
}

/// Whether it is one of those that are tried first, alone or with a few digits or signs behind it.
fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let bare = lower.trim_end_matches(|last: char| last.is_ascii_digit() || last.is_ascii_punctuation());
    let same = lower.chars().next().is_some_and(|first| lower.chars().all(|character| character == first));
    same || COMMON.lines().any(|common| common == lower || (bare.len() >= 4 && common == bare))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(password: &str) -> Option<String> {
        let problem = check("password", password, "mina.kim.2").err()?.to_value();
        Some(problem["errors"][0]["code"].as_str().unwrap().to_owned())
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
            ("Mina.Kim.2", Some("is_username")),
        ] {
            assert_eq!(code(password).as_deref(), expected, "{password:?}");
        }
        assert_eq!(code(&"x1".repeat(100)), None);
        assert_eq!(code(&"x1".repeat(101)).as_deref(), Some("too_long"));
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
