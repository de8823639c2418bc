//! Comments in the API.

use auth_runtime::{Auth, UserId, acl_required, scope_required};
use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::StatusCode,
};
use serde_json::{Value, json};

use super::{articles::used, problem::Problem};
use crate::{articles::Article, comments, pages::time, roles::Can, state::Newsroom};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    body: String,
}

#[scope_required("articles:read")]
#[acl_required(Can::View, article, hide)]
pub(super) async fn list(
    article: Article,
    auth: Auth,
    State(newsroom): State<Newsroom>,
) -> Result<Json<Value>, Problem> {
    used(&auth, &newsroom).await?;
    let found = comments::below(&newsroom, &article).await?;
    let line = |comment: &comments::Comment| {
        json!({
            "id": comment.id,
            "author": comment.author_name,
            "body": comment.body,
            "written": time::rfc3339(time::from_row(comment.written)),
        })
    };
    Ok(Json(json!({ "comments": found.iter().map(line).collect::<Vec<_>>() })))
}

#[scope_required("comments:write")]
#[acl_required(Can::DeleteComment, comment)]
pub(super) async fn remove(
    comment: comments::Comment,
    auth: Auth,
    State(newsroom): State<Newsroom>,
) -> Result<StatusCode, Problem> {
    used(&auth, &newsroom).await?;
    comments::take_away(&newsroom, &comment).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[scope_required("comments:write")]
#[acl_required(Can::Comment, article, limit = "20/1m")]
pub(super) async fn add(
    article: Article,
    (auth, user): (Auth, UserId),
    State(newsroom): State<Newsroom>,
    text: Result<Json<Text>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    used(&auth, &newsroom).await?;
    let Json(text) = text?;
    let Some(id) = comments::write(&newsroom, &article, &user, &text.body).await? else {
        return Err(Problem::unprocessable("a comment has a text, of at most 2000 characters"));
    };
    Ok((StatusCode::CREATED, Json(json!({ "id": id }))))
}
