//! Articles that are not published yet, in a table, and the rules about each of them.

use auth_runtime::{
    Acl, Name, Permission, Resource, Rule, acl,
    acl::{
        RowPrincipal::{GroupIn, UserIn},
        RowRule, rules_of_row,
    },
    guard::Missing,
};
use axum::{
    Extension, RequestPartsExt as _,
    extract::{FromRequestParts, Path},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use sqlx::SqlitePool;

/// The table.
pub(crate) const SCHEMA: &str = "
    CREATE TABLE articles (
        id INTEGER PRIMARY KEY,
        title TEXT NOT NULL,
        owner TEXT NOT NULL,
        desk TEXT,
        subject TEXT
    )";

/// What does not depend on the article.
const SITE: Acl =
    acl![(Allow, Group("admins"), ALL), (Deny, User("mallory"), ALL), (Allow, Everyone, [Can::View]),];

/// What the rules are about.
#[derive(Clone, Copy, Permission)]
pub(crate) enum Can {
    Edit,
    View,
}

/// A column that rules are about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Column {
    /// The desk whose members work on the article
    Desk,
    /// The author
    Owner,
    /// The desk that the article is about, whose members do not see it before it is published
    Subject,
}

/// Returns the rules of all articles: those of one article, and the filter of a list, follow from them.
pub(crate) fn rules() -> impl Iterator<Item = RowRule<'static, Column>> {
    [
        RowRule::allow(UserIn(Column::Owner), &[Can::View, Can::Edit]).with_id("owner"),
        RowRule::deny(GroupIn(Column::Subject), &[Can::View]).with_id("subject"),
        RowRule::allow(GroupIn(Column::Desk), &[Can::View, Can::Edit]).with_id("desk"),
    ]
    .into_iter()
    .chain(SITE.iter().map(RowRule::from))
}

/// One row.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub(crate) struct Article {
    pub(crate) id: i64,
    pub(crate) title: String,
    pub(crate) owner: String,
    pub(crate) desk: Option<String>,
    pub(crate) subject: Option<String>,
}

impl Article {
    /// Returns what a column of this row holds.
    pub(crate) fn value(&self, column: Column) -> Option<Name<'_>> {
        match column {
            Column::Desk => self.desk.as_deref(),
            Column::Subject => self.subject.as_deref(),
            Column::Owner => Some(self.owner.as_str()),
        }
        .map(Name::Text)
    }
}

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        rules_of_row(rules(), |column| self.value(*column))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        let Path(id) = parts.extract::<Path<i64>>().await.map_err(|_| Missing.into_response())?;
        let Extension(pool) =
            parts.extract::<Extension<SqlitePool>>().await.map_err(IntoResponse::into_response)?;
        let found =
            sqlx::query_as("SELECT * FROM articles WHERE id = ?").bind(id).fetch_optional(&pool).await;
        match found {
            Ok(Some(article)) => Ok(article),
            Ok(None) => Err(Missing.into_response()),
            Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        }
    }
}
