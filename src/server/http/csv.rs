//! CSV that no spreadsheet program runs, sent page by page.

use std::future::Future;

use actix_web::http::header::{self, Accept, Header, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures::stream;

use super::Problem;

/// The most rows of one file. What would be longer breaks off with an error, so that no part is taken for the whole.
const MOST_ROWS: usize = 1_000_000;

/// A row of a file.
pub(crate) type Row = Vec<String>;

/// A page of rows, and where the next one begins.
#[derive(Debug)]
pub(crate) struct Rows<P> {
    /// The rows.
    pub(crate) rows: Vec<Row>,
    /// Where the next page begins, if there is one.
    pub(crate) next: Option<P>,
}

/// A text that a spreadsheet program shows and does not take for a formula: an apostrophe goes before what begins like one
/// (OWASP, CSV Injection).
pub(crate) fn harmless(text: &str) -> String {
    let begins_like_formula = text
        .trim_start_matches(' ')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    if begins_like_formula { format!("'{text}") } else { text.to_owned() }
}

/// Whether the client would rather have CSV than JSON.
pub(crate) fn prefers_csv(request: &HttpRequest) -> bool {
    let Ok(accept) = Accept::parse(request) else { return false };
    let ranked = accept.ranked();
    let known = |kind: &str, subtype: &str| {
        matches!((kind, subtype), ("text", "csv") | ("application", "json" | "*") | ("*", _))
    };
    let wanted = ranked.iter().find(|media| known(media.type_().as_str(), media.subtype().as_str()));
    wanted.is_some_and(|media| media.subtype() == "csv")
}

/// Answers with a file of the name, whose pages are made one after the other, from `first` on, as the client takes them.
///
/// # Errors
/// What the first page fails with. A later failure breaks the answer off.
pub(crate) async fn file<P, F, W>(name: &str, columns: &[&str], first: P, page: F) -> Result<HttpResponse, Problem>
where
    P: 'static,
    F: Fn(P) -> W + 'static,
    W: Future<Output = Result<Rows<P>, Problem>> + 'static,
{
    let begin = page(first).await?;
    let header: Row = columns.iter().map(|column| (*column).to_owned()).collect();
    let written = begin.rows.len();
    let first_chunk = written_out(std::iter::once(header).chain(begin.rows));
    let begun = stream::once(std::future::ready(Ok::<Bytes, Problem>(first_chunk)));
    let rest = stream::unfold((begin.next, written), move |(next, written)| {
        let asked = next.map(&page);
        async move {
            Some(match asked?.await {
                Ok(_) if written >= MOST_ROWS => (Err(Problem::invalid("the file would be too long")), (None, written)),
                Ok(Rows { rows, next }) => {
                    let written = written.saturating_add(rows.len());
                    (Ok(written_out(rows)), (next, written))
                }
                Err(problem) => (Err(problem), (None, written)),
            })
        }
    });
    Ok(csv_answer(name).streaming(futures::StreamExt::chain(begun, rest)))
}

/// An answer that is a CSV file, to be saved as `name.csv`; its rows are still to come.
pub(crate) fn csv_answer(name: &str) -> HttpResponseBuilder {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\""));
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"))
        .insert_header((header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment"))));
    answer
}

fn written_out(rows: impl IntoIterator<Item = Row>) -> Bytes {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        // Writing to memory does not fail, and all rows have as many fields.
        let _never_fails = writer.write_record(row);
    }
    writer.into_inner().unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn what_begins_like_a_formula_becomes_text() {
        for (text, shown) in [
            ("=1+1", "'=1+1"),
            ("+82 10", "'+82 10"),
            ("-2", "'-2"),
            ("@sum", "'@sum"),
            ("\t=1", "'\t=1"),
            ("  =1", "'  =1"),
            ("＝1", "'＝1"),
            ("rent = 5", "rent = 5"),
            ("", ""),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }

    #[test]
    fn csv_is_given_to_who_prefers_it() {
        for (accept, csv) in [
            ("text/csv", true),
            ("text/csv, application/json;q=0.5", true),
            ("application/json, text/csv;q=0.5", false),
            ("text/html, */*;q=0.1", false),
            ("", false),
        ] {
            let request = TestRequest::default().insert_header(("accept", accept)).to_http_request();
            assert_eq!(prefers_csv(&request), csv, "{accept:?}");
        }
        assert!(!prefers_csv(&TestRequest::default().to_http_request()));
    }

    #[actix_web::test]
    async fn pages_follow_each_other_and_a_failure_breaks_off() {
        let page = |at: usize| async move {
            match at {
                3 => Err(Problem::not_found()),
                _ => Ok(Rows { rows: vec![vec![at.to_string(), "a,b".into()]], next: (at != 2).then_some(at + 1) }),
            }
        };
        let whole = file("pages", &["at", "text"], 0, page).await.unwrap();
        let body = to_bytes(whole.into_body()).await.unwrap();
        assert_eq!(body, "at,text\n0,\"a,b\"\n1,\"a,b\"\n2,\"a,b\"\n");
        let broken = file("pages", &["at"], 3, page).await;
        assert_eq!(broken.unwrap_err().status(), 404);
    }
}
