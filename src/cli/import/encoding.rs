//! Detects the encoding of a file and decodes it.
//!
//! This module must never guess. A file that could be in two encodings is refused until the user names one.

use std::fmt;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use clap::ValueEnum;
use encoding_rs::{BIG5, EUC_JP, EUC_KR, GBK, SHIFT_JIS, UTF_16BE, UTF_16LE};

/// An encoding that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Encoding {
    /// With or without a byte order mark
    #[value(name = "utf-8")]
    Utf8,
    /// Little-endian unless a byte order mark says otherwise
    #[value(name = "utf-16")]
    Utf16,
    /// The Korean encoding of Windows, a superset of EUC-KR
    Cp949,
}

/// The detected encoding of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// UTF-8.
    Utf8 {
        /// Whether the file begins with a byte order mark.
        mark: bool,
    },
    /// UTF-16.
    Utf16 {
        /// Whether the high byte comes first.
        big: bool,
    },
    /// CP949.
    Cp949,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Found::Utf8 { mark: false } => "UTF-8",
            Found::Utf8 { mark: true } => "UTF-8 with a byte order mark",
            Found::Utf16 { big: false } => "UTF-16, little-endian",
            Found::Utf16 { big: true } => "UTF-16, big-endian",
            Found::Cp949 => "CP949",
        })
    }
}

/// Returns the text of a file and its encoding. If `named` is given, the file is read in that encoding and no other.
///
/// # Errors
/// A sentence that describes what is wrong with the file.
pub(super) fn decode(bytes: Vec<u8>, named: Option<Encoding>) -> Result<(String, Found), String> {
    let found = match named {
        Some(Encoding::Utf8) => Found::Utf8 { mark: bytes.starts_with(b"\xef\xbb\xbf") },
        Some(Encoding::Utf16) => Found::Utf16 { big: bytes.starts_with(b"\xfe\xff") },
        Some(Encoding::Cp949) => Found::Cp949,
        None => detect(&bytes)?,
    };
    let text = match found {
        Found::Utf8 { mark } => {
            let text = if mark { bytes.get(3..).unwrap_or_default().to_vec() } else { bytes };
            String::from_utf8(text).map_err(|error| {
                let valid = error.utf8_error().valid_up_to();
                let line = line_of(error.as_bytes(), valid);
                format!("line {line}: the text is not UTF-8")
            })?
        }
        Found::Utf16 { big } => {
            let encoding = if big { UTF_16BE } else { UTF_16LE };
            let text = encoding.decode_with_bom_removal(&bytes).0;
            // No writer leaves half a code unit or half a surrogate pair.
            let whole = bytes.len().is_multiple_of(2) && !text.contains('\u{fffd}');
            if whole { text.into_owned() } else { return Err("the text is not UTF-16".into()) }
        }
        Found::Cp949 => {
            let (text, wrong) = EUC_KR.decode_without_bom_handling(&bytes);
            if wrong { return Err("the text is not CP949".into()) } else { text.into_owned() }
        }
    };
    Ok((text, found))
}

fn detect(bytes: &[u8]) -> Result<Found, String> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => return Ok(Found::Utf8 { mark: true }),
        [0xff, 0xfe, ..] => return Ok(Found::Utf16 { big: false }),
        [0xfe, 0xff, ..] => return Ok(Found::Utf16 { big: true }),
        // A header begins with an ASCII letter, and text in other encodings has no zero bytes.
        [letter, 0, ..] if *letter != 0 => return Ok(Found::Utf16 { big: false }),
        [0, letter, ..] if *letter != 0 => return Ok(Found::Utf16 { big: true }),
        _ => {}
    }
    let Err(error) = std::str::from_utf8(bytes) else { return Ok(Found::Utf8 { mark: false }) };
    let line = line_of(bytes, error.valid_up_to());
    if is_korean(bytes) {
        return Ok(Found::Cp949);
    }
    Err(format!(
        "line {line}: the text is not UTF-8 and may not be CP949; save the file as UTF-8, or use --encoding cp949 if \
         it is CP949"
    ))
}

/// Returns whether bytes that are not UTF-8 can only be Korean.
///
/// Most texts from Western Europe, China or Japan are valid CP949 as well, but decode to syllables that nobody writes
/// there: next to Latin letters, or among Chinese characters. A file of orders has too few words for statistics alone,
/// but a detector that is sure of another language is trusted.
fn is_korean(bytes: &[u8]) -> bool {
    let (text, wrong) = EUC_KR.decode_without_bom_handling(bytes);
    if wrong || !text.lines().all(is_korean_line) {
        return false;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    ![GBK, BIG5, EUC_JP, SHIFT_JIS].contains(&guess)
}

fn is_korean_line(line: &str) -> bool {
    let mut before = ' ';
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let after = characters.peek().copied().unwrap_or(' ');
        let is_beside_latin = before.is_ascii_alphanumeric() || after.is_ascii_alphanumeric();
        let fits = match character {
            '가'..='힣' => !(is_beside_latin && is_half_latin(character)),
            'ㄱ'..='ㆎ' | '\u{3000}'..='〟' | '㈀'..='㉿' | '！'..='～' | '￦' => true,
            '·' | '※' | '→' | '‘'..='”' | '…' => true,
            other => other.is_ascii(),
        };
        if !fits {
            return false;
        }
        before = character;
    }
    true
}

/// Returns whether the second byte of a syllable in CP949 is a Latin letter. Western European text has such a pair
/// wherever an accented letter precedes a plain one.
fn is_half_latin(syllable: char) -> bool {
    let mut buffer = [0; 4];
    let (bytes, _, _) = EUC_KR.encode(syllable.encode_utf8(&mut buffer));
    bytes.get(1).is_some_and(u8::is_ascii_alphabetic)
}

/// Returns the line number, counted from 1, of the byte at `at`.
fn line_of(bytes: &[u8], at: usize) -> usize {
    bytes.get(..at).unwrap_or(bytes).iter().filter(|byte| **byte == b'\n').count().saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{WINDOWS_1251, WINDOWS_1252};

    const HEAD: &str = "order,from,to,amount,label\n1,A,B,300,";

    fn encoded(text: &str, encoding: &'static encoding_rs::Encoding) -> Vec<u8> {
        let (bytes, _, unmappable) = encoding.encode(text);
        assert!(!unmappable, "{text} cannot be written in {}", encoding.name());
        bytes.into_owned()
    }

    fn utf_16(text: &str, big: bool, mark: bool) -> Vec<u8> {
        let mark = mark.then_some('\u{feff}');
        let text: String = mark.into_iter().chain(text.chars()).collect();
        let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn files_are_decoded_in_their_detected_encoding() {
        let text = format!("{HEAD}월세\n");
        for (bytes, found) in [
            (text.clone().into_bytes(), Found::Utf8 { mark: false }),
            (format!("\u{feff}{text}").into_bytes(), Found::Utf8 { mark: true }),
            (utf_16(&text, false, true), Found::Utf16 { big: false }),
            (utf_16(&text, true, true), Found::Utf16 { big: true }),
            (utf_16(&text, false, false), Found::Utf16 { big: false }),
            (utf_16(&text, true, false), Found::Utf16 { big: true }),
            (encoded(&text, EUC_KR), Found::Cp949),
        ] {
            assert_eq!(decode(bytes, None), Ok((text.clone(), found)));
        }
        assert_eq!(decode(Vec::new(), None), Ok((String::new(), Found::Utf8 { mark: false })));
    }

    #[test]
    fn korean_is_detected_by_its_syllables() {
        for label in [
            "월세",
            "가",
            "점심",
            "관리비",
            "이체 홍길동",
            "똠방",
            "펲시콜라",
            "뷁",
            "㈜보기",
            "KB국민",
            "A동 101호",
            "“월세”",
            "１２월",
        ] {
            let text = format!("{HEAD}{label}\n");
            assert_eq!(decode(encoded(&text, EUC_KR), None), Ok((text, Found::Cp949)));
        }
    }

    #[test]
    fn ambiguous_text_is_refused_until_an_encoding_is_named() {
        for (label, encoding) in [
            ("Äpfel", WINDOWS_1252),
            ("Müller", WINDOWS_1252),
            ("Größe", WINDOWS_1252),
            ("café", WINDOWS_1252),
            ("Škoda", WINDOWS_1252),
            ("20°C", WINDOWS_1252),
            ("аренда", WINDOWS_1251),
            ("北京", GBK),
            ("工资", GBK),
            ("房租", BIG5),
            ("家賃", EUC_JP),
            ("ランチ", EUC_JP),
            ("給料", SHIFT_JIS),
            // Korean written with Chinese characters could be Chinese as well.
            ("月貰", EUC_KR),
        ] {
            let bytes = encoded(&format!("{HEAD}{label}\n"), encoding);
            let error = decode(bytes, None).expect_err(label);
            assert!(
                error.starts_with("line 2: the text is not UTF-8") && error.contains("--encoding"),
                "{label}: {error}"
            );
        }
        let text = format!("{HEAD}月貰\n");
        assert_eq!(decode(encoded(&text, EUC_KR), Some(Encoding::Cp949)), Ok((text, Found::Cp949)));
    }

    #[test]
    fn a_file_must_be_in_the_named_encoding() {
        let text = format!("{HEAD}월세\n");
        let korean = encoded(&text, EUC_KR);
        for (bytes, named, error) in [
            (korean, Encoding::Utf8, "line 2: the text is not UTF-8"),
            (text.clone().into_bytes(), Encoding::Cp949, "the text is not CP949"),
            (b"odd".to_vec(), Encoding::Utf16, "the text is not UTF-16"),
            (vec![0x00, 0xd8, b'a', 0], Encoding::Utf16, "the text is not UTF-16"),
        ] {
            assert_eq!(decode(bytes, Some(named)), Err(error.to_owned()));
        }
    }
}
