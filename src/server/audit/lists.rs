//! What staff looks for in lists, and how many rows it takes out of the bank as a file.

use actix_web::{HttpMessage, HttpRequest};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{Audit, AuditError, Entry, notes};
use crate::server::http::RowCount;
use crate::server::principal::Principal;

/// Parameters that say nothing of whom or what is looked for.
const OF_THE_PAGE: [&str; 7] = ["cursor", "limit", "page", "bom", "sort", "order", "wait_s"];
/// The most characters of a parameter that are kept.
const MOST_CHARS: usize = 200;

impl Audit {
    /// Writes down that staff reads a list, with what it looks for there; if the list is taken as a file, the number of its
    /// rows follows once it is sent.
    ///
    /// # Errors
    /// As [`Audit::read`].
    pub(crate) async fn list(&self, caller: &Principal, request: &HttpRequest, object: &str) -> Result<(), AuditError> {
        let action = format!("{object}.read");
        self.read_as(caller, &action, (object, "list"), sought(request), notes::WITHIN).await?;
        self.count_rows(caller, request, object, "list");
        Ok(())
    }

    /// Writes down that staff reads what was done to a thing, and who read it.
    ///
    /// # Errors
    /// As [`Audit::read`].
    pub(crate) async fn history(&self, caller: &Principal, object: &str, id: &str) -> Result<(), AuditError> {
        self.read_as(caller, &format!("{object}.history_read"), (object, id), None, notes::WITHIN).await
    }

    /// Records how many rows are exported, if the list is taken as a file.
    pub(crate) fn count_rows(&self, caller: &Principal, request: &HttpRequest, object: &str, id: &str) {
        let (audit, actor, sought) = (self.clone(), caller.actor(), sought(request));
        let mut entry = Entry {
            action: format!("{object}.exported"),
            object: object.into(),
            id: id.into(),
            before: None,
            after: None,
            command: None,
        };
        let id = notes::request_id();
        let told = RowCount::new(move |rows| {
            let mut after = json!({ "rows": rows, "request": id });
            if let (Some(after), Some(sought)) = (after.as_object_mut(), sought) {
                after.insert("sought".into(), sought);
            }
            entry.after = Some(after);
            audit.note(&actor, &entry, None, None);
        });
        request.extensions_mut().insert(told);
    }
}

/// What is looked for, by the query of the request; `None` for everything.
fn sought(request: &HttpRequest) -> Option<Value> {
    let query = form_urlencoded::parse(request.query_string().as_bytes());
    let found: Map<String, Value> = query
        .filter(|(name, value)| !OF_THE_PAGE.contains(&name.as_ref()) && !value.is_empty())
        .map(|(name, value)| (name.into_owned(), value.chars().take(MOST_CHARS).collect::<String>().into()))
        .collect();
    (!found.is_empty()).then_some(Value::Object(found))
}
