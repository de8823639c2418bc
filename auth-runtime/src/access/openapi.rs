//! Writes the guards into an OpenAPI document.

use std::collections::BTreeSet;

use http::StatusCode;
use utoipa::openapi::{
    Content, OpenApi, RefOr, Response, ResponseBuilder,
    path::{Operation, PathItem},
    security::SecurityRequirement,
};

use super::{Access, AccessRow, AccessTable, guard_metadata::GuardMetadata, route_metadata::RouteKind};

/// The result of [`AccessTable::describe_in`].
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Described {
    /// The number of operations that were described
    pub operations: usize,
    /// Routes that are missing in the document, such as `GET /articles/{id}`
    pub undocumented: Vec<String>,
    /// Operations of the document without a route in the table
    pub unrouted: Vec<String>,
}

impl AccessTable {
    /// Describes the operations of an OpenAPI document: their `security`, and the responses 401, 403 and 404
    /// of their guards.
    ///
    /// `scheme` is the name of the document's security scheme. An operation that allows anonymous requests
    /// requires no security. Existing descriptions of responses are kept.
    ///
    /// # Example
    ///
    /// ```
    /// use auth_runtime::{auth_required, guarded::{get, Router}};
    /// use utoipa::OpenApi;
    ///
    /// #[utoipa::path(get, path = "/profile", responses((status = 200)))]
    /// #[auth_required]
    /// async fn profile() {}
    ///
    /// #[derive(OpenApi)]
    /// #[openapi(paths(profile))]
    /// struct Document;
    ///
    /// let routes: Router = Router::new().route("/profile", get(profile));
    /// let mut document = Document::openapi();
    /// let described = routes.access().describe_in(&mut document, "session");
    /// assert_eq!((described.operations, described.undocumented.len()), (1, 0));
    /// ```
    pub fn describe_in(&self, document: &mut OpenApi, scheme: &str) -> Described {
        let mut described = Described::default();
        let mut routed = BTreeSet::new();
        for row in self.rows().iter().filter(|row| row.route().kind() == RouteKind::Single) {
            let path = documented_path(row.route().path());
            let mut item = document.paths.paths.get_mut(&path);
            let methods: Vec<&str> = match row.route().methods() {
                any if any.is_any() => METHODS.to_vec(),
                methods => methods.names().collect(),
            };
            let mut is_there = false;
            for method in methods {
                routed.insert((path.clone(), method));
                if let Some(operation) = item.as_mut().and_then(|item| operation(item, method)) {
                    describe(operation, row, scheme);
                    described.operations = described.operations.saturating_add(1);
                    is_there = true;
                }
            }
            if !is_there {
                described.undocumented.push(row.name());
            }
        }
        for (path, item) in &mut document.paths.paths {
            for method in METHODS {
                if operation(item, method).is_some() && !routed.contains(&(path.clone(), method)) {
                    described.unrouted.push(format!("{method} {path}"));
                }
            }
        }
        described
    }
}

const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

fn operation<'a>(item: &'a mut PathItem, method: &str) -> Option<&'a mut Operation> {
    match method {
        "GET" => item.get.as_mut(),
        "HEAD" => item.head.as_mut(),
        "POST" => item.post.as_mut(),
        "PUT" => item.put.as_mut(),
        "PATCH" => item.patch.as_mut(),
        "DELETE" => item.delete.as_mut(),
        "OPTIONS" => item.options.as_mut(),
        "TRACE" => item.trace.as_mut(),
        _ => None,
    }
}

/// Converts a path: a wildcard parameter is written without its star.
fn documented_path(path: &str) -> String {
    path.replace("{*", "{")
}

fn describe(operation: &mut Operation, row: &AccessRow, scheme: &str) {
    let is_open = row.cells().first().is_some_and(|cell| cell.access() == Access::Allowed);
    operation.security =
        Some(if is_open { Vec::new() } else { vec![SecurityRequirement::new(scheme, scopes(row))] });
    let mut answers: BTreeSet<StatusCode> = row
        .cells()
        .iter()
        .filter_map(|cell| match cell.access() {
            Access::Refused(status) => Some(status),
            _ => None,
        })
        .collect();
    if row.cells().iter().any(|cell| !matches!(cell.access(), Access::Allowed | Access::Refused(_))) {
        answers.extend([StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN]);
    }
    for status in answers {
        let key = status.as_u16().to_string();
        operation.responses.responses.entry(key).or_insert_with(|| RefOr::T(refusal(status)));
    }
}

/// Returns the scopes that the guards name, and the conditions of their rules that allow. A document cannot express
/// alternatives.
fn scopes(row: &AccessRow) -> Vec<String> {
    let guards = row.route().guards().iter();
    let of_rules = guards.clone().flat_map(GuardMetadata::scopes_of_conditions).map(str::to_owned);
    let all: BTreeSet<String> = guards.flat_map(GuardMetadata::scope_names).chain(of_rules).collect();
    all.into_iter().collect()
}

fn refusal(status: StatusCode) -> Response {
    let words = match status {
        StatusCode::UNAUTHORIZED => "The request is anonymous",
        StatusCode::FORBIDDEN => "The user may not do this",
        _ => "There is nothing here for this user",
    };
    let response = ResponseBuilder::new().description(words);
    if status == StatusCode::NOT_FOUND {
        return response.build();
    }
    response.content("application/problem+json", Content::builder().build()).build()
}
