//! Comments below articles: written by people who are logged in, deleted by their authors and by editors.

use auth_runtime::{
    Auth, Resource, Rule, User, UserId, acl_required,
    guard::Missing,
    guarded::{Router, post},
};
use axum::{
    Form,
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};

use crate::{
    articles::Article,
    error::Failure,
    pages::time,
    roles::{Can, NEWSROOM},
    state::Newsroom,
    store::id::new_id,
};

/// The longest comment, in characters.
const LONGEST: usize = 2_000;

pub(crate) fn routes() -> Router<Newsroom> {
    Router::new()
        .route("/articles/{id}/comments", post(add))
        .route("/articles/{id}/comments/{comment}/delete", post(delete))
}

/// A comment, as the argument of a handler.
#[derive(sqlx::FromRow)]
pub(crate) struct Comment {
    pub(crate) id: String,
    article: String,
    author: String,
    pub(crate) author_name: String,
    pub(crate) body: String,
    pub(crate) written: i64,
}

impl Resource for Comment {
    type Permission = Can;

    const PATH_PARAMETERS: &'static [&'static str] = &["id", "comment"];

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        let own = Rule::allow(User(&self.author), &[Can::DeleteComment]).with_id("own-comment");
        [own].into_iter().chain(&NEWSROOM)
    }
}

impl FromRequestParts<Newsroom> for Comment {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, newsroom: &Newsroom) -> Result<Self, Response> {
        let path = Path::<(String, String)>::from_request_parts(parts, newsroom).await;
        let Path((article, id)) = path.map_err(|_| Missing.into_response())?;
        let found = sqlx::query_as(&format!("{SELECT} WHERE comments.id = $1 AND article = $2"))
            .bind(id)
            .bind(article)
            .fetch_optional(&newsroom.store.pool)
            .await;
        match found {
            Ok(Some(comment)) => Ok(comment),
            Ok(None) => Err(Missing.into_response()),
            Err(error) => Err(Failure::from(error).into_response()),
        }
    }
}

const SELECT: &str = "SELECT comments.id, article, author, people.name AS author_name, body, written \
                      FROM comments JOIN people ON people.id = author";

#[derive(serde::Deserialize)]
pub(crate) struct Text {
    body: String,
}

/// Returns the comments below an article, the first one first.
pub(crate) async fn below(newsroom: &Newsroom, article: &Article) -> Result<Vec<Comment>, sqlx::Error> {
    sqlx::query_as(&format!("{SELECT} WHERE article = $1 ORDER BY written, comments.id LIMIT 500"))
        .bind(&article.row.id)
        .fetch_all(&newsroom.store.pool)
        .await
}

/// Deletes a comment.
pub(crate) async fn take_away(newsroom: &Newsroom, comment: &Comment) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM comments WHERE id = $1").bind(&comment.id).execute(&newsroom.store.pool).await?;
    Ok(())
}

/// Adds a comment, and returns its id; `None` if it is empty or too long.
pub(crate) async fn write(
    newsroom: &Newsroom,
    article: &Article,
    author: &UserId,
    text: &str,
) -> Result<Option<String>, Failure> {
    let body = text.trim();
    if body.is_empty() || body.chars().count() > LONGEST {
        return Ok(None);
    }
    let id = new_id()?;
    sqlx::query("INSERT INTO comments (id, article, author, body, written) VALUES ($1, $2, $3, $4, $5)")
        .bind(&id)
        .bind(&article.row.id)
        .bind(author.as_str())
        .bind(body)
        .bind(time::to_row(newsroom.now()))
        .execute(&newsroom.store.pool)
        .await?;
    Ok(Some(id))
}

/// Returns the comments below an article that has appeared, and the form for another one.
pub(crate) async fn section(auth: &Auth, newsroom: &Newsroom, article: &Article) -> Result<Markup, Failure> {
    if !article.has_appeared {
        return Ok(html! {});
    }
    let comments = below(newsroom, article).await?;
    let may_comment = auth.permits(Can::Comment, article).await?;
    let mut lines = Vec::new();
    for comment in &comments {
        lines.push(line(comment, auth.permits(Can::DeleteComment, comment).await?));
    }
    let path = format!("/articles/{}/comments", article.row.id);
    Ok(html! {
        section #comments aria-labelledby="comments-title" {
            h2 #comments-title { "Comments" }
            @if lines.is_empty() { p { "None yet." } }
            ul.rows { @for line in &lines { li { (line) } } }
            @if may_comment {
                // With scripts, only this section is exchanged; without, the page is.
                form.card method="post" action=(path) hx-post=(path) hx-target="#comments"
                    hx-select="#comments" hx-select-oob="#notice" hx-swap="outerHTML" {
                    label for="comment" { "Your comment" }
                    textarea #comment name="body" rows="4" maxlength=(LONGEST) required {}
                    button.primary { "Send" }
                }
            } @else {
                p { a href={ "/login?next=/articles/" (article.row.id) } { "Log in to comment" } }
            }
        }
    })
}

fn line(comment: &Comment, may_delete: bool) -> Markup {
    html! {
        div {
            p { (comment.body) }
            small { (comment.author_name) ", " (time::time(time::from_row(comment.written))) }
        }
        @if may_delete {
            form method="post" action={ "/articles/" (comment.article) "/comments/" (comment.id) "/delete" } {
                button { "Delete" span.hidden { " the comment of " (comment.author_name) } }
            }
        }
    }
}

#[acl_required(Can::Comment, article, limit = "20/1m")]
pub(crate) async fn add(
    article: Article,
    user: UserId,
    State(newsroom): State<Newsroom>,
    Form(text): Form<Text>,
) -> Result<Response, Failure> {
    if write(&newsroom, &article, &user, &text.body).await?.is_none() {
        return Ok(StatusCode::UNPROCESSABLE_ENTITY.into_response());
    }
    Ok(Redirect::to(&format!("/articles/{}?done=commented", article.row.id)).into_response())
}

#[acl_required(Can::DeleteComment, comment)]
pub(crate) async fn delete(comment: Comment, State(newsroom): State<Newsroom>) -> Result<Redirect, Failure> {
    take_away(&newsroom, &comment).await?;
    Ok(Redirect::to(&format!("/articles/{}?done=comment-deleted", comment.article)))
}
