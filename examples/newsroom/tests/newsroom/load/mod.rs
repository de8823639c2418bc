//! Load test: 200 people at once, with mixed roles, on two instances of the program with sessions in PostgreSQL and
//! revocation in Redis. One instance is killed and started again, and so is each store.
//!
//! ```text
//! cargo test --workspace --all-features --test newsroom -- --ignored --nocapture two_hundred
//! ```
//!
//! Only responses are asserted; the figures are printed.

mod figures;
mod instance;
mod people;

use std::{sync::Arc, time::Duration};

use auth_runtime::identity::{Password, PasswordHasher};
use newsroom::Role;
use sqlx::{Connection as _, PgConnection};
use tokio::{sync::Barrier, task::JoinSet};

use self::{
    figures::Stage,
    instance::Instance,
    people::{Load, PASSWORD, Step, day},
};
use crate::{browser::Browser, postgres_server::PostgresServer, redis_server::RedisServer};

const PEOPLE: usize = 200;
/// People of each kind whose rights change under load
const CHANGED: usize = 6;
/// How many requests begin in each stage, at least
const REQUESTS: usize = 1_000;
/// How many 503 an outage lasts
const REFUSALS: usize = 100;

/// What people do whose rights have changed: they must be refused, on each instance and in each stage.
const DEMOTED: &[Step] = &[Step("/account", None, 200), Step("/desk", None, 403)];
const BLOCKED: &[Step] = &[Step("/account", None, 401), Step("/desk", None, 401)];

/// Adds a person with a password hash that costs next to nothing.
async fn add(connection: &mut PgConnection, id: &str, role: Role, hash: &str) {
    sqlx::query(
        "INSERT INTO people (id, email, name, role, password, revision, created) VALUES ($1, $2, $1, $3, $4, 0, 0)",
    )
    .bind(id)
    .bind(format!("{id}@newsroom.example"))
    .bind(role.as_str())
    .bind(hash)
    .execute(connection)
    .await
    .unwrap();
}

/// Asks each instance until it responds to a person, and another one can log in, three times in a row.
async fn until_well(bases: &[String; 2], chief: &Browser) {
    let mut in_a_row = 0_usize;
    while in_a_row < 3 {
        let mut is_well = true;
        for base in bases {
            let account = chief.clone().at(base).get("/account").await.status.as_u16();
            let log_in =
                Browser::elsewhere(base, "a probe").try_log_in("probe", PASSWORD).await.status.as_u16();
            assert!([200, 503].contains(&account) && [303, 503].contains(&log_in), "{account} {log_in}");
            is_well &= account == 200 && log_in == 303;
        }
        in_a_row = if is_well { in_a_row.saturating_add(1) } else { 0 };
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes more than a minute; CI runs it by `--ignored`"]
async fn two_hundred_people_lose_nothing_when_an_instance_or_a_store_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let redis_folder = folder.path().join("redis");
    std::fs::create_dir_all(&redis_folder).unwrap();
    let Some(mut redis) = RedisServer::start_in(Some(redis_folder)) else { return };
    let Some(mut postgres) = PostgresServer::start() else { return };
    let start = |name| Instance::start(&folder.path().join(name), &postgres.address(), &redis.address());
    let (mut one, other) = (start("one"), start("other"));
    let bases = [one.base.clone(), other.base.clone()];

    let hasher = PasswordHasher::new().with_costs(8, 1, 1).unwrap();
    let hash = hasher.hash(&Password::new(PASSWORD).unwrap()).await.unwrap();
    let mut connection = PgConnection::connect(&postgres.address()).await.unwrap();
    let roles = Role::ALL.into_iter().cycle().take(PEOPLE).enumerate();
    let people: Vec<_> = roles.map(|(number, role)| (format!("load-{number}"), role)).collect();
    for (id, role) in &people {
        add(&mut connection, id, *role, &hash).await;
    }
    for number in 0..CHANGED {
        add(&mut connection, &format!("demoted-{number}"), Role::Editor, &hash).await;
        add(&mut connection, &format!("blocked-{number}"), Role::Author, &hash).await;
    }
    add(&mut connection, "boss", Role::Chief, &hash).await;
    add(&mut connection, "probe", Role::Reader, &hash).await;
    connection.close().await.unwrap();

    // All of them log in at the same moment, and each begins the day at once.
    let load = Load::new(bases.clone());
    let barrier = Arc::new(Barrier::new(PEOPLE));
    let mut tasks = JoinSet::new();
    for (id, role) in people {
        let (load, barrier, mut browser) =
            (load.clone(), Arc::clone(&barrier), Browser::elsewhere(&bases[0], &id));
        tasks.spawn(async move {
            barrier.wait().await;
            load.log_in(&mut browser, &id).await;
            load.live(browser, id, day(role)).await
        });
    }
    let mut boss = Browser::elsewhere(&bases[0], "boss");
    load.log_in(&mut boss, "boss").await;

    load.until(|figures| figures.answers(Stage::AllUp) >= REQUESTS).await;
    change_rights(&load, &bases, &boss, 0..CHANGED / 2, &mut tasks).await;

    load.figures(|figures| figures.enter(Stage::OneKilled));
    one.kill();
    load.until(|figures| figures.answers(Stage::OneKilled) >= REQUESTS && figures.repeated > 0).await;
    // It ends with this function.
    let _one = tokio::task::spawn_blocking(move || {
        one.run();
        one
    })
    .await
    .unwrap();
    load.figures(|figures| figures.enter(Stage::BothAgain));
    change_rights(&load, &bases, &boss, CHANGED / 2..CHANGED, &mut tasks).await;
    load.until(|figures| figures.answers(Stage::BothAgain) >= REQUESTS).await;

    load.figures(|figures| figures.enter(Stage::RedisDown));
    redis.kill();
    load.until(|figures| figures.count(Stage::RedisDown, 503) >= REFUSALS).await;
    assert!(redis.run());
    until_well(&bases, &boss).await;
    load.figures(|figures| figures.enter(Stage::RedisBack));
    load.until(|figures| figures.answers(Stage::RedisBack) >= REQUESTS).await;

    load.figures(|figures| figures.enter(Stage::PostgresDown));
    postgres.kill();
    load.until(|figures| figures.count(Stage::PostgresDown, 503) >= REFUSALS).await;
    postgres.run();
    until_well(&bases, &boss).await;
    load.figures(|figures| figures.enter(Stage::PostgresBack));
    load.until(|figures| figures.answers(Stage::PostgresBack) >= REQUESTS).await;

    load.end();
    for mut browser in tasks.join_all().await {
        let expected = if browser.name.starts_with("blocked") { 401 } else { 200 };
        for _ in &bases {
            load.ask(&mut browser, "/account", None, &[expected]).await;
        }
    }
    load.figures(|figures| {
        println!("{PEOPLE} people on two instances\n{}", figures.table());
        assert!(figures.faults.is_empty(), "{:#?}", figures.faults);
        assert_eq!(figures.lost, 0);
    });
}

/// Demotes and blocks people at one instance: the other one refuses them from the next request on.
async fn change_rights(
    load: &Load,
    bases: &[String; 2],
    boss: &Browser,
    numbers: std::ops::Range<usize>,
    tasks: &mut JoinSet<Browser>,
) {
    for number in numbers {
        let [one, other] = bases;
        let (here, there) = if number.is_multiple_of(2) { (one, other) } else { (other, one) };
        let mut boss = boss.clone().at(here);

        let demoted = format!("demoted-{number}");
        let mut editor = Browser::elsewhere(there, &demoted);
        assert_eq!(editor.try_log_in(&demoted, PASSWORD).await.location(), "/");
        assert_eq!(editor.get("/desk").await.status, 200);
        let got = boss.post(&format!("/people/{demoted}/role"), &[("role", "reader")]).await;
        assert_eq!(got.location(), "/people?done=role-set");
        assert_eq!(editor.get("/desk").await.status, 403);
        tasks.spawn(load.clone().live(editor, demoted, DEMOTED));

        let blocked = format!("blocked-{number}");
        let mut author = Browser::elsewhere(there, &blocked);
        assert_eq!(author.try_log_in(&blocked, PASSWORD).await.location(), "/");
        assert_eq!(author.get("/desk").await.status, 200);
        let got = boss.post(&format!("/people/{blocked}/block"), &[]).await;
        assert_eq!(got.location(), "/people?done=blocked");
        let refused = author.get("/desk").await;
        assert!(refused.status == 401 || refused.location().starts_with("/login"), "{}", refused.status);
        assert_eq!(author.try_log_in(&blocked, PASSWORD).await.status, 422);
        tasks.spawn(load.clone().live(author, blocked, BLOCKED));
    }
}
