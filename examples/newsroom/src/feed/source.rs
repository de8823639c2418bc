//! Where news come from: the database, which each instance reads every half second: [`Feed`].
//!
//! An article may appear because its time has come, on no instance in particular. So the feed is what the
//! tables say, and not what a handler has done, and instances need nothing but the database to have the same
//! one.

use std::{collections::HashSet, sync::Arc, time::Duration};

use auth_runtime::clock::{Clock, UnixTime};
use tokio::sync::broadcast::{self, Receiver, Sender};

use crate::{pages::time, store::Store, task::Task};

/// How often the tables are read.
const PACE: Duration = Duration::from_millis(500);
/// How long a row may take to become visible, and how far the clocks of instances may differ, in seconds.
const WINDOW: i64 = 10;
/// How many news a slow client may be behind.
const BEHIND: usize = 64;

/// Something that everyone may know.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct News {
    id: String,
    pub(super) article: String,
    title: String,
    /// Who commented; empty for an article that has appeared
    author: String,
    pub(super) at: i64,
}

impl News {
    pub(super) fn text(&self) -> String {
        if self.author.is_empty() {
            format!("New: {}", self.title)
        } else {
            format!("{} comments on {}", self.author, self.title)
        }
    }
}

/// The news of an instance. The task that reads them ends with the last handle.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    sender: Sender<News>,
    _task: Task,
}

impl Feed {
    pub(crate) fn start(store: Store, clock: Arc<dyn Clock>) -> Self {
        let (sender, _) = broadcast::channel(BEHIND);
        let task = Task::spawn(read(store, clock, sender.clone()));
        Self { sender, _task: task }
    }

    pub(super) fn subscribe(&self) -> Receiver<News> {
        self.sender.subscribe()
    }
}

async fn read(store: Store, clock: Arc<dyn Clock>, sender: Sender<News>) {
    // What is there when the instance starts is not new.
    let mut known: Option<HashSet<String>> = None;
    loop {
        let now = time::to_row(clock.now());
        match between(&store, now.saturating_sub(WINDOW), now, "ORDER BY at, id").await {
            Ok(found) => {
                let ids = found.iter().map(|news| news.id.clone()).collect();
                let before = known.replace(ids);
                let is_new = |news: &News| before.as_ref().is_some_and(|before| !before.contains(&news.id));
                for news in found.into_iter().filter(is_new) {
                    // It fails if no client listens.
                    let _ = sender.send(news);
                }
            }
            Err(error) => tracing::error!(%error, "the feed cannot be read"),
        }
        tokio::time::sleep(PACE).await;
    }
}

/// Returns the newest news.
pub(super) async fn newest(store: &Store, now: UnixTime) -> Result<Vec<News>, sqlx::Error> {
    between(store, 0, time::to_row(now), "ORDER BY at DESC, id DESC LIMIT 20").await
}

async fn between(store: &Store, from: i64, to: i64, order: &str) -> Result<Vec<News>, sqlx::Error> {
    let sql = format!(
        "SELECT id, id AS article, title, '' AS author, publish_at AS at FROM articles \
         WHERE stage = 'published' AND publish_at > $1 AND publish_at <= $2 \
         UNION ALL \
         SELECT comments.id, article, title, people.name AS author, written AS at FROM comments \
         JOIN articles ON articles.id = article JOIN people ON people.id = comments.author \
         WHERE written > $1 AND written <= $2 AND stage = 'published' AND publish_at <= $2 {order}"
    );
    sqlx::query_as(&sql).bind(from).bind(to).fetch_all(&store.pool).await
}
