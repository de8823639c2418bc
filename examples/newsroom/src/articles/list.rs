//! Lists of articles, filtered by the database: [`published`], [`of_desk`] and [`visible`].

use std::fmt;

use auth_runtime::{Auth, clock::UnixTime};

use super::{
    Stage,
    row_rules::{Column, rules},
};
use crate::{error::Failure, pages::time, roles::Can, state::Newsroom, store::condition::Condition};

/// One line of a list.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) owner_name: String,
    changed: i64,
    stage: String,
    publish_at: Option<i64>,
}

impl Line {
    pub(crate) fn stage(&self) -> Stage {
        Stage::parse(&self.stage)
    }

    pub(crate) fn appears(&self) -> Option<UnixTime> {
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
        "SELECT articles.id, title, people.name AS owner_name, changed, stage, publish_at \
         FROM articles JOIN people ON people.id = owner WHERE {before} {}) {order} LIMIT 100",
        condition.sql,
    );
    let mut query = sqlx::query_as(&sql).bind(time::to_row(newsroom.now()));
    for value in condition.values {
        query = query.bind(value);
    }
    Ok(query.fetch_all(&newsroom.store.pool).await?)
}

/// Where a page of [`visible`] ended: the time of the last change, and the id.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Cursor {
    changed: i64,
    id: String,
}

impl Cursor {
    /// Before the first article.
    pub(crate) const START: Self = Self { changed: i64::MAX, id: String::new() };

    /// Reads what [`Display`](fmt::Display) writes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (changed, id) = text.split_once('.')?;
        Some(Self { changed: changed.parse().ok()?, id: id.to_owned() })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.changed, self.id)
    }
}

/// Returns at most `limit` articles that the caller may see, the latest change first, and where the next page begins,
/// if there is one.
pub(crate) async fn visible(
    auth: &Auth,
    newsroom: &Newsroom,
    after: &Cursor,
    limit: u32,
) -> Result<(Vec<Line>, Option<Cursor>), Failure> {
    let filter = auth.row_filter(Can::View, rules()).await?;
    let condition = Condition::of(&filter, |column: &Column, comparison| column.test(comparison), 5);
    let sql = format!(
        "SELECT articles.id, title, people.name AS owner_name, changed, stage, publish_at \
         FROM articles JOIN people ON people.id = owner \
         WHERE (changed < $2 OR changed = $2 AND articles.id > $3) \
         AND (stage = 'published' AND publish_at <= $1 OR {}) \
         ORDER BY changed DESC, articles.id LIMIT $4",
        condition.sql,
    );
    let mut query = sqlx::query_as(&sql)
        .bind(time::to_row(newsroom.now()))
        .bind(after.changed)
        .bind(after.id.clone())
        // One more shows whether there is another page.
        .bind(i64::from(limit).saturating_add(1));
    for value in condition.values {
        query = query.bind(value);
    }
    let mut lines: Vec<Line> = query.fetch_all(&newsroom.store.pool).await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_last = lines.len() <= most;
    lines.truncate(most);
    let end = lines.last().filter(|_| !is_last);
    let next = end.map(|line| Cursor { changed: line.changed, id: line.id.clone() });
    Ok((lines, next))
}
