//! Who may call what, worked out from the guards of a router.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use auth_runtime::{
    Acl, Groups, Name, Permission, Principals, Resource, Rule, User,
    access::{Access, AccessRow, AccessTable, CallerKind, Day, FindingKind},
    acl, acl_required, allow_anonymous, auth_required, guard,
    guard::{Missing, Permit},
    guarded::{RouteMetadata, Router, get, post, unguarded},
    permission_required, permit,
};
use axum::{
    extract::FromRequestParts,
    http::{Method, StatusCode, request::Parts},
    routing::get as axum_get,
};

#[derive(Clone, Copy, Permission)]
enum Can {
    Restart,
    Delete,
}

const ARTICLES: Acl = acl![
    (Allow, Everyone, ["view"]),
    (Deny, User("mallory"), ["comment"]),
    (Allow, Authenticated, ["comment"]),
    (Allow, Group("editors"), ["edit", "publish"]),
    (Allow, Group("admins"), ALL),
    (Allow, Group("readers"), ["view"]),
];

struct Article;

impl Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        [Rule::allow(User("alice"), &["delete"])]
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Article {
    type Rejection = Missing;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Missing> {
        Ok(Self)
    }
}

#[acl_required("view", ARTICLES)]
async fn view() {}

#[acl_required(any("edit", "comment"), ARTICLES)]
async fn write() {}

#[acl_required("edit", ARTICLES, hide)]
async fn edit() {}

#[acl_required("delete", article)]
async fn delete(article: Article) {
    let _ = article;
}

#[permission_required(Can::Restart)]
async fn restart() {}

#[auth_required]
async fn profile() {}

#[allow_anonymous(reason = "users log in here", until = "2027-01-31")]
async fn login() {}

#[allow_anonymous]
async fn about() {}

fn routes() -> Router {
    let health: axum::Router = axum::Router::new().route("/live", axum_get(|| async { "yes" }));
    let admin =
        Router::new().guarded_by(guard::auth!()).route("/restart", post(restart)).route("/view", get(view));
    Router::new()
        .route("/articles/{id}", get(view).put(edit).post(write).delete(delete))
        .route("/profile", get(profile))
        .route("/login", post(login))
        .route("/about", get(about))
        .nest("/admin", admin)
        .nest("/health", unguarded("the load balancer asks", health))
}

const EDITORS: CallerKind = CallerKind::Member(Name::Text("editors"));
const ADMINS: CallerKind = CallerKind::Member(Name::Text("admins"));
const READERS: CallerKind = CallerKind::Member(Name::Text("readers"));

fn cell(table: &AccessTable, method: &Method, path: &str, caller: CallerKind) -> String {
    let at = table.callers().iter().position(|own| *own == caller).unwrap();
    table.row(method, path).unwrap().cells()[at].to_string()
}

#[test]
fn every_route_says_something_to_every_kind_of_request() {
    let table = routes().access();
    let callers =
        [CallerKind::Anonymous, CallerKind::SignedIn, ADMINS, EDITORS, READERS, CallerKind::User("mallory")];
    assert_eq!(table.callers(), callers);
    for (method, path, expected) in [
        (Method::GET, "/articles/{id}", ["yes (ARTICLES 1)"; 6]),
        (Method::PUT, "/articles/{id}", ["404", "404", "yes (ARTICLES 5)", "yes (ARTICLES 4)", "404", "404"]),
        (
            Method::POST,
            "/articles/{id}",
            [
                "401",
                "yes (ARTICLES 3)",
                "yes (ARTICLES 5)",
                "yes (ARTICLES 4)",
                "yes (ARTICLES 3)",
                "403 (ARTICLES 2)",
            ],
        ),
        (
            Method::DELETE,
            "/articles/{id}",
            ["401", "`article`", "`article`", "`article`", "`article`", "`article`"],
        ),
        (Method::GET, "/profile", ["401", "yes", "yes", "yes", "yes", "yes"]),
        (Method::POST, "/login", ["yes"; 6]),
        (Method::POST, "/admin/restart", ["401", "policy", "policy", "policy", "policy", "policy"]),
        (
            Method::GET,
            "/admin/view",
            [
                "401",
                "yes (ARTICLES 1)",
                "yes (ARTICLES 1)",
                "yes (ARTICLES 1)",
                "yes (ARTICLES 1)",
                "yes (ARTICLES 1)",
            ],
        ),
        (Method::GET, "/health", ["yes"; 6]),
    ] {
        for (caller, expected) in callers.into_iter().zip(expected) {
            assert_eq!(cell(&table, &method, path, caller), expected, "{method} {path} for {caller}");
        }
    }
}

#[test]
fn a_rule_says_where_it_stands() {
    let table = routes().access();
    let row = table.row(&Method::PUT, "/articles/{id}").unwrap();
    let rule = row.cells()[2].rule().unwrap();
    assert_eq!((rule.list, rule.number, rule.file), ("ARTICLES", 5, file!()));
    let line =
        std::fs::read_to_string(file!()).unwrap().lines().nth(rule.line as usize - 1).unwrap().to_owned();
    assert!(line.contains("Group(\"admins\"), ALL"), "{line}");
    assert_eq!(row.cells()[0].access(), Access::Refused(StatusCode::NOT_FOUND));
}

#[test]
fn the_table_is_printed() {
    let text = routes().access().to_string();
    let first = text.lines().next().unwrap();
    assert_eq!(
        first.split_whitespace().collect::<Vec<_>>().join(" "),
        "route guard anonymous signed in group admins group editors group readers user mallory"
    );
    assert!(text.lines().all(|line| line.trim_end() == line && !line.contains('\t')), "{text}");
    let starts: Vec<usize> = text.lines().map(|line| line.char_indices().count()).collect();
    assert_eq!(starts.len(), routes().routes().len() + 1);

    let markdown = routes().access().to_markdown();
    assert!(markdown.starts_with("| route | guard | anonymous | signed in |"), "{markdown}");
    assert!(markdown.contains("| PUT /articles/{id} | edit @ ARTICLES, hidden | 404 | 404 |"), "{markdown}");
    assert!(markdown.contains("| GET /admin/view | any user + view @ ARTICLES | 401 |"), "{markdown}");
    assert!(markdown.contains("4 of 10 routes may answer anonymous requests."), "{markdown}");
    assert!(markdown.contains("- `POST /login`: users log in here (until 2027-01-31)\n"), "{markdown}");
}

#[test]
fn the_table_answers_questions() {
    let table = routes().access();
    let who: Vec<CallerKind> = table.who_can_reach(&Method::PUT, "/articles/{id}").collect();
    assert_eq!(who, [ADMINS, EDITORS]);
    assert_eq!(table.who_can_reach(&Method::PUT, "/nowhere").count(), 0);
    assert_eq!(table.who_can_reach(&Method::HEAD, "/profile").count(), 5);

    let names = |caller| -> Vec<String> { table.reachable_by(caller).map(AccessRow::name).collect() };
    assert_eq!(
        names(CallerKind::Anonymous),
        ["GET /about", "GET /articles/{id}", "any /health/*", "POST /login"]
    );
    assert!(names(CallerKind::User("mallory")).iter().all(|name| name != "POST /articles/{id}"));
    assert!(names(CallerKind::User("unknown user")).is_empty());

    // A user in two groups is not one of the columns.
    let groups = Groups::from(["editors", "readers"]);
    let cells = table.judge(&Principals::user("mallory", &groups));
    let of = |name: &str| table.rows().iter().position(|row| row.name() == name).unwrap();
    assert_eq!(cells[of("POST /articles/{id}")].to_string(), "yes (ARTICLES 4)");
    let cells = table.judge(&Principals::blocked());
    assert_eq!(cells[of("PUT /articles/{id}")].to_string(), "404");
}

#[test]
fn callers_and_cells_answer_questions_about_them() {
    let table = routes().access();
    let kinds: Vec<bool> = table.callers().iter().map(|caller| caller.is_signed_in()).collect();
    assert!(!kinds[0] && kinds.len() > 2 && kinds[1..].iter().all(|is_signed_in| *is_signed_in));
    for row in table.rows() {
        for cell in row.cells() {
            let is_refused = cell.to_string().starts_with(|first: char| first.is_ascii_digit());
            assert_eq!(cell.access().is_possible(), !is_refused, "{} {cell}", row.name());
        }
    }
    let depends = [Access::DependsOnPolicy, Access::DependsOnResource("article"), Access::DependsOnScopes];
    assert!(depends.into_iter().all(Access::is_possible));
}

#[test]
fn a_guard_that_loads_its_resource_for_anonymous_requests_says_so() {
    #[acl_required("delete", article, anonymous)]
    async fn delete_by_anybody(article: Article) {
        let _ = article;
    }
    let routes: Router = Router::new().route("/articles/{id}", get(delete_by_anybody));
    let table = routes.access();
    let row = table.row(&Method::GET, "/articles/{id}").unwrap();
    assert_eq!(row.guard(), "delete of Can @ article, anonymous included");
    assert!(row.route().guards()[0].loads_for_anonymous());
    assert!(row.cells().iter().all(|cell| cell.access() == Access::DependsOnResource("article")));
    assert!(!routes_record("/articles/{id}", &Method::DELETE).guards()[0].loads_for_anonymous());
}

#[test]
fn the_vocabulary_of_a_resource_is_shown_wherever_its_guard_stands() {
    /// Has permissions of its own.
    struct Shelf;

    #[derive(Clone, Copy, Permission)]
    enum ShelfCan {
        Sort,
    }

    impl Resource for Shelf {
        type Permission = ShelfCan;

        fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
            [Rule::allow(User("alice"), &[ShelfCan::Sort])]
        }
    }

    impl<S: Send + Sync> FromRequestParts<S> for Shelf {
        type Rejection = Missing;

        async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Missing> {
            Ok(Self)
        }
    }

    permit! {
        struct MaySort = "sort";
    }

    #[acl_required("delete", article)]
    #[acl_required(ShelfCan::Sort, shelf)]
    async fn two(article: Article, shelf: Shelf) {
        let _ = (article, shelf);
    }
    #[acl_required("sort", shelf)]
    #[auth_required]
    async fn below(shelf: Shelf) {
        let _ = shelf;
    }
    #[auth_required]
    #[acl_required("sort", shelf)]
    #[acl_required("delete", article)]
    async fn three(shelf: Shelf, article: Article) {
        let _ = (article, shelf);
    }
    async fn permit(shelf: Permit<MaySort, Shelf>) {
        let _ = shelf;
    }
    let routes: Router = Router::new()
        .route("/two", get(two))
        .route("/below", get(below))
        .route("/three", get(three))
        .route("/permit", get(permit));
    let table = routes.access();
    for (path, expected) in [
        ("/two", "delete of Can @ article + sort of ShelfCan @ shelf"),
        ("/below", "any user + sort of ShelfCan @ shelf"),
        ("/three", "any user + sort of ShelfCan @ shelf + delete of Can @ article"),
        ("/permit", "sort of ShelfCan"),
    ] {
        let row = table.row(&Method::GET, path).unwrap();
        assert_eq!(row.guard(), expected, "{path}");
        let last = row.route().guards().last().unwrap().vocabulary().unwrap();
        let of = if path == "/three" { "Can" } else { "ShelfCan" };
        assert!(last.ends_with(&format!("::{of}")), "{last}");
    }
}

fn routes_record(path: &str, method: &Method) -> RouteMetadata {
    let routes = routes();
    routes
        .routes()
        .iter()
        .find(|route| route.path() == path && route.methods().contains(method))
        .unwrap()
        .clone()
}

#[test]
fn what_may_be_a_mistake_is_found() {
    const STAFF: Acl = acl![(Allow, Group("staff"), ["enter"]), (Allow, User("root"), ["leave"])];
    #[acl_required("enter", STAFF)]
    async fn enter() {}
    #[acl_required("leave", STAFF)]
    async fn leave() {}

    const BIRDS: Acl = acl![(Deny, Group("guests"), ["fly"]), (Allow, Group("birds"), ["fly"])];
    #[acl_required("fly", BIRDS)]
    async fn fly() {}
    const OWN: Acl = acl![(Allow, User("alice"), ["fly"])];
    #[acl_required("fly", OWN)]
    async fn own() {}
    let day = |text: &str| text.parse::<Day>().unwrap();
    let kinds = |routes: &Router, today: &str| -> Vec<(FindingKind, String)> {
        let found = routes.access().findings(day(today));
        found.iter().map(|finding| (finding.kind(), finding.text().to_owned())).collect()
    };
    let found = kinds(&routes(), "2027-01-31");
    let has = |found: &[(FindingKind, String)], kind, words: &str| {
        found.iter().any(|(own, text)| *own == kind && text.contains(words))
    };
    assert!(has(&found, FindingKind::MissingReason, "`GET /about`"), "{found:?}");
    assert!(has(&found, FindingKind::NeedlessGuard, "all requests have `view`"), "{found:?}");
    assert!(
        has(&found, FindingKind::UnusedPermission, "no route asks for `publish`, which `ARTICLES`"),
        "{found:?}"
    );
    assert!(has(&found, FindingKind::UnusedGroup, "members of `readers`"), "{found:?}");
    assert!(!has(&found, FindingKind::UnusedGroup, "editors"), "{found:?}");
    assert!(!has(&found, FindingKind::ExpiredReason, ""), "{found:?}");
    assert!(has(&kinds(&routes(), "2027-02-01"), FindingKind::ExpiredReason, "`POST /login`"));

    let only_leave = Router::new().route("/leave", get(leave));
    let found = kinds(&only_leave, "2026-01-01");
    assert!(has(&found, FindingKind::UnusedRule, "rule 1 of `STAFF`"), "{found:?}");
    let both = Router::new().route("/leave", get(leave)).route("/enter", get(enter));
    assert_eq!(kinds(&both, "2026-01-01"), []);

    let of_two_groups = Router::new().guarded_by(guard::acl!("enter", STAFF)).route("/fly", get(fly));
    let found = kinds(&of_two_groups, "2026-01-01");
    assert!(!has(&found, FindingKind::UnreachableRoute, ""), "birds of the staff may: {found:?}");

    let of_two_users = Router::new().guarded_by(guard::acl!("leave", STAFF)).route("/fly", get(own));
    let found = kinds(&of_two_users, "2026-01-01");
    assert!(has(&found, FindingKind::UnreachableRoute, "`GET /fly` denies all requests"), "{found:?}");
}

#[test]
fn days_are_days_of_the_calendar() {
    for day in ["1970-01-01", "2027-01-31", "2028-02-29", "2000-02-29", "9999-12-31"] {
        assert_eq!(day.parse::<Day>().unwrap().to_string(), day);
    }
    for text in [
        "",
        "2027",
        "2027-02-29",
        "2100-02-29",
        "2027-13-01",
        "2027-00-01",
        "2027-1-1",
        "+027-01-01",
        "2027-01-01 ",
        "2027/01/01",
        "２027-01-01",
    ] {
        assert!(text.parse::<Day>().is_err(), "{text}");
    }
    let at = |seconds| Day::of(auth_runtime::clock::UnixTime::from_secs(seconds)).to_string();
    assert_eq!(
        [at(0), at(86_399), at(86_400), at(1_709_164_800)],
        ["1970-01-01", "1970-01-01", "1970-01-02", "2024-02-29"]
    );
    assert_eq!(at(u64::MAX), "9999-12-31");
}
