//! Demo people and articles, for an empty database.

use auth_runtime::{
    BoxError,
    clock::UnixTime,
    identity::{Password, PasswordHasher},
};

use super::Store;
use crate::{Role, articles::Stage};

/// The password of all demo people.
pub const DEMO_PASSWORD: &str = "read all about it";

/// A person of the demo.
#[derive(Clone, Copy, Debug)]
pub struct DemoPerson {
    /// The user id
    pub id: &'static str,
    /// The name
    pub name: &'static str,
    /// The address to log in with
    pub email: &'static str,
    /// The role
    pub role: Role,
}

/// The people of the demo: one for each role, and a second author.
pub const DEMO_PEOPLE: [DemoPerson; 6] = [
    person("rita", "Rita Reader", "rita@newsroom.example", Role::Reader),
    person("arthur", "Arthur Author", "arthur@newsroom.example", Role::Author),
    person("agnes", "Agnes Author", "agnes@newsroom.example", Role::Author),
    person("edda", "Edda Editor", "edda@newsroom.example", Role::Editor),
    person("carla", "Carla Chief", "carla@newsroom.example", Role::Chief),
    person("sam", "Sam Support", "sam@newsroom.example", Role::Support),
];

const fn person(id: &'static str, name: &'static str, email: &'static str, role: Role) -> DemoPerson {
    DemoPerson { id, name, email, role }
}

/// Id, title, text, owner, stage, and in how many days a published article appears.
type DemoArticle = (&'static str, &'static str, &'static str, &'static str, Stage, i64);

const ARTICLES: [DemoArticle; 6] = [
    (
        "harbour-bridge",
        "The harbour bridge opens after nine years",
        "At noon the first cyclists crossed the new bridge over the harbour. It is 840 metres long, and it \
         cost twice as much as planned.\n\nThe ferry, which it replaces, makes its last trip on Sunday. \
         Tickets are sold out.",
        "arthur",
        Stage::Published,
        -3,
    ),
    (
        "tram-seven",
        "Tram 7 runs all night, at last",
        "From Friday on, tram 7 runs every twenty minutes between midnight and five. The council had voted \
         for it three times before there were enough drivers.",
        "agnes",
        Stage::Published,
        -2,
    ),
    (
        "library-fines",
        "The city library gives up fines",
        "Books may be late, and cost nothing. The library counted what the fines brought in and what \
         collecting them cost, and found that both were the same.",
        "arthur",
        Stage::Published,
        -1,
    ),
    (
        "budget",
        "The budget in five charts",
        "This article appears when the council has published the figures. Until then, only the newsroom \
         reads it.",
        "agnes",
        Stage::Published,
        3,
    ),
    (
        "swimming-pool",
        "Why the swimming pool stays closed",
        "The pump was ordered, delivered, and sent back. An editor reads this text before it is published.",
        "arthur",
        Stage::Review,
        0,
    ),
    (
        "mayor",
        "A walk with the mayor",
        "Notes from a walk along the canal. Only the author reads this draft.",
        "agnes",
        Stage::Draft,
        0,
    ),
];

const DAY: i64 = 24 * 60 * 60;

/// Adds people and articles if there are no people.
pub(crate) async fn seed(store: &Store, passwords: &PasswordHasher, now: UnixTime) -> Result<(), BoxError> {
    let (people,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM people").fetch_one(&store.pool).await?;
    if people > 0 {
        return Ok(());
    }
    let now = i64::try_from(now.as_secs())?;
    // One hash for all: they have the same password, which is printed when the program starts.
    let hash = passwords.hash(&Password::new(DEMO_PASSWORD)?).await?;
    // Another instance may do the same at this moment.
    let mut transaction = store.pool.begin().await?;
    for person in &DEMO_PEOPLE {
        sqlx::query(
            "INSERT INTO people (id, email, name, role, password, revision, created) \
             VALUES ($1, $2, $3, $4, $5, 0, $6) ON CONFLICT DO NOTHING",
        )
        .bind(person.id)
        .bind(person.email)
        .bind(person.name)
        .bind(person.role.as_str())
        .bind(&hash)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
    }
    for (id, title, body, owner, stage, days) in ARTICLES {
        let appears = now.saturating_add(days.saturating_mul(DAY));
        sqlx::query(
            "INSERT INTO articles (id, title, body, owner, stage, publish_at, changed, revision) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(title)
        .bind(body)
        .bind(owner)
        .bind(stage.as_str())
        .bind((stage == Stage::Published).then_some(appears))
        .bind(now)
        .execute(&mut *transaction)
        .await?;
    }
    sqlx::query(
        "INSERT INTO co_authors (article, person) VALUES ('swimming-pool', 'agnes') ON CONFLICT DO NOTHING",
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(())
}
