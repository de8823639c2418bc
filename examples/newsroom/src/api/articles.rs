//! Articles in the API: listed, read, written, reviewed and published.

use auth_runtime::{Auth, UserId, acl_required, clock::UnixTime, scope_required};
use axum::{
    Json,
    extract::{
        Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{keys, problem::Problem};
use crate::{
    articles::{self, Article, Cursor, Line, Stage},
    pages::time,
    roles::{Can, NEWSROOM},
    state::Newsroom,
};

/// The most articles of one page of the list.
const MOST: u32 = 100;

#[derive(serde::Deserialize)]
pub(super) struct Page {
    /// Where the page before ended
    after: Option<String>,
    limit: Option<u32>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Draft {
    title: String,
    body: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    title: String,
    body: String,
    /// The revision that the change was made for
    revision: i64,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Publication {
    /// When it appears (RFC 3339); now, if there is none
    appears: Option<String>,
}

type Sent<T> = Result<Json<T>, JsonRejection>;

fn line(line: &Line) -> Value {
    json!({
        "id": line.id,
        "title": line.title,
        "author": line.owner_name,
        "stage": line.stage().as_str(),
        "appears": line.appears().map(time::rfc3339),
    })
}

fn whole(article: &Article) -> Value {
    let row = &article.row;
    json!({
        "id": row.id,
        "title": row.title,
        "body": row.body,
        "author": row.owner_name,
        "stage": row.stage().as_str(),
        "appears": row.appears().map(time::rfc3339),
        "revision": row.revision,
    })
}

/// Notes the use of the key of a request, for its owner's list.
pub(super) async fn used(auth: &Auth, newsroom: &Newsroom) -> Result<(), Problem> {
    if let Some(id) = auth.credential_id().await? {
        keys::note_use(&newsroom.store, &id, newsroom.now()).await?;
    }
    Ok(())
}

/// Lists what the caller may see, the latest change first.
#[scope_required("articles:read")]
pub(super) async fn list(
    auth: Auth,
    State(newsroom): State<Newsroom>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    used(&auth, &newsroom).await?;
    let Query(page) = page?;
    let limit = page.limit.unwrap_or(20);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::unprocessable(format!("`limit` is from 1 to {MOST}")));
    }
    let after = match page.after.as_deref().map(Cursor::parse) {
        None => Cursor::START,
        Some(Some(cursor)) => cursor,
        Some(None) => return Err(Problem::unprocessable("`after` is what `next` of the page before has")),
    };
    let (lines, next) = articles::visible(&auth, &newsroom, &after, limit).await?;
    let next = next.map(|cursor| format!("/api/articles?limit={limit}&after={cursor}"));
    Ok(Json(json!({ "articles": lines.iter().map(line).collect::<Vec<_>>(), "next": next })))
}

#[scope_required("articles:read")]
#[acl_required(Can::View, article, hide)]
pub(super) async fn read(
    article: Article,
    auth: Auth,
    State(newsroom): State<Newsroom>,
) -> Result<Json<Value>, Problem> {
    used(&auth, &newsroom).await?;
    Ok(Json(whole(&article)))
}

#[scope_required("articles:write")]
#[acl_required(Can::Write, NEWSROOM)]
pub(super) async fn create(
    user: UserId,
    auth: Auth,
    State(newsroom): State<Newsroom>,
    draft: Sent<Draft>,
) -> Result<Response, Problem> {
    used(&auth, &newsroom).await?;
    let Json(draft) = draft?;
    if let Some(fault) = articles::fault(&draft.title, &draft.body) {
        return Err(Problem::unprocessable(fault));
    }
    let id = articles::begin(&newsroom, &user, &draft.title, &draft.body).await?;
    let path = format!("/api/articles/{id}");
    Ok((StatusCode::CREATED, [(header::LOCATION, path)], Json(json!({ "id": id, "revision": 0 })))
        .into_response())
}

#[scope_required("articles:write")]
#[acl_required(Can::Edit, article)]
pub(super) async fn save(
    article: Article,
    auth: Auth,
    State(newsroom): State<Newsroom>,
    change: Sent<Change>,
) -> Result<Json<Value>, Problem> {
    used(&auth, &newsroom).await?;
    let Json(change) = change?;
    if let Some(fault) = articles::fault(&change.title, &change.body) {
        return Err(Problem::unprocessable(fault));
    }
    if !articles::replace(&newsroom, &article, &change.title, &change.body, change.revision).await? {
        let text = format!("the article has the revision {}", article.row.revision);
        return Err(Problem::Fault(StatusCode::CONFLICT, text));
    }
    Ok(Json(json!({ "id": article.row.id, "revision": change.revision.saturating_add(1) })))
}

#[scope_required("articles:write")]
#[acl_required(Can::Submit, article)]
pub(super) async fn submit(
    article: Article,
    auth: Auth,
    State(newsroom): State<Newsroom>,
) -> Result<StatusCode, Problem> {
    move_on(&auth, &newsroom, &article, [Stage::Draft, Stage::Review], None).await
}

#[scope_required("articles:review")]
#[acl_required(Can::SendBack, article)]
pub(super) async fn send_back(
    article: Article,
    auth: Auth,
    State(newsroom): State<Newsroom>,
) -> Result<StatusCode, Problem> {
    move_on(&auth, &newsroom, &article, [Stage::Review, Stage::Draft], None).await
}

#[scope_required("articles:review")]
#[acl_required(Can::Publish, article)]
pub(super) async fn publish(
    article: Article,
    auth: Auth,
    State(newsroom): State<Newsroom>,
    publication: Sent<Publication>,
) -> Result<StatusCode, Problem> {
    let Json(publication) = publication?;
    let now = newsroom.now();
    let appears = match publication.appears.as_deref().map(time::from_rfc3339) {
        None => now,
        // What appears in the past is not in the feed.
        Some(Some(appears)) => appears.max(now),
        Some(None) => return Err(Problem::unprocessable("`appears` is a time like 2026-11-30T20:15:00Z")),
    };
    move_on(&auth, &newsroom, &article, [Stage::Review, Stage::Published], Some(appears)).await
}

async fn move_on(
    auth: &Auth,
    newsroom: &Newsroom,
    article: &Article,
    stages: [Stage; 2],
    appears: Option<UnixTime>,
) -> Result<StatusCode, Problem> {
    used(auth, newsroom).await?;
    articles::advance(newsroom, article, stages, appears).await?;
    Ok(StatusCode::NO_CONTENT)
}
