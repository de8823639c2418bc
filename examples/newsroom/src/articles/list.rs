//! Lists of articles, filtered by the database: [`published`] and [`of_desk`].

use auth_runtime::{Auth, clock::UnixTime};

use super::{
    Stage,
    row_rules::{Column, rules},
};
use crate::{error::Failure, pages::time, roles::Can, state::Newsroom, store::condition::Condition};

/// One line of a list.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) owner_name: String,
    stage: String,
    publish_at: Option<i64>,
}

impl Line {
    pub(super) fn stage(&self) -> Stage {
        Stage::parse(&self.stage)
    }

    pub(super) fn appears(&self) -> Option<UnixTime> {
        self.publish_at.map(time::from_row)
    }
}

/// Returns the published articles that have appeared, and those that the caller may see before.
pub(super) async fn published(auth: &Auth, newsroom: &Newsroom) -> Result<Vec<Line>, Failure> {
    query(auth, newsroom, "stage = 'published' AND (publish_at <= $1 OR", "ORDER BY publish_at DESC").await
}

/// Returns the articles that are not in the newspaper yet and that the caller may see.
pub(super) async fn of_desk(auth: &Auth, newsroom: &Newsroom) -> Result<Vec<Line>, Failure> {
    let hidden = "(stage <> 'published' OR publish_at > $1) AND (";
    query(auth, newsroom, hidden, "ORDER BY changed DESC").await
}

/// `before` ends where the condition about the caller begins; a parenthesis closes it. `$1` is the time.
async fn query(auth: &Auth, newsroom: &Newsroom, before: &str, order: &str) -> Result<Vec<Line>, Failure> {
    let filter = auth.row_filter(Can::View, rules()).await?;
    let condition = Condition::of(&filter, |column: &Column, comparison| column.test(comparison), 2);
    let sql = format!(
        "SELECT articles.id, title, people.name AS owner_name, stage, publish_at \
         FROM articles JOIN people ON people.id = owner WHERE {before} {}) {order} LIMIT 100",
        condition.sql,
    );
    let mut query = sqlx::query_as(&sql).bind(time::to_row(newsroom.now()));
    for value in condition.values {
        query = query.bind(value);
    }
    Ok(query.fetch_all(&newsroom.store.pool).await?)
}
