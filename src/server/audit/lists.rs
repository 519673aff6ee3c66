//! Audits staff's searches in lists and their exports.

use actix_web::{HttpMessage, HttpRequest};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{Actor, Audit, Entry, notes};
use crate::server::http::{Problem, RowsTold};
use crate::server::principal::Principal;

/// Query parameters that do not describe the search.
const PAGE_PARAMETERS: [&str; 7] = ["cursor", "limit", "page", "bom", "sort", "order", "wait_s"];
/// The largest length of a stored parameter, in characters.
const MAX_PARAMETER_CHARS: usize = 200;

impl Audit {
    /// Records that staff read a list, with the search. If the list is requested as a file, the number of its rows is
    /// recorded when it is sent.
    ///
    /// # Errors
    /// See [`Audit::read`].
    pub(crate) async fn list(&self, caller: &Principal, request: &HttpRequest, object: &str) -> Result<(), Problem> {
        let action = format!("{object}.read");
        self.read_as(caller, &action, (object, "list"), search_of(request), notes::WINDOW).await?;
        self.tell_rows(caller, request, object, "list");
        Ok(())
    }

    /// Records that staff read an object's history: what was done to it, and who read it.
    ///
    /// # Errors
    /// See [`Audit::read`].
    pub(crate) async fn history(&self, caller: &Principal, object: &str, id: &str) -> Result<(), Problem> {
        self.read_as(caller, &format!("{object}.history_read"), (object, id), None, notes::WINDOW).await
    }

    /// Records how many rows are exported, if the list is requested as a file.
    pub(crate) fn tell_rows(&self, caller: &Principal, request: &HttpRequest, object: &str, id: &str) {
        let (audit, actor, search) = (self.clone(), Actor::from(caller), search_of(request));
        let mut entry = Entry {
            action: format!("{object}.exported"),
            object: object.into(),
            id: id.into(),
            before: None,
            after: None,
            command: None,
        };
        let id = notes::request_id();
        let counter = RowsTold::new(move |rows| {
            let mut after = json!({ "rows": rows, "request": id });
            if let (Some(after), Some(search)) = (after.as_object_mut(), search) {
                after.insert("sought".into(), search);
            }
            entry.after = Some(after);
            audit.note(&actor, &entry, None, None);
        });
        request.extensions_mut().insert(counter);
    }
}

/// Returns the search in the request's query; `None` if there is none.
fn search_of(request: &HttpRequest) -> Option<Value> {
    let query = form_urlencoded::parse(request.query_string().as_bytes());
    let found: Map<String, Value> = query
        .filter(|(name, value)| !PAGE_PARAMETERS.contains(&name.as_ref()) && !value.is_empty())
        .map(|(name, value)| (name.into_owned(), value.chars().take(MAX_PARAMETER_CHARS).collect::<String>().into()))
        .collect();
    (!found.is_empty()).then_some(Value::Object(found))
}
