//! Co-authors of a draft: added and removed by its owner.

use auth_runtime::acl_required;
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};

use super::article::Article;
use crate::{Role, error::Failure, people::person::normal_email, roles::Can, state::Newsroom};

#[derive(serde::Deserialize)]
pub(crate) struct Address {
    email: String,
}

#[derive(serde::Deserialize)]
pub(crate) struct Removed {
    person: String,
}

/// Returns the forms for the page of the article.
pub(super) fn forms(article: &Article) -> Markup {
    let path = format!("/articles/{}/co-authors", article.row.id);
    html! {
        section aria-labelledby="co-authors" {
            h2 #co-authors { "Co-authors" }
            ul.rows {
                @for person in &article.co_authors {
                    li {
                        (person)
                        form method="post" action={ (path) "/remove" } {
                            input type="hidden" name="person" value=(person);
                            button { "Remove" span.hidden { " " (person) } }
                        }
                    }
                }
            }
            form.card method="post" action=(path) {
                label for="co-author" { "E-mail address of an author" }
                input #co-author name="email" type="email" required;
                button { "Add" }
            }
        }
    }
}

#[acl_required(Can::Share, article)]
pub(crate) async fn add(
    article: Article,
    State(newsroom): State<Newsroom>,
    Form(address): Form<Address>,
) -> Result<Response, Failure> {
    let found: Option<(String, String)> = sqlx::query_as("SELECT id, role FROM people WHERE email = $1")
        .bind(normal_email(&address.email))
        .fetch_optional(&newsroom.store.pool)
        .await?;
    let writes = |role: &str| matches!(Role::parse(role), Some(Role::Author | Role::Editor | Role::Chief));
    let Some((person, _)) = found.filter(|(_, role)| writes(role)) else {
        return Ok(StatusCode::UNPROCESSABLE_ENTITY.into_response());
    };
    sqlx::query("INSERT INTO co_authors (article, person) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(&article.row.id)
        .bind(person)
        .execute(&newsroom.store.pool)
        .await?;
    Ok(Redirect::to(&format!("/articles/{}?done=co-author-added", article.row.id)).into_response())
}

#[acl_required(Can::Share, article)]
pub(crate) async fn remove(
    article: Article,
    State(newsroom): State<Newsroom>,
    Form(removed): Form<Removed>,
) -> Result<Redirect, Failure> {
    sqlx::query("DELETE FROM co_authors WHERE article = $1 AND person = $2")
        .bind(&article.row.id)
        .bind(removed.person)
        .execute(&newsroom.store.pool)
        .await?;
    Ok(Redirect::to(&format!("/articles/{}?done=co-author-removed", article.row.id)))
}
