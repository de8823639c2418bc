//! Writing: a new article, and changes of its text.

use auth_runtime::{UserId, acl_required};
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use maud::{Markup, html};

use super::{Stage, article::Article};
use crate::{
    error::Failure,
    pages::{frame::Frame, time},
    roles::{Can, NEWSROOM},
    state::Newsroom,
    store::id::new_id,
};

/// The longest title, in characters.
const MAX_TITLE: usize = 200;
/// The longest text, in characters.
const MAX_BODY: usize = 50_000;

#[derive(Default, serde::Deserialize)]
pub(crate) struct Text {
    title: String,
    body: String,
    #[serde(default)]
    revision: i64,
}

/// Returns what is wrong with the title and the text of an article.
pub(crate) fn fault(title: &str, body: &str) -> Option<String> {
    if title.trim().is_empty() || body.trim().is_empty() {
        return Some("An article needs a title and a text.".to_owned());
    }
    if title.chars().count() > MAX_TITLE {
        return Some(format!("The title is longer than {MAX_TITLE} characters."));
    }
    (body.chars().count() > MAX_BODY).then(|| format!("The text is longer than {MAX_BODY} characters."))
}

impl Text {
    fn fault(&self) -> Option<String> {
        fault(&self.title, &self.body)
    }

    /// Returns the form with what was typed.
    fn form(&self, heading: &str, fault: Option<&str>) -> Markup {
        html! {
            h1 { (heading) }
            @if let Some(fault) = fault { p.error role="alert" { (fault) } }
            form.card method="post" {
                input type="hidden" name="revision" value=(self.revision);
                label for="title" { "Title" }
                input #title name="title" value=(self.title) maxlength=(MAX_TITLE) required;
                label for="body" { "Text" }
                // A first line end would be lost.
                textarea #body name="body" rows="14" required { "\n" (self.body) }
                p.hint { "An empty line begins a paragraph." }
                button.primary { "Save" }
            }
        }
    }

    fn again(&self, frame: &Frame, heading: &str, status: StatusCode, fault: &str) -> Response {
        (status, frame.page(heading, &self.form(heading, Some(fault)))).into_response()
    }
}

const NEW: &str = "New article";
const EDIT: &str = "Edit the article";

#[acl_required(Can::Write, NEWSROOM)]
pub(crate) async fn empty(frame: Frame) -> Response {
    frame.page(NEW, &Text::default().form(NEW, None))
}

#[acl_required(Can::Write, NEWSROOM)]
pub(crate) async fn create(
    user: UserId,
    frame: Frame,
    State(newsroom): State<Newsroom>,
    Form(text): Form<Text>,
) -> Result<Response, Failure> {
    if let Some(fault) = text.fault() {
        return Ok(text.again(&frame, NEW, StatusCode::UNPROCESSABLE_ENTITY, &fault));
    }
    let id = begin(&newsroom, &user, &text.title, &text.body).await?;
    Ok(Redirect::to(&format!("/articles/{id}?done=saved")).into_response())
}

#[acl_required(Can::Edit, article)]
pub(crate) async fn form(article: Article, frame: Frame) -> Response {
    let text = Text { title: article.row.title, body: article.row.body, revision: article.row.revision };
    frame.page(EDIT, &text.form(EDIT, None))
}

#[acl_required(Can::Edit, article)]
pub(crate) async fn save(
    article: Article,
    frame: Frame,
    State(newsroom): State<Newsroom>,
    Form(text): Form<Text>,
) -> Result<Response, Failure> {
    if let Some(fault) = text.fault() {
        return Ok(text.again(&frame, EDIT, StatusCode::UNPROCESSABLE_ENTITY, &fault));
    }
    if !replace(&newsroom, &article, &text.title, &text.body, text.revision).await? {
        let newest = Text { revision: article.row.revision, ..text };
        let fault = "Another person has changed the article meanwhile. This is your text: save it once \
                     more to replace theirs.";
        return Ok(newest.again(&frame, EDIT, StatusCode::CONFLICT, fault));
    }
    Ok(Redirect::to(&format!("/articles/{}?done=saved", article.row.id)).into_response())
}

/// Returns the text with the line ends of the database; forms send two characters for each.
fn with_line_ends(body: &str) -> String {
    body.replace("\r\n", "\n").trim().to_owned()
}

/// Adds a draft, and returns its id.
pub(crate) async fn begin(
    newsroom: &Newsroom,
    owner: &UserId,
    title: &str,
    body: &str,
) -> Result<String, Failure> {
    let id = new_id()?;
    sqlx::query(
        "INSERT INTO articles (id, title, body, owner, stage, changed, revision) \
         VALUES ($1, $2, $3, $4, $5, $6, 0)",
    )
    .bind(&id)
    .bind(title.trim())
    .bind(with_line_ends(body))
    .bind(owner.as_str())
    .bind(Stage::Draft.as_str())
    .bind(time::to_row(newsroom.now()))
    .execute(&newsroom.store.pool)
    .await?;
    Ok(id)
}

/// Replaces the text, unless another request was faster. Returns whether it did.
pub(crate) async fn replace(
    newsroom: &Newsroom,
    article: &Article,
    title: &str,
    body: &str,
    revision: i64,
) -> Result<bool, Failure> {
    // The stage may have changed since the guard decided.
    let saved = sqlx::query(
        "UPDATE articles SET title = $1, body = $2, changed = $3, revision = revision + 1 \
         WHERE id = $4 AND revision = $5 AND stage = $6",
    )
    .bind(title.trim())
    .bind(with_line_ends(body))
    .bind(time::to_row(newsroom.now()))
    .bind(&article.row.id)
    .bind(revision)
    .bind(article.row.stage().as_str())
    .execute(&newsroom.store.pool)
    .await?;
    Ok(saved.rows_affected() == 1)
}
