//! Review: from the author to the editors, back, and into the newspaper.

use auth_runtime::{acl_required, clock::UnixTime};
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};

use super::{Stage, article::Article};
use crate::{error::Failure, pages::time, roles::Can, state::Newsroom};

#[derive(serde::Deserialize)]
pub(crate) struct Publication {
    appears: String,
}

#[acl_required(Can::Submit, article)]
pub(crate) async fn submit(article: Article, State(newsroom): State<Newsroom>) -> Result<Redirect, Failure> {
    advance(&newsroom, &article, [Stage::Draft, Stage::Review], None).await?;
    Ok(Redirect::to("/desk?done=submitted"))
}

#[acl_required(Can::SendBack, article)]
pub(crate) async fn send_back(
    article: Article,
    State(newsroom): State<Newsroom>,
) -> Result<Redirect, Failure> {
    advance(&newsroom, &article, [Stage::Review, Stage::Draft], None).await?;
    Ok(Redirect::to("/desk?done=sent-back"))
}

#[acl_required(Can::Publish, article)]
pub(crate) async fn publish(
    article: Article,
    State(newsroom): State<Newsroom>,
    Form(publication): Form<Publication>,
) -> Result<Response, Failure> {
    let Some(appears) = time::from_field(&publication.appears) else {
        return Ok(StatusCode::UNPROCESSABLE_ENTITY.into_response());
    };
    // What appears in the past is not in the feed.
    let appears = appears.max(newsroom.now());
    advance(&newsroom, &article, [Stage::Review, Stage::Published], Some(appears)).await?;
    Ok(Redirect::to(&format!("/articles/{}?done=published", article.row.id)).into_response())
}

/// Changes the stage, unless another request was faster.
pub(crate) async fn advance(
    newsroom: &Newsroom,
    article: &Article,
    [from, to]: [Stage; 2],
    appears: Option<UnixTime>,
) -> Result<(), Failure> {
    let changed = sqlx::query(
        "UPDATE articles SET stage = $1, publish_at = $2, changed = $3 WHERE id = $4 AND stage = $5",
    )
    .bind(to.as_str())
    .bind(appears.map(time::to_row))
    .bind(time::to_row(newsroom.now()))
    .bind(&article.row.id)
    .bind(from.as_str())
    .execute(&newsroom.store.pool)
    .await?;
    if changed.rows_affected() == 1 { Ok(()) } else { Err(Failure::Conflict) }
}
