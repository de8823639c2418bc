//! A row that says how far an export or import is: [`Transfer`].

use auth_runtime::{Resource, Rule, User, UserId, guard::Missing};
use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
    response::{IntoResponse as _, Response},
};

use crate::{error::Failure, pages::time, roles::Can, state::Newsroom, store::id::new_id};

/// An export or import.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Transfer {
    pub(super) id: String,
    owner: String,
    kind: String,
    state: String,
    pub(super) total: i64,
    pub(super) done: i64,
    /// The file of an export, or a sentence
    pub(super) result: String,
}

/// How far a transfer is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Progress {
    Running,
    Done,
    Failed,
}

/// What is transferred.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Export,
    Import,
}

impl Transfer {
    pub(super) fn state(&self) -> Progress {
        match self.state.as_str() {
            "running" => Progress::Running,
            "done" => Progress::Done,
            _ => Progress::Failed,
        }
    }

    pub(super) fn is_export(&self) -> bool {
        self.kind == "export"
    }

    pub(super) fn heading(&self) -> &'static str {
        if self.is_export() { "Export" } else { "Import" }
    }

    /// Begins a transfer of this many articles, and returns its id.
    pub(super) async fn begin(
        newsroom: &Newsroom,
        user: &UserId,
        kind: Kind,
        total: usize,
    ) -> Result<String, Failure> {
        let id = new_id()?;
        sqlx::query(
            "INSERT INTO transfers (id, owner, kind, state, total, done, result, begun) \
             VALUES ($1, $2, $3, 'running', $4, 0, '', $5)",
        )
        .bind(&id)
        .bind(user.as_str())
        .bind(match kind {
            Kind::Export => "export",
            Kind::Import => "import",
        })
        .bind(i64::try_from(total).unwrap_or(i64::MAX))
        .bind(time::to_row(newsroom.now()))
        .execute(&newsroom.store.pool)
        .await?;
        Ok(id)
    }

    /// Counts one more article.
    pub(super) async fn advance(newsroom: &Newsroom, id: &str) -> Result<(), sqlx::Error> {
        let query = sqlx::query("UPDATE transfers SET done = done + 1 WHERE id = $1").bind(id);
        query.execute(&newsroom.store.pool).await.map(drop)
    }

    /// Writes the result of a transfer, or that it failed.
    pub(super) async fn end(newsroom: &Newsroom, id: &str, result: Result<String, sqlx::Error>) {
        let (state, result) = match result {
            Ok(result) => ("done", result),
            Err(error) => {
                tracing::error!(%error, "a transfer failed");
                ("failed", "Try again in a minute.".to_owned())
            }
        };
        let query = sqlx::query("UPDATE transfers SET state = $1, result = $2 WHERE id = $3");
        let ended = query.bind(state).bind(result).bind(id).execute(&newsroom.store.pool).await;
        if let Err(error) = ended {
            tracing::error!(%error, "the end of a transfer cannot be written");
        }
    }
}

impl Resource for Transfer {
    type Permission = Can;

    const PATH_PARAMETERS: &'static [&'static str] = &["id"];

    /// It is the owner's alone. The handlers have a second guard, by the role: the owner may have lost it.
    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User(&self.owner), &[Can::Transfer]).with_id("own-transfer")]
    }
}

impl FromRequestParts<Newsroom> for Transfer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, newsroom: &Newsroom) -> Result<Self, Response> {
        let path = Path::<String>::from_request_parts(parts, newsroom).await;
        let Path(id) = path.map_err(|_| Missing.into_response())?;
        let found =
            sqlx::query_as("SELECT id, owner, kind, state, total, done, result FROM transfers WHERE id = $1")
                .bind(id)
                .fetch_optional(&newsroom.store.pool)
                .await;
        match found {
            Ok(Some(transfer)) => Ok(transfer),
            Ok(None) => Err(Missing.into_response()),
            Err(error) => Err(Failure::from(error).into_response()),
        }
    }
}
