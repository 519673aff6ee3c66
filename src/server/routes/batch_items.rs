//! Parses the transfers of a batch as they arrive: only the current item is kept as text.

use actix_web::http::StatusCode;
use jangbu::commands::{InvalidCommand, MAX_BATCH};
use serde_json::value::RawValue;

use crate::server::bodies::Share;
use crate::server::http::{Problem, from_slice, parse};
use crate::server::shapes::TransferRequest;

/// The most bytes of one item. All texts of a transfer together are a fraction of it.
const LARGEST_ITEM_BYTES: usize = 64 * 1024;
/// The least memory of an item apart from its texts: its command and its answer.
const ITEM_BYTES: usize = 512;
/// The byte order mark that some programs put in front of UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The format of a batch and of its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// One JSON array.
    Array,
    /// One JSON object per line (`application/x-ndjson`).
    Lines,
}

/// A transfer, or the problem with it.
pub(super) type Item = Result<TransferRequest, Problem>;

/// The transfers of a batch.
#[derive(Debug)]
pub(super) struct BatchItems {
    pub(super) items: Vec<Item>,
    /// The hash of their content, independent of formatting.
    pub(super) content: blake3::Hash,
}

/// Parses a batch piece by piece. An item that does not match the schema is a problem of its own; the others are made.
#[derive(Debug)]
pub(super) struct Reader {
    format: Format,
    share: Share,
    place: ParserState,
    /// The current item.
    text: Vec<u8>,
    /// How many bytes of the byte order mark have been read; `None` once it can no longer follow.
    mark: Option<usize>,
    items: Vec<Item>,
    hasher: blake3::Hasher,
}

/// The position of the next byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ParserState {
    /// Before the array.
    Before,
    /// Before an item; for an array, whether it may be empty.
    Between { may_end: bool },
    /// In an item: the depth, and whether in a string or after a backslash in one.
    Within { depth: usize, string: bool, escaped: bool },
    /// After an item of an array.
    After,
    /// After the array.
    Ended,
}

impl Reader {
    /// Makes a reader for a body that has not arrived yet. The share accounts for its memory.
    pub(super) fn new(format: Format, share: Share) -> Reader {
        let place = match format {
            Format::Array => ParserState::Before,
            Format::Lines => ParserState::Between { may_end: true },
        };
        let (text, items, hasher) = (Vec::new(), Vec::new(), blake3::Hasher::new());
        Reader { format, share, place, text, mark: Some(0), items, hasher }
    }

    /// Parses what has arrived.
    ///
    /// # Errors
    /// 400 for a body that is not a batch or has too many items, 413 for an item that is too large; those of [`Share::take`].
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), Problem> {
        self.share.take(piece.len())?;
        for byte in piece {
            match self.mark {
                Some(read) if MARK.get(read) == Some(byte) => {
                    self.mark = Some(read.saturating_add(1)).filter(|read| *read < MARK.len());
                }
                Some(read) => {
                    self.mark = None;
                    // The bytes only began like the mark.
                    for byte in MARK.iter().take(read).chain([byte]) {
                        self.next(*byte)?;
                    }
                }
                None => self.next(*byte)?,
            }
        }
        Ok(())
    }

    /// Returns the whole batch, and the memory that it occupies.
    ///
    /// # Errors
    /// 400 for a batch without its end.
    pub(super) fn end(mut self) -> Result<(BatchItems, Share), Problem> {
        match self.format {
            Format::Lines => self.end_item()?,
            Format::Array if self.place == ParserState::Ended => {}
            Format::Array => return Err(Problem::invalid("the array has no end")),
        }
        Ok((BatchItems { items: self.items, content: self.hasher.finalize() }, self.share))
    }

    fn next(&mut self, byte: u8) -> Result<(), Problem> {
        match self.format {
            Format::Lines if byte == b'\n' => self.end_item(),
            Format::Lines => self.keep(byte),
            Format::Array => self.next_of_array(byte),
        }
    }

    fn next_of_array(&mut self, byte: u8) -> Result<(), Problem> {
        let is_space = matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.place = match (self.place, byte) {
            (ParserState::Before, b'[') => ParserState::Between { may_end: true },
            (ParserState::Between { may_end: true } | ParserState::After, b']') => ParserState::Ended,
            (ParserState::After, b',') => ParserState::Between { may_end: false },
            (ParserState::Before | ParserState::Between { .. } | ParserState::After | ParserState::Ended, _)
                if is_space =>
            {
                self.place
            }
            (ParserState::Between { .. }, b',' | b']') => return Err(self.wrong("an item is missing")),
            (ParserState::Between { .. }, _) => {
                let begun = ParserState::Within { depth: 0, string: false, escaped: false };
                self.within(begun, byte)?
            }
            (ParserState::Within { .. }, _) => self.within(self.place, byte)?,
            (ParserState::Before, _) => return Err(Problem::invalid("expected an array of transfers")),
            (ParserState::After, _) => return Err(self.wrong("expected `,` or `]`")),
            (ParserState::Ended, _) => return Err(self.wrong("unexpected data after the array")),
        };
        Ok(())
    }

    /// Parses a byte of an item. Returns the position of the next one.
    fn within(&mut self, place: ParserState, byte: u8) -> Result<ParserState, Problem> {
        let ParserState::Within { depth, string, escaped } = place else { return Ok(place) };
        if string {
            self.keep(byte)?;
            let escapes = !escaped && byte == b'\\';
            return Ok(ParserState::Within { depth, string: escaped || byte != b'"', escaped: escapes });
        }
        let within = |depth| ParserState::Within { depth, string: byte == b'"', escaped: false };
        Ok(match (byte, depth) {
            (b',', 0) => {
                self.end_item()?;
                ParserState::Between { may_end: false }
            }
            (b']', 0) => {
                self.end_item()?;
                ParserState::Ended
            }
            (b'{' | b'[', _) => {
                self.keep(byte)?;
                within(depth.saturating_add(1))
            }
            (b'}' | b']', _) => {
                self.keep(byte)?;
                match depth.saturating_sub(1) {
                    0 => {
                        self.end_item()?;
                        ParserState::After
                    }
                    depth => within(depth),
                }
            }
            _ => {
                self.keep(byte)?;
                within(depth)
            }
        })
    }

    fn keep(&mut self, byte: u8) -> Result<(), Problem> {
        if self.text.len() >= LARGEST_ITEM_BYTES {
            let detail = format!("an item is larger than {LARGEST_ITEM_BYTES} bytes");
            let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail);
            return Err(problem.with_figure("most", LARGEST_ITEM_BYTES));
        }
        self.text.push(byte);
        Ok(())
    }

    /// Parses the item that is complete.
    fn end_item(&mut self) -> Result<(), Problem> {
        let raw = trimmed(&self.text);
        if raw.is_empty() {
            self.text.clear();
            return Ok(());
        }
        if self.items.len() >= MAX_BATCH {
            return Err(InvalidCommand::BatchTooLarge { most: MAX_BATCH }.into());
        }
        let item: Item = from_slice(raw).or_else(|_| parse(raw));
        if item.is_err() && self.format == Format::Array {
            // Text that is not JSON cannot be part of an array.
            serde_json::from_slice::<&RawValue>(raw).map_err(|error| Problem::invalid(error.to_string()))?;
        }
        // An item that does not match is represented by its text.
        let said = item.as_ref().ok().and_then(|request| serde_json::to_vec(request).ok());
        let said = said.as_deref().unwrap_or(raw);
        self.hasher.update(&u64::try_from(said.len()).unwrap_or(u64::MAX).to_le_bytes());
        self.hasher.update(said);
        self.share.take(ITEM_BYTES)?;
        self.items.push(item);
        self.text.clear();
        Ok(())
    }

    fn wrong(&self, what: &str) -> Problem {
        Problem::invalid(format!("{what} after item {}", self.items.len()))
    }
}

/// Trims JSON whitespace.
fn trimmed(text: &[u8]) -> &[u8] {
    let is_text = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let begin = text.iter().position(is_text).unwrap_or(text.len());
    let end = text.iter().rposition(is_text).map_or(begin, |last| last.saturating_add(1));
    text.get(begin..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;
    use crate::server::bodies::{Bodies, Size};

    fn reader(format: Format) -> Reader {
        Reader::new(format, Bodies::default().begin(Size::Large, IpAddr::V4(Ipv4Addr::LOCALHOST), None))
    }

    fn items(format: Format, body: &[u8]) -> Result<BatchItems, Problem> {
        let mut reader = reader(format);
        reader.push(body)?;
        reader.end().map(|(listed, _)| listed)
    }

    fn statuses(items: &[Item]) -> Vec<u16> {
        items.iter().map(|item| item.as_ref().map_or_else(|problem| problem.status().as_u16(), |_| 200)).collect()
    }

    #[test]
    fn one_item_that_does_not_fit_is_a_problem_of_its_own() {
        let good = r#"{"from":"A","to":"B","amount":1}"#;
        let bad = r#"{"from":"A","to":"B","amount":1,"fee":0}"#;
        let array = format!("[{good},{bad},{good}]");
        assert_eq!(statuses(&items(Format::Array, array.as_bytes()).unwrap().items), [200, 400, 200]);
        let lines = format!("{good}\n{bad}\n\n{good}\nnonsense");
        assert_eq!(statuses(&items(Format::Lines, lines.as_bytes()).unwrap().items), [200, 400, 200, 400]);
    }

    #[test]
    fn a_batch_is_bounded() {
        let line = "{\"from\":\"A\",\"to\":\"B\",\"amount\":1}\n";
        assert_eq!(items(Format::Lines, line.repeat(MAX_BATCH).as_bytes()).unwrap().items.len(), MAX_BATCH);
        let refused = items(Format::Lines, line.repeat(MAX_BATCH + 1).as_bytes()).unwrap_err();
        assert_eq!((refused.status().as_u16(), refused.code()), (400, "batch_too_large"));
        for format in [Format::Lines, Format::Array] {
            let long = format!("[{{\"reference\":\"{}", "x".repeat(LARGEST_ITEM_BYTES));
            assert_eq!(reader(format).push(long.as_bytes()).unwrap_err().status(), 413, "{format:?}");
        }
    }

    #[test]
    fn a_list_is_the_same_however_it_is_written() {
        let array = r#"[{"from":"A","to":"B","amount":1},{"from":"A","to":"B","amount":2}]"#;
        let spaced = r#" [ {"amount":1,"to":"B","from":"A"}, {"from":"A","to":"B","amount":2} ]"#;
        let lines = "\u{feff}{\"from\":\"A\",\"to\":\"B\",\"amount\":1}\n{\"from\":\"A\",\"to\":\"B\",\"amount\":2}\n";
        let content = |format, text: &str| items(format, text.as_bytes()).unwrap().content;
        let first = content(Format::Array, array);
        assert_eq!(content(Format::Array, spaced), first);
        assert_eq!(content(Format::Lines, lines), first);
        for other in [r#"[{"from":"A","to":"B","amount":1}]"#, &array.replace("2", "3"), &array.replace("B", "C")] {
            assert_ne!(content(Format::Array, other), first, "{other}");
        }
    }

    #[test]
    fn what_is_no_array_is_no_batch() {
        for (text, is_batch) in [
            ("[]", true),
            (" [ ] ", true),
            ("\u{feff}[1]", true),
            ("[1,\"a,]\",null,{\"a\":[\"}\\\"\"]}]", true),
            ("[[],{}]", true),
            ("", false),
            ("[", false),
            ("[1", false),
            ("{}", false),
            ("[1,]", false),
            ("[,1]", false),
            ("[1 2]", false),
            ("[{} {}]", false),
            ("[1]]", false),
            ("[1],", false),
            ("[}]", false),
            ("[{]}", false),
            ("[nonsense]", false),
            ("[\"a]", false),
        ] {
            assert_eq!(items(Format::Array, text.as_bytes()).is_ok(), is_batch, "{text}");
        }
    }

    /// Texts that come near an array.
    fn near() -> impl Strategy<Value = String> {
        let parts = ["[", "]", "{", "}", ",", ":", "\"", "\\", " ", "1", "\"a\"", "null", "{\"a\":1}", "[2]", "é"];
        prop::collection::vec(prop::sample::select(parts.to_vec()), 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        /// What the reader of arrays takes is what a reader of whole ones takes, with the same items, wherever it is cut.
        #[test]
        fn an_array_is_read_as_a_whole_one_is(text in near(), inner in near(), cut in 0_usize..40) {
            for text in [text, format!("[{inner}]")] {
                let whole: Result<Vec<&RawValue>, _> = serde_json::from_slice(text.as_bytes());
                let mut reader = reader(Format::Array);
                let (first, second) = text.as_bytes().split_at(cut.min(text.len()));
                let read = reader.push(first).and_then(|()| reader.push(second)).and_then(|()| reader.end());
                prop_assert_eq!(read.is_ok(), whole.is_ok(), "{}", text);
                if let (Ok((listed, _)), Ok(whole)) = (read, whole) {
                    prop_assert_eq!(listed.items.len(), whole.len(), "{}", text);
                }
            }
        }
    }
}
