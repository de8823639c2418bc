//! Import of articles from a JSON file, as drafts.

use auth_runtime::{UserId, acl_required};
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use maud::html;

use super::{
    Exported,
    transfer::{Kind, Transfer},
};
use crate::{
    articles::{self, Stage},
    error::Failure,
    pages::{frame::Frame, time},
    roles::{Can, NEWSROOM},
    state::Newsroom,
};

/// The longest id, in characters.
const LONGEST_ID: usize = 40;

#[derive(serde::Deserialize)]
pub(super) struct Import {
    articles: String,
}

/// Reads the file; what is wrong with it otherwise.
fn read(text: &str) -> Result<Vec<Exported>, String> {
    let articles: Vec<Exported> =
        serde_json::from_str(text).map_err(|error| format!("This is not a list of articles: {error}"))?;
    // An id is a part of addresses.
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_id = |id: &str| (1..=LONGEST_ID).contains(&id.len()) && id.chars().all(is_plain) && id != "new";
    for Exported { id, title, body } in &articles {
        if !is_id(id) {
            return Err(format!("{id:?} is not an id."));
        }
        // The limits of the form hold here, too.
        if let Some(fault) = articles::fault(title, body) {
            return Err(format!("{id}: {fault}"));
        }
    }
    Ok(articles)
}

#[acl_required(Can::Transfer, NEWSROOM, fresh = "10m")]
pub(super) async fn begin(
    user: UserId,
    frame: Frame,
    State(newsroom): State<Newsroom>,
    Form(import): Form<Import>,
) -> Result<Response, Failure> {
    let articles = match read(&import.articles) {
        Ok(articles) => articles,
        Err(fault) => {
            let content = html! {
                h1 { "Import" }
                p.error role="alert" { (fault) }
                p { a href="/transfers" { "Back" } }
            };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, frame.page("Import", &content)).into_response());
        }
    };
    let transfer = Transfer::begin(&newsroom, &user, Kind::Import, articles.len()).await?;
    let path = format!("/transfers/{transfer}");
    tokio::spawn(async move {
        let result = add(&newsroom, &user, &transfer, articles).await;
        Transfer::end(&newsroom, &transfer, result).await;
    });
    Ok(Redirect::to(&path).into_response())
}

async fn add(
    newsroom: &Newsroom,
    user: &UserId,
    transfer: &str,
    articles: Vec<Exported>,
) -> Result<String, sqlx::Error> {
    let mut added = 0_u64;
    for article in articles {
        let inserted = sqlx::query(
            "INSERT INTO articles (id, title, body, owner, stage, changed, revision) \
             VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT DO NOTHING",
        )
        .bind(article.id)
        .bind(article.title)
        .bind(article.body)
        .bind(user.as_str())
        .bind(Stage::Draft.as_str())
        .bind(time::to_row(newsroom.now()))
        .execute(&newsroom.store.pool)
        .await?;
        added = added.saturating_add(inserted.rows_affected());
        Transfer::advance(newsroom, transfer).await?;
    }
    Ok(format!("{added} articles are new."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_parts_of_addresses() {
        let list = |id: &str| format!(r#"[{{"id":"{id}","title":"t","body":"b"}}]"#);
        assert_eq!(read(&list("tram-7")).unwrap().len(), 1);
        for id in ["", "new", "../people", "a/b", "A", "a b", &"x".repeat(41)] {
            assert!(read(&list(id)).unwrap_err().contains("is not an id"), "{id}");
        }
        assert!(read("{}").unwrap_err().contains("not a list"));
    }
}
