//! Texts that people write and read: how they are stored, compared and searched, and which ones are refused.
//!
//! Texts that look the same must be the same. Input is brought into Unicode normal form C, so that 가 typed as one
//! character equals 가 typed as two. It must not contain anything that hides, moves or ends the text beside it on a
//! statement. Records of earlier versions have texts in any form, so comparisons normalize both sides.

mod spelling;

pub use spelling::{SpellingError, check_spelling, number_key};

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// A control character, which cannot be displayed.
    #[error("a text contains a control character")]
    ControlCharacter,
    /// A line or paragraph separator. Texts have one line.
    #[error("a text contains a line separator; texts have one line")]
    LineSeparator,
    /// A character that changes the writing direction, which can make a text look like another one.
    #[error("a text contains a character that changes the writing direction")]
    DirectionControl,
    /// Only spaces and invisible characters.
    #[error("a text has only spaces or invisible characters")]
    Invisible,
}

impl TextError {
    /// Returns the stable code of the reason for programs.
    pub const fn code(self) -> &'static str {
        match self {
            TextError::ControlCharacter => "control_character",
            TextError::LineSeparator => "line_separator",
            TextError::DirectionControl => "direction_control",
            TextError::Invisible => "invisible",
        }
    }
}

/// Checks that people can read a text. An empty text is accepted.
pub fn check_text(text: &str) -> Result<(), TextError> {
    if text.chars().any(char::is_control) {
        Err(TextError::ControlCharacter)
    } else if text.contains(['\u{2028}', '\u{2029}']) {
        Err(TextError::LineSeparator)
    } else if text.contains(controls_direction) {
        Err(TextError::DirectionControl)
    } else if !text.is_empty() && text.chars().all(is_invisible) {
        Err(TextError::Invisible)
    } else {
        Ok(())
    }
}

/// Returns the text in normal form C.
pub fn normalized(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfc().collect())
}

/// Brings a text into normal form C in place.
pub fn normalize(text: &mut String) {
    if let Cow::Owned(normal) = normalized(text) {
        *text = normal;
    }
}

/// Returns the number of characters of the text in normal form C.
pub fn count_chars(text: &str) -> usize {
    normalized(text).chars().count()
}

/// Returns the form in which searches and sort orders compare the text: without regard to case, normal form and width.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Lower-casing can leave the normal form.
    text.nfkc().collect::<String>().to_lowercase().nfkc().collect()
}

/// Returns whether the character has Unicode's property Bidi_Control.
const fn controls_direction(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns whether a character shows nothing. Texts may contain such characters, for example inside an emoji.
fn is_invisible(character: char) -> bool {
    character.is_whitespace() || is_ignorable(character)
}

/// Returns whether the character has Unicode's property Default_Ignorable_Code_Point or is the empty Braille cell.
pub(super) const fn is_ignorable(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreadable_texts_are_refused_with_a_reason() {
        for (text, reason) in [
            ("", None),
            ("rent", None),
            ("월세 12월", None),
            ("👩\u{200d}👧 ❤\u{fe0f}", None),
            ("نور", None),
            ("a\u{7}", Some(TextError::ControlCharacter)),
            ("a\nb", Some(TextError::ControlCharacter)),
            ("a\u{85}b", Some(TextError::ControlCharacter)),
            ("a\u{2028}b", Some(TextError::LineSeparator)),
            ("a\u{2029}b", Some(TextError::LineSeparator)),
            ("\u{202e}tner", Some(TextError::DirectionControl)),
            ("a\u{2066}b", Some(TextError::DirectionControl)),
            ("a\u{200f}b", Some(TextError::DirectionControl)),
            ("a\u{61c}b", Some(TextError::DirectionControl)),
            (" ", Some(TextError::Invisible)),
            ("\u{3000}\u{200b}", Some(TextError::Invisible)),
            ("\u{3164}", Some(TextError::Invisible)),
            ("\u{feff}\u{ad}\u{2800}", Some(TextError::Invisible)),
        ] {
            assert_eq!(check_text(text).err(), reason, "{text:?}");
        }
    }

    #[test]
    fn texts_that_look_alike_are_equal() {
        for (one, other) in [("한글", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"), ("é", "e\u{301}")] {
            assert_ne!(one, other);
            assert_eq!(normalized(other), one);
            assert_eq!(count_chars(other), one.chars().count());
            let mut kept = other.to_owned();
            normalize(&mut kept);
            assert_eq!(kept, one);
        }
        assert!(matches!(normalized("plain"), Cow::Borrowed("plain")));
        assert!(matches!(normalized("월세"), Cow::Borrowed("월세")));
    }

    #[test]
    fn searches_disregard_case_form_and_width() {
        for (one, other) in [
            ("RENT", "rent"),
            ("É", "e\u{301}"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
            ("１２３ Ａ", "123 a"),
            // The lower case of this letter is two characters, which have a normal form of their own.
            ("\u{130}x", "i\u{307}X"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        assert_ne!(folded("a"), folded("á"));
    }

    #[test]
    fn names_that_look_alike_are_equal() {
        for (one, other) in [("A1", "a1"), ("Ａ１", "a1"), ("1\u{a0}2", "1 2"), ("㈜1", "(주)1")] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        for (one, other) in [("1", "01"), ("a", "á"), ("1-2", "12")] {
            assert_ne!(folded(one), folded(other), "{one} {other}");
        }
    }
}
