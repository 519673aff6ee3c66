//! Names chosen by people.

use jangbu::text::{check_text, count_chars, normalized};

use super::MemberError;

/// The most characters of a name.
const LONGEST: usize = 100;

/// Checks a name, and returns it as it is stored: in normal form C, 1 to 100 readable characters, without spaces around
/// them.
///
/// # Errors
/// 400 for field `field`: `invalid`, or the reason for which it cannot be read.
pub(super) fn readable_name(field: &str, name: &str) -> Result<String, MemberError> {
    check_text(name).map_err(|error| MemberError::field(field, error.code(), error.to_string()))?;
    if (1..=LONGEST).contains(&count_chars(name)) && name.trim() == name {
        return Ok(normalized(name).into_owned());
    }
    Err(MemberError::field(field, "invalid", "1 to 100 characters, without spaces around them"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_in_one_form_and_can_be_read() {
        assert_eq!(readable_name("name", "\u{1100}\u{1175}\u{11b7} e\u{301}").unwrap(), "김 é");
        assert_eq!(readable_name("name", &"\u{1100}\u{1175}\u{11b7}".repeat(100)).unwrap(), "김".repeat(100));
        for (name, code) in [
            ("", "invalid"),
            (" 김", "invalid"),
            ("a\nb", "control_character"),
            ("a\u{2028}b", "line_separator"),
            ("\u{202e}anim", "direction_control"),
            ("\u{3164}", "invisible"),
            (&"김".repeat(101), "invalid"),
        ] {
            let error = readable_name("name", name).unwrap_err();
            assert!(matches!(&error, MemberError::Field(field) if field.code == code), "{name:?} {error}");
        }
    }
}
