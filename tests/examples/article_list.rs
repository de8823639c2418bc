//! The example `article-list`: a query finds what asking about each row finds, by its rules and by random ones.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    Condition, Groups, Name, OWNER, Permissions, Principal, Principals, Rule, TENANT,
    acl::{
        ConditionAnswer, RowAnswer, RowCase,
        RowPrincipal::{GroupIn, UserIn},
        RowRule, decide_if, row_filter, row_filter_if, rules_of_row,
    },
    testing::{self, FakeIdentity, USER_HEADER},
};
use axum::http::{Request, StatusCode};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use sqlx::{QueryBuilder, SqlitePool, sqlite::SqlitePoolOptions};

use crate::{
    programs::article_list::{
        self,
        article::{Article, Column, SCHEMA},
        condition,
    },
    support,
};

#[tokio::test]
async fn each_user_is_listed_what_single_requests_show() {
    let app = article_list::app(FakeIdentity::by_header(), article_list::database().await.unwrap());
    for (user, visible, editable) in [
        ("ada", "1 2 3 4", "1 2"),
        ("paula", "1 3 4", "3 4"),
        ("root", "1 4", "1 2 3 4"),
        ("bob", "1 2 3 4", "4"),
        ("mallory", "", ""),
    ] {
        let get = |path: &str| Request::get(path).header(USER_HEADER, user);
        let ids = |page: &str| {
            let numbers = page.lines().map(|line| line.split(' ').next().unwrap());
            numbers.collect::<Vec<_>>().join(" ")
        };
        let mut single = Vec::new();
        for id in 1..=4 {
            if support::ask(&app, get(&format!("/articles/{id}"))).await.status == StatusCode::OK {
                single.push(id.to_string());
            }
        }
        assert_eq!(single.join(" "), visible, "{user}");
        let list = support::ask(&app, get("/articles")).await;
        assert_eq!((list.status, ids(list.text()).as_str()), (StatusCode::OK, visible), "{user}");
        let list = support::ask(&app, get("/articles/editable")).await;
        assert_eq!((list.status, ids(list.text()).as_str()), (StatusCode::OK, editable), "{user}");
    }
    assert_eq!(support::get(&app, "/articles").await.status, StatusCode::UNAUTHORIZED);
}

const NAMES: [&str; 4] = ["alice", "Alice", "press", "x' OR 1=1 --"];
const PERMISSIONS: [&str; 2] = ["view", "edit"];

fn name() -> impl Strategy<Value = &'static str> {
    (0..NAMES.len()).prop_map(|at| NAMES[at])
}

fn row_rule() -> impl Strategy<Value = RowRule<'static, Column>> {
    let permissions = prop_oneof![
        Just(Permissions::All),
        (0..PERMISSIONS.len()).prop_map(|at| testing::names([PERMISSIONS[at]])),
    ];
    let column = prop_oneof![Just(Column::Desk), Just(Column::Subject), Just(Column::Owner)];
    let in_column = prop_oneof![column.clone().prop_map(UserIn), column.prop_map(GroupIn)];
    let principal = prop_oneof![
        Just(Principal::Everyone),
        Just(Principal::Authenticated),
        name().prop_map(Principal::User),
        name().prop_map(|group| Principal::Group(Name::Text(group))),
    ];
    let fixed =
        (any::<bool>(), principal, permissions.clone()).prop_map(|(allows, principal, permissions)| {
            RowRule::from(if allows {
                Rule::allow(principal, permissions)
            } else {
                Rule::deny(principal, permissions)
            })
        });
    let of_row = (any::<bool>(), in_column, permissions).prop_map(|(allows, column, permissions)| {
        if allows { RowRule::allow(column, permissions) } else { RowRule::deny(column, permissions) }
    });
    let conditions = prop_oneof![4 => Just(0..0_usize), 3 => (0..4_usize).prop_flat_map(|from| (from..4).prop_map(move |to| from..to.saturating_add(1)))];
    (prop_oneof![1 => fixed, 2 => of_row], conditions)
        .prop_map(|(rule, range)| rule.with_conditions(&CONDITIONS[range]))
}

const ON_CALL: Condition = Condition::custom("on-call");
const NIGHT: Condition = Condition::daily("night", "22:00", "06:00");
const CONDITIONS: [Condition; 4] = [NIGHT, OWNER, TENANT, ON_CALL];

/// What is known of a request besides its user.
#[derive(Clone, Copy, Debug)]
struct Facts {
    /// The column of the owner, and that of the tenant
    columns: (Option<Column>, Option<Column>),
    tenant: Option<&'static str>,
    on_call: ConditionAnswer,
    night: ConditionAnswer,
}

impl Facts {
    /// Returns the answer about one row.
    fn of(&self, condition: &Condition, row: &Article, user: Option<&str>) -> ConditionAnswer {
        let held = |column: Option<Column>| column.and_then(|column| row.value(column));
        match condition.name() {
            "owner" => held(self.columns.0).map_or(ConditionAnswer::Unknown, |owner| {
                ConditionAnswer::of(user.map(Name::Text) == Some(owner))
            }),
            "tenant" => held(self.columns.1)
                .zip(self.tenant)
                .map_or(ConditionAnswer::Unknown, |(held, own)| ConditionAnswer::of(Name::Text(own) == held)),
            "night" => self.night,
            _ => self.on_call,
        }
    }

    /// Returns the answer before there is a row.
    fn of_rows(&self, condition: &Condition) -> RowAnswer {
        assert_ne!(*condition, OWNER, "the rows answer it");
        match condition.name() {
            "tenant" => self.tenant.map_or(RowAnswer::Every(ConditionAnswer::Unknown), |own| {
                RowAnswer::RowsOf([own].into_iter().collect())
            }),
            "night" => RowAnswer::Every(self.night),
            _ => RowAnswer::Every(self.on_call),
        }
    }
}

fn facts() -> impl Strategy<Value = Facts> {
    let column =
        || prop::option::of(prop_oneof![Just(Column::Desk), Just(Column::Subject), Just(Column::Owner)]);
    let answer = || {
        prop_oneof![
            Just(ConditionAnswer::Holds),
            Just(ConditionAnswer::Fails),
            Just(ConditionAnswer::Unknown)
        ]
    };
    (column(), column(), prop::option::of(name()), answer(), answer()).prop_map(
        |(owner, of_tenant, tenant, on_call, night)| Facts {
            columns: (owner, of_tenant),
            tenant,
            on_call,
            night,
        },
    )
}

type Caller = (Option<&'static str>, Vec<&'static str>, Option<i64>);

fn caller() -> impl Strategy<Value = Caller> {
    let user = prop::option::of(name());
    (user, prop::collection::vec(name(), 0..3), prop::option::of(Just(7)))
}

/// Rows with every combination of values, `NULL` included, and numbers in text.
async fn database() -> (SqlitePool, Vec<Article>) {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    sqlx::query(SCHEMA).execute(&pool).await.unwrap();
    let values = [None, Some("alice"), Some("press"), Some("x' OR 1=1 --"), Some("7")];
    for owner in NAMES {
        for desk in values {
            for subject in values {
                sqlx::query("INSERT INTO articles (title, owner, desk, subject) VALUES ('', ?, ?, ?)")
                    .bind(owner)
                    .bind(desk)
                    .bind(subject)
                    .execute(&pool)
                    .await
                    .unwrap();
            }
        }
    }
    let rows = sqlx::query_as("SELECT * FROM articles ORDER BY id").fetch_all(&pool).await.unwrap();
    (pool, rows)
}

#[tokio::test]
async fn a_query_finds_the_rows_for_which_each_question_is_answered_with_yes() {
    let (pool, rows) = database().await;
    let mut runner = TestRunner::deterministic();
    let cases = (prop::collection::vec(row_rule(), 0..6), caller(), facts());
    let (mut kinds, mut found_some) = ([0; 4], 0);
    for _ in 0..3_000 {
        let (rules, (user, names, number), facts) = cases.new_tree(&mut runner).unwrap().current();
        let (owner, tenant) = facts.columns;
        let rules: Vec<_> = rules
            .into_iter()
            .map(|rule| owner.into_iter().fold(rule, RowRule::with_owner))
            .map(|rule| tenant.into_iter().fold(rule, RowRule::with_tenant))
            .collect();
        let mut groups: Groups = names.iter().collect();
        if let Some(number) = number {
            groups.insert(number);
        }
        let principals = Principals::new(user, Some(&groups));
        let permission = Name::Text("view");
        let expected: Vec<&Article> = rows
            .iter()
            .filter(|row| {
                let rules = rules_of_row(rules.iter().copied(), |column| row.value(*column));
                let answer = |condition: &Condition| Some(facts.of(condition, row, user));
                decide_if(rules, permission, &principals, answer).unwrap().is_allow()
            })
            .collect();

        let rules_of_all = rules.iter().copied();
        let filter = row_filter_if(rules_of_all, permission, &principals, None, |condition| {
            Some(facts.of_rows(condition))
        })
        .unwrap();
        let in_memory: Vec<&Article> =
            rows.iter().filter(|row| filter.allows(|column| row.value(*column))).collect();
        assert_eq!(in_memory, expected, "{rules:?} {principals:?} {facts:?} {filter:?}");

        let mut query = QueryBuilder::new("SELECT * FROM articles WHERE ");
        condition::push(&mut query, &filter);
        query.push(" ORDER BY id");
        let sql = query.sql().to_owned();
        let found: Vec<Article> = query.build_query_as().fetch_all(&pool).await.unwrap();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{rules:?} {principals:?} {sql}");

        assert_eq!(filter.is_all(), filter.cases().is_empty() && filter.otherwise());
        // A filter without cases is about no row in particular.
        assert!(!filter.is_none() || expected.is_empty());
        assert!(!filter.is_all() || expected.len() == rows.len());
        let kind = match filter.cases() {
            [] if filter.is_all() => 0,
            [] => 1,
            cases if cases.iter().all(RowCase::is_allow) => 2,
            _ => 3,
        };
        kinds[kind] += 1;
        found_some += i32::from((1..rows.len()).contains(&expected.len()));

        let closed = row_filter(rules.iter().copied(), permission, &principals);
        let unknown = |condition: &Condition, row: &Article| match condition.name() {
            "owner" => facts.of(condition, row, user),
            _ => ConditionAnswer::Unknown,
        };
        for row in &rows {
            let of_row = rules_of_row(rules.iter().copied(), |column| row.value(*column));
            let one = decide_if(of_row, permission, &principals, |condition| Some(unknown(condition, row)));
            assert_eq!(
                closed.allows(|column| row.value(*column)),
                one.unwrap().is_allow(),
                "{rules:?} {facts:?}"
            );
        }

        let blocked = row_filter(rules.iter().copied(), permission, &Principals::blocked());
        assert!(blocked.is_none());
    }
    assert!(kinds.iter().all(|kind| *kind > 50), "each form of the condition is tried: {kinds:?}");
    assert!(found_some > 200, "{found_some}");
}
