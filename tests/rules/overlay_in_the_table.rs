//! The access table shows constants and overlay apart, and a snapshot contains the constant part alone.

use std::{fs, sync::Arc};

use auth_runtime::{
    Acl, Action, Condition, Name, Principal, User,
    access::{AccessTable, Day, OverlayChange},
    acl,
    acl::{OverlayRule, OverlayRules},
    acl_required, assert_access_snapshot,
    guarded::{Router, get},
};

const ARTICLES: Acl =
    acl![overlay = "articles", (Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"]),];
const NEWS: Acl = acl![overlay = widening("news"), (Allow, Group("editors"), ["publish"])];
const PLAIN: Acl = acl![(Allow, Group("editors"), ["print"])];

#[acl_required("view", ARTICLES)]
async fn view() {}

#[acl_required("edit", ARTICLES)]
async fn edit() {}

#[acl_required("publish", NEWS)]
async fn publish() {}

#[acl_required("print", PLAIN)]
async fn print() {}

fn constant() -> AccessTable {
    let routes: Router = Router::new()
        .route("/articles/{id}", get(view).put(edit))
        .route("/news", get(publish))
        .route("/print", get(print));
    routes.access()
}

fn rules() -> Arc<OverlayRules> {
    let edit = [Name::Text("edit")];
    Arc::new(OverlayRules::new([
        OverlayRule::new("articles", "freeze", Action::Deny, Principal::Everyone, edit)
            .with_note("An | incident.")
            .with_owner("on-call")
            .with_until("2027-01-31"),
        OverlayRule::of_all("articles", "mallory", Action::Deny, User("mallory")),
        OverlayRule::new("news", "guest", Action::Allow, User("gina"), [Name::Text("publish")]),
    ]))
}

#[test]
fn text_and_markdown_show_constants_and_overlay_apart() {
    let (constant, table) = (constant(), constant().with_overlay(rules()));
    let (before, after) = (constant.to_string(), table.to_string());
    assert!(before.contains("edit @ ARTICLES, overlay articles  "), "{before}");
    assert!(before.contains("publish @ NEWS, overlay news that may widen it  "), "{before}");
    assert!(before.contains("print @ PLAIN  "), "{before}");
    let added = after.strip_prefix(&before).unwrap_or_default();
    let expected = "
overlay, 3 rules
  articles freeze: (Deny, Everyone, [\"edit\"]); An | incident.; owner: on-call; until 2027-01-31
  articles mallory: (Deny, User(\"mallory\"), ALL)
  news guest: (Allow, User(\"gina\"), [\"publish\"])
  GET /articles/{id} for user mallory: yes (ARTICLES 1), with the overlay 403 (mallory)
  PUT /articles/{id} for group editors: yes (ARTICLES 2), with the overlay 403 (freeze)
  GET /news for user gina: 403, with the overlay yes (guest)
";
    assert_eq!(added, expected);

    let (before, after) = (constant.to_markdown(), table.to_markdown());
    let added = after.strip_prefix(&before).unwrap_or_default();
    assert!(added.contains("- `articles freeze`: (Deny, Everyone"), "{added}");
    let row = "| PUT /articles/{id} | group editors | yes (ARTICLES 2) | 403 | freeze |\n";
    assert!(added.contains(row), "{added}");
    let wider: Vec<&str> =
        table.overlay_changes().iter().filter(|change| change.is_wider()).map(OverlayChange::rule).collect();
    assert_eq!(wider, ["guest"]);
    // An overlay without rules is shown, too.
    let none = self::constant().with_overlay(Arc::default());
    assert!(none.to_string().ends_with("\noverlay, 0 rules\n"));
    assert!(none.overlay_changes().is_empty() && none.overlay_rules().is_empty());
}

#[test]
fn a_snapshot_contains_the_constant_part_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("access.md");
    fs::write(&path, constant().to_markdown()).expect("a file");
    let path = path.to_str().expect("a path");
    assert_access_snapshot!(path, constant());
    assert_access_snapshot!(path, constant().with_overlay(rules()));
    assert_ne!(constant().to_markdown(), constant().with_overlay(rules()).to_markdown());
}

#[cfg(feature = "full")]
#[test]
fn json_and_html_show_constants_and_overlay_apart() {
    let (constant, table) = (constant(), constant().with_overlay(rules()));
    let json = |table: &AccessTable| -> serde_json::Value {
        serde_json::from_str(&table.to_json()).expect("valid JSON")
    };
    let (before, after) = (json(&constant), json(&table));
    assert_eq!(before["routes"], after["routes"], "the cells are those of the constants");
    assert!(before.get("overlay").is_none());
    assert_eq!(
        before["routes"][0]["guards"][0]["overlays"],
        serde_json::json!([{"name": "articles", "may_widen": false}])
    );
    assert_eq!(
        before["routes"][2]["guards"][0]["overlays"],
        serde_json::json!([{"name": "news", "may_widen": true}])
    );
    assert!(before["routes"][3]["guards"][0].get("overlays").is_none());
    let overlay = &after["overlay"];
    assert_eq!(overlay["rules"][0]["id"], "freeze");
    assert_eq!(overlay["rules"][0]["until"], "2027-01-31");
    let change = &overlay["changes"][1];
    assert_eq!(
        (&change["route"], &change["caller"]),
        (&"PUT /articles/{id}".into(), &"group editors".into())
    );
    assert_eq!((&change["constant"]["access"], &change["now"]["status"]), (&"allowed".into(), &403.into()));

    let today: Day = "2027-01-01".parse().expect("a day");
    let (before, after) = (constant.to_html("Shop", today), table.to_html("Shop", today));
    assert!(!before.contains("<h2>Overlay</h2>"));
    let section = after.split("<h2>Overlay</h2>").nth(1).expect("a section");
    assert!(section.contains("articles freeze") && section.contains("<td>group editors</td>"), "{section}");
}

const DAY: Condition = Condition::daily("day", "08:00", "18:00");
const OFFICE: Condition = Condition::network("office", &["10.0.0.0/8"]);
const HOURS: Acl = acl![
    overlay = widening("hours"),
    (Allow, Authenticated, ["edit"], if DAY),
    (Allow, Authenticated, ["print"], if OFFICE),
    (Allow, Authenticated, ["read"]),
];

#[acl_required("edit", HOURS)]
async fn edit_by_day() {}

#[acl_required(any("edit", "print"), HOURS)]
async fn edit_or_print() {}

#[acl_required("read", HOURS)]
async fn read() {}

#[test]
fn an_overlay_is_evaluated_before_rules_with_conditions() {
    let table = || -> AccessTable {
        let routes: Router = Router::new()
            .route("/edit", get(edit_by_day))
            .route("/either", get(edit_or_print))
            .route("/read", get(read));
        routes.access()
    };
    let overlay = |action, permission: &'static str| {
        let rule =
            OverlayRule::new("hours", "now", action, Principal::Authenticated, [Name::Text(permission)]);
        table().with_overlay(Arc::new(OverlayRules::new([rule])))
    };
    let changes = |table: &AccessTable| -> Vec<(String, bool)> {
        let changes = table.overlay_changes().iter();
        changes
            .map(|change| {
                let text = format!(
                    "{} {}: {} -> {}",
                    change.route(),
                    change.caller(),
                    change.constant(),
                    change.now()
                );
                (text, change.is_wider())
            })
            .collect()
    };
    let narrower = [
        ("GET /edit signed in: if day (HOURS 1) -> 403".to_owned(), false),
        // What the overlay denies is no longer a way in.
        ("GET /either signed in: if day, if office (HOURS 1) -> if office (HOURS 2)".to_owned(), false),
    ];
    assert_eq!(changes(&overlay(Action::Deny, "edit")), narrower);
    let wider = [
        ("GET /edit signed in: if day (HOURS 1) -> yes".to_owned(), true),
        ("GET /either signed in: if day, if office (HOURS 1) -> yes".to_owned(), true),
    ];
    assert_eq!(changes(&overlay(Action::Allow, "edit")), wider);
    assert!(changes(&overlay(Action::Allow, "read")).is_empty());
}

#[cfg(feature = "full")]
#[test]
fn html_lists_the_conditions_with_their_meaning() {
    let routes: Router = Router::new().route("/edit", get(edit_by_day)).route("/read", get(read));
    let html = routes.access().to_html("Shop", "2027-01-01".parse().expect("a day"));
    let section = html.split("<h2>Conditions</h2>").nth(1).expect("a section");
    let section = section.split("</section>").next().expect("an end");
    let items: Vec<&str> = section.split("<li>").skip(1).collect();
    assert_eq!(
        items,
        [
            "<span class=\"kind\">day</span> the time is from 08:00 to 18:00 UTC</li>",
            "<span class=\"kind\">office</span> the client is in 10.0.0.0/8</li></ul>",
        ]
    );
    assert!(html.contains("<td class=\"maybe\">if day<small title="), "{html}");
    let none = constant().to_html("Shop", "2027-01-01".parse().expect("a day"));
    assert!(!none.contains("<h2>Conditions</h2>"));
}
