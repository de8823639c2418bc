//! Explanations of denials: for developers, in the log and on the console.

use auth_runtime::{
    Acl, Auth, AuthError, Groups, Name, Permission, Principals, Resource, Rule, User, acl,
    acl::{Explanation, Hit, Step, explain, explain_for},
    acl_required, allow_anonymous, guard,
    guard::Missing,
    testing,
};
use axum::{
    Router,
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
    routing::get,
};

use crate::support::{self, Log, Told};

const PAGES: Acl = acl![
    (Deny, Group("banned"), ["edit", "view"]),
    (Allow, Everyone, ["view"]),
    (Allow, User("root"), ALL),
    (Allow, Group("editors"), ["edit"]),
    (Allow, Group("authors"), ["edit"]),
    (Allow, Authenticated, ["comment"]),
];

const ONE_USER: Acl = acl![(Allow, User("root"), ["halt"])];

fn edit_for(user: Option<&str>, groups: &[&'static str]) -> Explanation {
    let groups: Groups = groups.iter().copied().collect();
    PAGES.explain("edit", &Principals::new(user, Some(&groups)))
}

#[test]
fn each_rule_says_why_it_did_or_did_not_decide() {
    let text = edit_for(Some("bob"), &["editors"]).to_string();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("`edit` for the user `bob` in `editors`: allowed by rule 4"));
    let hits = edit_for(Some("bob"), &["editors", "authors"]);
    let hits: Vec<Hit> = hits.steps().iter().map(Step::hit).collect();
    assert_eq!(
        hits,
        [
            Hit::OtherPrincipal,
            Hit::OtherPermission,
            Hit::OtherPrincipal,
            Hit::Decides,
            Hit::ComesTooLate,
            Hit::OtherPermission,
        ]
    );
    let first = edit_for(None, &[]);
    let line = first.steps()[0].line().unwrap();
    let source = std::fs::read_to_string(file!()).unwrap();
    assert!(source.lines().nth(line as usize - 1).unwrap().contains("Deny, Group(\"banned\")"));
    assert!(first.to_string().contains(&format!("names another principal ({}:{line})", file!())), "{first}");
}

#[test]
fn the_cheapest_cure_is_named() {
    for (user, groups, remedies) in [
        (Some("bob"), &[][..], &["be in the group `editors`", "be in the group `authors`"][..]),
        (
            None,
            &[],
            &["be signed in, and in the group `editors`", "be signed in, and in the group `authors`"],
        ),
        (Some("bob"), &["editors", "banned"], &["not be in the group `banned`"]),
        (Some("bob"), &["editors"], &[]),
    ] {
        assert_eq!(edit_for(user, groups).remedies(), remedies, "{user:?} {groups:?}");
    }
    let nobody = Principals::anonymous();
    assert_eq!(PAGES.explain("comment", &nobody).remedies(), ["be signed in"]);
    assert_eq!(ONE_USER.explain("halt", &nobody).remedies(), ["be the user `root`"]);
    assert_eq!(PAGES.explain("edit", &Principals::blocked()).remedies(), ["not be blocked"]);
    assert!(
        PAGES.explain("fly", &nobody).remedies() == ["be the user `root`"],
        "the user who may do everything"
    );
    let both = [Rule::deny(User("bob"), auth_runtime::ALL)];
    let none = Groups::none();
    assert!(explain(both, Name::Text("x"), &Principals::user("bob", &none)).remedies().is_empty());

    // Every cure named does help.
    for group in ["editors", "authors"] {
        assert!(edit_for(Some("bob"), &[group]).decision().is_allow());
    }
}

#[derive(Clone, Copy, Permission)]
enum Can {
    Edit,
}

struct Article;

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User("alice"), &["edit"])]
    }

    fn parent(&self) -> Option<impl Resource> {
        Some(Shelf)
    }
}

struct Shelf;

impl Resource for Shelf {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        PAGES.iter()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = Missing;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Missing> {
        Ok(Self)
    }
}

#[acl_required("edit", PAGES)]
async fn edit() {}

#[acl_required(all("edit", "comment"), PAGES)]
async fn both() {}

#[acl_required("edit", article)]
async fn own(article: Article) {
    let _ = article;
}

#[allow_anonymous]
async fn open() {}

async fn check(auth: Auth) -> Result<(), AuthError> {
    auth.check_permission("edit", PAGES).await.map(drop)
}

async fn ask_why(auth: Auth) -> Result<String, AuthError> {
    Ok(auth.explain("edit", PAGES).await?.to_string())
}

fn app() -> Router {
    Router::new()
        .route("/edit", get(edit))
        .route("/both", get(both))
        .route("/own", get(own))
        .route("/check", get(check))
        .route("/why", get(ask_why))
        .route("/layer", get(open).layer(guard::acl!("edit", PAGES)))
        .layer(testing::acting_as("bob", ["readers"]).allow_unguarded())
}

async fn explanations(path: &str) -> (support::Answer, Vec<Told>) {
    let app = app();
    let (answer, told) = Log::of(support::get(&app, path)).await;
    (answer, told.into_iter().filter(|told| told.message == "explanation").collect())
}

#[test]
fn a_resource_is_explained_with_the_rules_of_its_parents() {
    let none = Groups::none();
    let explain = |user| explain_for(&Article, Name::Text("edit"), &Principals::user(user, &none));
    let alice = explain("alice");
    assert_eq!(alice.steps().len(), 1 + PAGES.rules().len());
    assert_eq!(alice.steps()[0].hit(), Hit::Decides);
    let (root, bob) = (explain("root"), explain("bob"));
    assert!(
        root.to_string().starts_with("`edit` for the user `root` in no group: allowed by rule 4"),
        "{root}"
    );
    assert!(bob.steps().iter().all(|step| step.hit() != Hit::Decides), "{bob}");
}

#[tokio::test]
async fn a_denial_is_explained_in_the_log_only() {
    for (path, lines, words) in [
        ("/edit", 8, "6 (Allow, Authenticated, [\"comment\"]): does not match the permission"),
        ("/both", 15, "`comment` for the user `bob` in `readers`: allowed by rule 6"),
        ("/check", 8, "1 (Deny, Group(\"banned\"), [\"edit\", \"view\"]): names another principal"),
        ("/own", 9, "1 (Allow, User(\"alice\"), [\"edit\"]): names another principal"),
        ("/layer", 8, "it would be enough to be in the group `editors`, or to be in the group `authors`"),
    ] {
        let (answer, told) = explanations(path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(told.len(), lines, "{path}");
        assert!(told.iter().any(|told| told.field("text").contains(words)), "{path}: {told:#?}");
        assert!(told.iter().all(|told| told.level == tracing::Level::DEBUG));
        for secret in ["editors", "authors", "rule", "group"] {
            assert!(!answer.text().contains(secret), "{path} tells its client of {secret}");
        }
    }
    let (answer, told) = explanations("/why").await;
    assert!(
        answer.text().starts_with("`edit` for the user `bob` in `readers`: denied, since no rule allows it")
    );
    assert!(told.is_empty());
}
