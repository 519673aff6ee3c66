//! Names from other systems: order numbers, ids, account numbers. Which spellings are refused, and which are the same
//! name.
//!
//! Ids that prevent double payments are derived from such names. Two spellings that look alike must therefore be the
//! same name, or be refused.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::is_ignorable;

/// Why a text cannot identify anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpellingError {
    /// Empty.
    #[error("it is empty")]
    Empty,
    /// White space at either end, which people cannot see.
    #[error("it begins or ends with white space")]
    EdgeSpace,
    /// A control character, or a line or paragraph separator.
    #[error("it contains the control character U+{:04X}", u32::from(*.0))]
    Control(char),
    /// An invisible character: zero width, a format character or a byte order mark.
    #[error("it contains the invisible character U+{:04X}", u32::from(*.0))]
    Invisible(char),
    /// A text that looks the same in normal form C but has other characters.
    #[error("it is not in Unicode's normal form C")]
    NotNormal,
}

/// Checks that a text has only one spelling, so that it contains nothing but what people see.
pub fn check_spelling(text: &str) -> Result<(), SpellingError> {
    if text.is_empty() {
        return Err(SpellingError::Empty);
    }
    let control = |it: &char| it.is_control() || matches!(it, '\u{2028}' | '\u{2029}');
    if let Some(control) = text.chars().find(control) {
        return Err(SpellingError::Control(control));
    }
    if let Some(invisible) = text.chars().find(|it| is_invisible(*it)) {
        return Err(SpellingError::Invisible(invisible));
    }
    if text.trim() != text {
        return Err(SpellingError::EdgeSpace);
    }
    if is_nfc(text) { Ok(()) } else { Err(SpellingError::NotNormal) }
}

/// Returns what all spellings of an account number share that differ only in case, separators and width: `yz 8714-4583`
/// and `ＹＺ-87144583` give `YZ87144583`. Returns `None` for a text that is not an account number in any spelling.
pub fn number_key(text: &str) -> Option<String> {
    let mut key = String::new();
    for character in text.nfkc() {
        match character {
            letter if letter.is_ascii_alphanumeric() => key.push(letter.to_ascii_uppercase()),
            separator if is_separator(separator) => {}
            _ => return None,
        }
    }
    if key.is_empty() { None } else { Some(key) }
}

/// Returns whether people write the character between the groups of an account number: spaces, hyphens and dashes,
/// dots, slashes.
fn is_separator(character: char) -> bool {
    matches!(character, ' ' | '-' | '.' | '/' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Returns whether a character is invisible: those that texts may contain between others, and Unicode's format
/// characters (category Cf).
const fn is_invisible(character: char) -> bool {
    is_ignorable(character)
        || matches!(
            character,
            '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{110bd}' | '\u{110cd}'
                | '\u{fff9}'..='\u{fffb}' | '\u{13430}'..='\u{1343f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_hidden_characters_are_refused_with_a_reason() {
        for (text, reason) in [
            ("29401", None),
            ("A 1/2026-11 №7", None),
            ("주문-12", None),
            ("", Some(SpellingError::Empty)),
            (" 1", Some(SpellingError::EdgeSpace)),
            ("1 ", Some(SpellingError::EdgeSpace)),
            ("1\u{a0}", Some(SpellingError::EdgeSpace)),
            ("\u{3000}1", Some(SpellingError::EdgeSpace)),
            ("1\t", Some(SpellingError::Control('\t'))),
            ("1\n2", Some(SpellingError::Control('\n'))),
            ("1\0", Some(SpellingError::Control('\0'))),
            ("1\u{85}2", Some(SpellingError::Control('\u{85}'))),
            ("1\u{2028}2", Some(SpellingError::Control('\u{2028}'))),
            ("1\u{200b}2", Some(SpellingError::Invisible('\u{200b}'))),
            ("1\u{200d}2", Some(SpellingError::Invisible('\u{200d}'))),
            ("\u{feff}1", Some(SpellingError::Invisible('\u{feff}'))),
            ("1\u{ad}2", Some(SpellingError::Invisible('\u{ad}'))),
            ("1\u{202e}2", Some(SpellingError::Invisible('\u{202e}'))),
            ("1\u{e0001}", Some(SpellingError::Invisible('\u{e0001}'))),
            ("e\u{301}", Some(SpellingError::NotNormal)),
            ("\u{1100}\u{1161}", Some(SpellingError::NotNormal)),
            ("\u{212b}", Some(SpellingError::NotNormal)),
        ] {
            assert_eq!(check_spelling(text).err(), reason, "{text:?}");
        }
    }

    #[test]
    fn account_numbers_match_without_case_separators_and_width() {
        for text in [
            "YZ-87144583",
            "yz87144583",
            "Yz 8714 4583",
            "ＹＺ－８７１４４５８３",
            "YZ–8714.4583",
            "yz\u{2011}87144583",
        ] {
            assert_eq!(number_key(text).as_deref(), Some("YZ87144583"), "{text}");
        }
        for text in ["", "-", "계좌", "12\u{200b}3", "é1", "1,2", "1\t2", "١٢"] {
            assert_eq!(number_key(text), None, "{text:?}");
        }
    }
}
