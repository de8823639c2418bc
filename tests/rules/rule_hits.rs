//! Rule hits: counted for guards and for `Auth`, and for nothing else.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{env, fs, path::Path, process::Command};

use auth_runtime::{
    Acl, Auth, AuthError, AuthLayer, Groups, Name, Principals, Rule, User, UserId, acl, acl_required,
    assert_rules_covered, guard, guarded, hits,
    hits::{FOLDER_VARIABLE, Hits},
    testing::{FakeIdentity, USER_HEADER},
};
use axum::{Router, http::Request, routing::get};

use crate::support;

fn app(routes: Router) -> Router {
    let groups = |user: Option<UserId>| async move {
        Ok(match user.as_ref().map(UserId::as_str) {
            Some("edna") => Some(Groups::from(["editors"])),
            Some("blocked") => None,
            _ => Some(Groups::none()),
        })
    };
    routes.layer(AuthLayer::new(FakeIdentity::by_header()).with_groups(groups))
}

async fn ask(app: &impl support::App, path: &str, user: &str) -> u16 {
    let request = Request::get(path).header(USER_HEADER, user);
    support::ask(app, request).await.status.as_u16()
}

/// How often each rule decided.
fn counts(list: &Acl) -> Vec<u64> {
    hits::snapshot().of(list).rules().iter().map(hits::RuleHits::count).collect()
}

#[tokio::test]
async fn guards_count_each_decision_once() {
    const PAGES: Acl = acl![
        (Deny, User("mallory"), ["edit"]),
        (Allow, Group("editors"), ["edit", "publish"]),
        (Allow, Group("admins"), ALL),
    ];
    #[acl_required("edit", PAGES)]
    async fn edit() {}

    let layered = Router::new().route("/layer", get(async || ()));
    let app =
        app(Router::new().route("/", get(edit)).merge(layered.route_layer(guard::acl!("publish", PAGES))));
    assert_eq!(ask(&app, "/", "edna").await, 200);
    assert_eq!(ask(&app, "/", "edna").await, 200);
    assert_eq!(ask(&app, "/layer", "edna").await, 200);
    assert_eq!(ask(&app, "/", "mallory").await, 403);
    assert_eq!(ask(&app, "/", "bob").await, 403);
    assert_eq!(ask(&app, "/", "blocked").await, 403);
    assert_eq!(counts(&PAGES), [1, 3, 0]);

    let of = hits::snapshot().of(&PAGES);
    let [_, editors, _] = of.rules() else { panic!("three rules") };
    assert_eq!(editors.permissions, [("edit".to_owned(), 2), ("publish".to_owned(), 1)].into());
    assert_eq!(editors.file, file!());
    assert_eq!(
        *of.refused_by_no_rule(),
        [("edit".to_owned(), 1)].into(),
        "a blocked user is refused by no list"
    );
    assert_eq!(of.never_hit().map(|rule| rule.number).collect::<Vec<_>>(), [3]);
    let unused: Vec<String> = of.unused_grants().iter().map(ToString::to_string).collect();
    assert_eq!(unused, [r#"rule 3 grants ALL to Group("admins")"#]);
    let text = of.to_string();
    assert!(text.contains("edit 2, publish 1") && text.contains("no rule: edit"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&of.to_json()).unwrap();
    assert_eq!(json["rules"][1]["permissions"]["edit"], 2);
    assert_eq!(json["no_rule"]["edit"], 1);
}

#[tokio::test]
async fn auth_counts_the_rules_of_constants() {
    const NOTES: Acl = acl![(Allow, Group("editors"), ["edit"]), (Allow, Authenticated, ["view"])];
    async fn handler(auth: Auth) -> Result<(), AuthError> {
        assert!(auth.permits("view", NOTES).await?);
        auth.check_permission("view", &NOTES).await?;
        // Rules made at run time stand nowhere, and a list behind them does.
        let own = [Rule::allow(User("alice"), &["view"])];
        let both: Vec<Rule<'_>> = own.into_iter().chain(NOTES).collect();
        assert!(auth.permits("view", both).await?);
        let _ = auth.explain("view", NOTES).await?;
        Ok(())
    }
    let app = app(Router::new().route("/", get(handler)));
    assert_eq!(ask(&app, "/", "bob").await, 200);
    assert_eq!(counts(&NOTES), [0, 3]);
    assert_eq!(ask(&app, "/", "alice").await, 200);
    assert_eq!(counts(&NOTES), [0, 5], "one of alice's was decided by her own rule");
}

#[tokio::test]
async fn tables_verification_and_shadows_do_not_count() {
    const SHOWN: Acl = acl![(Allow, Authenticated, ["view"])];
    const SHOWN_NEXT: Acl = acl![(Allow, Group("editors"), ["view"])];
    #[acl_required("view", SHOWN, shadow = SHOWN_NEXT)]
    async fn view() {}

    let routes = guarded::Router::new().route("/", guarded::get(view));
    let access = routes.access();
    let app = routes.with_auth(AuthLayer::new(FakeIdentity::by_header()));
    let _ = access.shadow_changes().count();
    let _ = access.verify(app.clone()).await;
    let _ = SHOWN.decide("view", &Principals::user("bob", &Groups::none()));
    let _ = SHOWN.explain(Name::Text("view"), &Principals::user("bob", &Groups::none()));
    assert_eq!(counts(&SHOWN), [0]);
    assert_eq!(ask(&app, "/", "bob").await, 200);
    assert_eq!((counts(&SHOWN), counts(&SHOWN_NEXT)), (vec![1], vec![0]));
    let hits = hits::snapshot();
    let [difference] = hits.shadows() else { panic!("one: {:?}", hits.shadows()) };
    assert_eq!((difference.shadow.as_str(), difference.wider, difference.narrower), ("SHOWN_NEXT", 0, 1));
}

#[tokio::test]
async fn an_expression_counts_each_step() {
    const STEPS: Acl = acl![(Allow, Group("editors"), ["a"]), (Allow, Authenticated, ["b"])];
    #[acl_required(any("a", "b"), STEPS)]
    async fn either() {}

    let app = app(Router::new().route("/", get(either)));
    assert_eq!(ask(&app, "/", "bob").await, 200);
    assert_eq!(counts(&STEPS), [0, 1]);
    let of = hits::snapshot().of(&STEPS);
    assert_eq!(*of.refused_by_no_rule(), [("a".to_owned(), 1)].into());
}

#[tokio::test]
async fn rules_on_one_line_are_distinguished() {
    const LINE: Acl = acl![(Allow, Group("editors"), ["x"]), (Allow, Group("staff"), ["x"])];
    #[acl_required("x", LINE)]
    async fn x() {}

    let app = app(Router::new().route("/", get(x)));
    assert_eq!(ask(&app, "/", "edna").await, 200);
    assert_eq!(counts(&LINE), [1, 0]);
}

const COVERED: Acl = acl![(Allow, User("alice"), ["one"]), (Allow, User("bob"), ["one"])];

#[acl_required("one", COVERED)]
async fn one() {}

/// What the processes of the test below run.
#[tokio::test]
#[ignore = "it is run by another test, in a process of its own"]
async fn a_process_of_a_test_run() {
    let Ok(user) = env::var("RULE_HITS_USER") else { return };
    assert_eq!(ask(&app(Router::new().route("/", get(one))), "/", &user).await, 200);
}

#[test]
#[ignore = "it is run by another test, in a process of its own"]
fn the_last_process_of_a_test_run() {
    if env::var_os("RULE_HITS_USER").is_some() {
        // This process has asked no rule; the earlier ones have left theirs in the folder.
        let [here, everywhere] = [hits::snapshot(), hits::covered().unwrap()];
        let hit = |hits: &Hits| hits.of(&COVERED).rules().iter().filter(|rule| rule.count() > 0).count();
        assert!(hit(&here) == 0 && hit(&everywhere) > 0);
        assert_rules_covered!(COVERED);
    }
}

fn process(folder: &Path, test: &str, user: &str) -> (bool, String) {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--nocapture", test])
        .env(FOLDER_VARIABLE, folder)
        .env("RULE_HITS_USER", user)
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_test_run_of_many_processes_is_put_together() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("rule-hits-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    assert!(process(&folder, "rule_hits::a_process_of_a_test_run", "alice").0);
    let (passed, said) = process(&folder, "rule_hits::the_last_process_of_a_test_run", "");
    assert!(!passed && said.contains("no test reaches these rules of `COVERED`"), "{said}");
    assert!(said.contains(r#"(Allow, User("bob"), ["one"])"#) && !said.contains("alice"), "{said}");
    assert!(process(&folder, "rule_hits::a_process_of_a_test_run", "bob").0);
    let (passed, said) = process(&folder, "rule_hits::the_last_process_of_a_test_run", "");
    assert!(passed, "{said}");
    let of = Hits::read(&folder).unwrap().of(&COVERED);
    assert_eq!(of.rules().iter().map(hits::RuleHits::count).collect::<Vec<_>>(), [1, 1]);
    fs::write(folder.join("broken.hits"), "nonsense\n").unwrap();
    assert!(Hits::read(&folder).is_err());
    fs::remove_dir_all(&folder).unwrap();
    assert!(Hits::read(&folder).unwrap().all().is_empty(), "no folder, nothing left");
}
