//! Export of all articles to a JSON file.

use auth_runtime::{UserId, acl_required};
use axum::{extract::State, response::Redirect};

use super::{
    Exported,
    transfer::{Kind, Transfer},
};
use crate::{
    error::Failure,
    roles::{Can, NEWSROOM},
    state::Newsroom,
};

/// A step-up: the file has every draft.
#[acl_required(Can::Transfer, NEWSROOM, fresh = "10m")]
pub(super) async fn begin(user: UserId, State(newsroom): State<Newsroom>) -> Result<Redirect, Failure> {
    let ids: Vec<(String,)> =
        sqlx::query_as("SELECT id FROM articles ORDER BY id").fetch_all(&newsroom.store.pool).await?;
    let transfer = Transfer::begin(&newsroom, &user, Kind::Export, ids.len()).await?;
    let path = format!("/transfers/{transfer}");
    tokio::spawn(async move {
        let result = export(&newsroom, &transfer, ids).await;
        Transfer::end(&newsroom, &transfer, result).await;
    });
    Ok(Redirect::to(&path))
}

/// Article by article, so that a long export holds no connection and no lock.
async fn export(newsroom: &Newsroom, transfer: &str, ids: Vec<(String,)>) -> Result<String, sqlx::Error> {
    let mut articles = Vec::new();
    for (id,) in ids {
        let found: Option<(String, String)> =
            sqlx::query_as("SELECT title, body FROM articles WHERE id = $1")
                .bind(&id)
                .fetch_optional(&newsroom.store.pool)
                .await?;
        // It may have been deleted meanwhile.
        articles.extend(found.map(|(title, body)| Exported { id, title, body }));
        Transfer::advance(newsroom, transfer).await?;
    }
    serde_json::to_string_pretty(&articles).map_err(|error| sqlx::Error::Encode(error.into()))
}
