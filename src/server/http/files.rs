//! Lists as files: CSV, sent page by page, and XLSX workbooks.

use std::fs::File;
use std::future::Future;
use std::io::{Read, Seek};

use actix_web::http::header::{self, Accept, Header, HeaderValue};
use actix_web::web::{self, Bytes};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder};
use futures::{StreamExt, stream};
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Problem, RowCount};
use crate::tables::{Cell, CsvRows, Style, TableError, Workbook};

/// The most rows of one file. A longer file is aborted with an error, so that nobody mistakes a part for the whole.
const MOST_ROWS: usize = 1_000_000;
/// The size of the chunks in which a workbook is sent.
const PART_BYTES: usize = 64 * 1024;
/// The media type of a workbook.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A row of a file.
pub(crate) type Row = Vec<Cell>;

/// A page of rows.
#[derive(Debug)]
pub(crate) struct Rows<P> {
    /// The rows.
    pub(crate) rows: Vec<Row>,
    /// The start of the next page, if there is one.
    pub(crate) next: Option<P>,
}

/// The format of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ListFormat {
    /// One page as JSON.
    Json,
    /// Everything as CSV.
    Csv,
    /// Everything as a workbook.
    Xlsx,
}

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Csv,
    Xlsx,
}

/// A request for a list as a file.
#[derive(Clone, Debug)]
pub(crate) struct FileRequest {
    kind: Kind,
    style: Style,
    row_count: Option<RowCount>,
}

impl FileRequest {
    /// Returns the requested file, by the query's `format` or else by the header `Accept`; `None` for a page of JSON.
    pub(crate) fn of(
        request: &HttpRequest,
        format: Option<ListFormat>,
        bom: Option<bool>,
        zone: &TimeZone,
    ) -> Option<FileRequest> {
        let kind = match format.unwrap_or_else(|| preferred(request)) {
            ListFormat::Json => return None,
            ListFormat::Csv => Kind::Csv,
            ListFormat::Xlsx => Kind::Xlsx,
        };
        let row_count = request.extensions_mut().remove::<RowCount>();
        if let Some(row_count) = &row_count {
            row_count.add(0);
        }
        Some(FileRequest { kind, style: Style { zone: zone.clone(), bom: bom.unwrap_or(true) }, row_count })
    }

    /// Responds with a file of that name, whose pages are produced one after the other, starting with `first`.
    ///
    /// CSV is sent at the speed of the client, and an error aborts it. A workbook is completed before anything is sent.
    ///
    /// # Errors
    /// The error of the first page; for a workbook, of any page.
    pub(crate) async fn answer<P, F, W>(
        self,
        name: &str,
        columns: &[&str],
        first: P,
        page: F,
    ) -> Result<HttpResponse, Problem>
    where
        P: 'static,
        F: Fn(P) -> W + 'static,
        W: Future<Output = Result<Rows<P>, Problem>> + 'static,
    {
        let FileRequest { kind, style, row_count } = self;
        let page = move |start| {
            let (read, row_count) = (page(start), row_count.clone());
            async move {
                let read = read.await?;
                if let Some(row_count) = row_count {
                    row_count.add(read.rows.len());
                }
                Ok(read)
            }
        };
        match kind {
            Kind::Csv => csv(style, name, columns, first, page).await,
            Kind::Xlsx => xlsx(style, name, columns, first, page).await,
        }
    }
}

/// Returns the format that the client prefers.
fn preferred(request: &HttpRequest) -> ListFormat {
    let Ok(accept) = Accept::parse(request) else { return ListFormat::Json };
    let ranked = accept.ranked();
    let mut known = ranked.iter().filter_map(|media| match (media.type_().as_str(), media.subtype().as_str()) {
        ("text", "csv") => Some(ListFormat::Csv),
        ("application", "json" | "*") | ("*", _) => Some(ListFormat::Json),
        _ if media.essence_str() == XLSX => Some(ListFormat::Xlsx),
        _ => None,
    });
    known.next().unwrap_or(ListFormat::Json)
}

fn too_long() -> Problem {
    Problem::invalid(format!("a file has at most {MOST_ROWS} rows; narrow the search"))
}

async fn csv<P, F, W>(style: Style, name: &str, columns: &[&str], first: P, page: F) -> Result<HttpResponse, Problem>
where
    P: 'static,
    F: Fn(P) -> W + 'static,
    W: Future<Output = Result<Rows<P>, Problem>> + 'static,
{
    let begin = page(first).await?;
    let written = begin.rows.len();
    // Writing to memory cannot fail.
    let head = CsvRows::begin(Vec::new(), columns, style.clone()).map(CsvRows::into_bytes).unwrap_or_default();
    let head = [head, written_out(begin.rows, &style)].concat();
    let begun = stream::once(std::future::ready(Ok::<Bytes, Problem>(head.into())));
    let rest = stream::unfold((begin.next, written), move |(next, written)| {
        let asked = next.map(&page);
        let style = style.clone();
        async move {
            Some(match asked?.await {
                Ok(_) if written >= MOST_ROWS => (Err(too_long()), (None, written)),
                Ok(Rows { rows, next }) => {
                    let written = written.saturating_add(rows.len());
                    (Ok(written_out(rows, &style).into()), (next, written))
                }
                Err(problem) => (Err(problem), (None, written)),
            })
        }
    });
    let mut answer = headed(name, "csv", "text/csv; charset=utf-8; header=present");
    Ok(answer.streaming(begun.chain(rest)))
}

fn written_out(rows: Vec<Row>, style: &Style) -> Vec<u8> {
    let mut file = CsvRows::resume(Vec::new(), style.clone());
    for row in rows {
        // Writing to memory cannot fail, and all rows have the same number of cells.
        let _never_fails = file.add(&row);
    }
    file.into_bytes()
}

async fn xlsx<P, F, W>(style: Style, name: &str, columns: &[&str], first: P, page: F) -> Result<HttpResponse, Problem>
where
    F: Fn(P) -> W,
    W: Future<Output = Result<Rows<P>, Problem>>,
{
    let mut workbook = Workbook::begin(columns, style).map_err(not_made)?;
    let (mut next, mut written) = (Some(first), 0usize);
    while let Some(start) = next {
        let Rows { rows, next: following } = page(start).await?;
        written = written.saturating_add(rows.len());
        if written > MOST_ROWS {
            return Err(too_long());
        }
        // Compression takes too long for the thread that serves requests.
        workbook = blocking(move || {
            rows.iter().try_for_each(|row| workbook.add(row))?;
            Ok(workbook)
        })
        .await?;
        next = following;
    }
    let file = blocking(move || {
        let mut file = tempfile::tempfile()?;
        workbook.write(&mut file)?;
        file.rewind()?;
        Ok(file)
    })
    .await?;
    Ok(headed(name, "xlsx", XLSX).streaming(parts(file)))
}

/// Returns the chunks of a finished file.
fn parts(file: File) -> impl futures::Stream<Item = Result<Bytes, Problem>> {
    stream::unfold(Some(file), |file| async {
        let mut file = file?;
        let read = blocking(move || {
            let mut part = vec![0; PART_BYTES];
            let length = file.read(&mut part)?;
            part.truncate(length);
            Ok((file, part))
        });
        match read.await {
            Ok((_, part)) if part.is_empty() => None,
            Ok((file, part)) => Some((Ok(part.into()), Some(file))),
            Err(problem) => Some((Err(problem), None)),
        }
    })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TableError> + Send + 'static,
) -> Result<T, Problem> {
    let done = web::block(work).await.map_err(|error| not_made(TableError::Io(std::io::Error::other(error))))?;
    done.map_err(not_made)
}

fn not_made(error: TableError) -> Problem {
    match error {
        TableError::TooLong => Problem::invalid(error.to_string()),
        other => {
            tracing::error!("a file cannot be created: {other}");
            Problem::new(
                actix_web::http::StatusCode::SERVICE_UNAVAILABLE,
                "file_not_made",
                "the file cannot be created at the moment",
            )
            .with_retry_after(30)
        }
    }
}

/// Begins a response that is a file with that name.
fn headed(name: &str, extension: &str, media_type: &'static str) -> HttpResponseBuilder {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}.{extension}\""));
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment"))));
    answer
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_file_is_given_to_who_prefers_it() {
        for (accept, form) in [
            ("text/csv", ListFormat::Csv),
            ("text/csv, application/json;q=0.5", ListFormat::Csv),
            ("application/json, text/csv;q=0.5", ListFormat::Json),
            (XLSX, ListFormat::Xlsx),
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, text/csv;q=0.9", ListFormat::Xlsx),
            ("text/html, */*;q=0.1", ListFormat::Json),
            ("", ListFormat::Json),
        ] {
            let request = TestRequest::default().insert_header(("accept", accept)).to_http_request();
            assert_eq!(preferred(&request), form, "{accept:?}");
            // The query has the last word.
            let asked = FileRequest::of(&request, Some(ListFormat::Xlsx), None, &TimeZone::UTC);
            assert_eq!(asked.map(|file| file.kind), Some(Kind::Xlsx));
            assert!(FileRequest::of(&request, Some(ListFormat::Json), None, &TimeZone::UTC).is_none());
        }
        assert_eq!(preferred(&TestRequest::default().to_http_request()), ListFormat::Json);
    }

    fn wanted(kind: Kind) -> FileRequest {
        FileRequest { kind, style: Style { zone: TimeZone::UTC, bom: false }, row_count: None }
    }

    async fn page(at: usize) -> Result<Rows<usize>, Problem> {
        match at {
            3 => Err(Problem::not_found()),
            _ => Ok(Rows { rows: vec![vec![Cell::number(at), "=a,b".into()]], next: (at != 2).then_some(at + 1) }),
        }
    }

    #[actix_web::test]
    async fn pages_follow_each_other_and_a_failure_breaks_off() {
        let whole = wanted(Kind::Csv).answer("pages", &["at", "text"], 0, page).await.unwrap();
        let body = to_bytes(whole.into_body()).await.unwrap();
        assert_eq!(body, "at,text\n0,\"'=a,b\"\n1,\"'=a,b\"\n2,\"'=a,b\"\n");
        for kind in [Kind::Csv, Kind::Xlsx] {
            let broken = wanted(kind).answer("pages", &["at", "text"], 3, page).await;
            assert_eq!(broken.unwrap_err().status(), 404);
        }
        // One that fails in the middle has no end; a workbook is not begun.
        let on = |at: usize| async move { page(if at == 1 { 3 } else { at }).await };
        let broken = wanted(Kind::Csv).answer("pages", &["at", "text"], 0, on).await.unwrap();
        assert!(to_bytes(broken.into_body()).await.is_err());
        assert_eq!(wanted(Kind::Xlsx).answer("pages", &["at", "text"], 0, on).await.unwrap_err().status(), 404);
    }

    #[actix_web::test]
    async fn what_is_too_long_is_no_file() {
        let endless = |at: usize| async move {
            let rows = (0..50_000).map(|_| vec![Cell::Missing]).collect();
            Ok(Rows { rows, next: Some(at + 1) })
        };
        let file = wanted(Kind::Csv).answer("endless", &["at"], 0, endless).await.unwrap();
        assert!(to_bytes(file.into_body()).await.is_err());
    }

    #[actix_web::test]
    async fn a_workbook_is_sent_whole() {
        let file = wanted(Kind::Xlsx).answer("pages", &["at", "text"], 0, page).await.unwrap();
        let head = |name| file.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert_eq!((head("content-type"), head("content-disposition")), (XLSX, "attachment; filename=\"pages.xlsx\""));
        let body = to_bytes(file.into_body()).await.unwrap();
        let mut book: calamine::Xlsx<_> = calamine::Reader::new(std::io::Cursor::new(body)).unwrap();
        let sheet = calamine::Reader::worksheet_range_at(&mut book, 0).unwrap().unwrap();
        assert_eq!((sheet.height(), sheet.get_value((3, 1))), (4, Some(&calamine::Data::String("=a,b".into()))));
    }
}
