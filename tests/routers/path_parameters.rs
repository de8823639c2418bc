//! Resources that are loaded by parameters of the path: a route without them stops the application at start.

#![expect(clippy::expect_used, reason = "a test that cannot go on must stop")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use auth_runtime::{
    AuthLayer, Permission, Resource, Rule, User,
    access::{Day, FindingKind},
    acl_required, auth_required,
    guard::{Missing, Permit},
    guarded::{App, Router, get},
    permit,
    testing::FakeIdentity,
};
use axum::{extract::FromRequestParts, http::request::Parts};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
}

macro_rules! resources {
    ($($name:ident $parameters:expr;)*) => {
        $(
            struct $name;

            impl Resource for $name {
                type Permission = Can;

                const PATH_PARAMETERS: &'static [&'static str] = $parameters;

                fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
                    [Rule::allow(User("alice"), &[Can::View])]
                }
            }

            impl<S: Send + Sync> FromRequestParts<S> for $name {
                type Rejection = Missing;

                async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Missing> {
                    Ok(Self)
                }
            }
        )*
    };
}

resources! {
    Page &["tenant", "id"];
    Site &[];
}

#[acl_required(Can::View, page)]
async fn view(page: Page) {
    let _ = page;
}

#[acl_required(Can::View, site)]
#[auth_required]
#[acl_required("view", page, hide)]
async fn both(site: Site, page: Page) {
    let _ = (site, page);
}

permit! {
    struct MayView = "view";
}

async fn with_permit(page: Permit<MayView, Page>) {
    let _ = page;
}

fn start(routes: Router) -> Result<App, String> {
    let start = AssertUnwindSafe(|| routes.with_auth(AuthLayer::new(FakeIdentity::by_header())));
    catch_unwind(start).map_err(|panic| panic.downcast_ref::<String>().cloned().unwrap_or_default())
}

#[test]
fn a_route_with_all_parameters_starts() {
    let pages = Router::new().route("/pages/{id}", get(view).put(both)).route("/old/{*id}", get(with_permit));
    for routes in [
        Router::new().route("/{tenant}/v{id}", get(view)),
        Router::new().nest("/of/{tenant}", pages.clone()),
        Router::new().nest("/a", Router::new().nest("/{tenant}", Router::new().merge(pages.clone()))),
        Router::new().nest("/of/{tenant}/{id}", Router::new().fallback(view)),
        // The parameters are those of the route whose method it lacks.
        Router::new().route("/{tenant}/{id}", get(view)).method_not_allowed_fallback(view),
    ] {
        let findings = routes.access().findings(today());
        assert!(
            findings.iter().all(|found| found.kind() != FindingKind::MissingPathParameter),
            "{findings:?}"
        );
        drop(start(routes).expect("an application"));
    }
}

#[test]
fn a_route_without_a_parameter_does_not_start_and_says_what_to_write() {
    let file = file!();
    for (routes, expected) in [
        (
            Router::new().route("/pages", get(view)),
            "GET /pages, FILE: `page` is loaded by the path parameter `{tenant}`, which `/pages` lacks; write \
             `/pages/{tenant}`, or correct `PATH_PARAMETERS` of the resource",
        ),
        (
            Router::new().nest("/{tennant}", Router::new().route("/pages/{id}", get(both))),
            "GET /{tennant}/pages/{id}, FILE: `page` is loaded by the path parameter `{tenant}`, which \
             `/{tennant}/pages/{id}` lacks; write `{tenant}` in the path, whose parameters are `{tennant}`, `{id}`, \
             or correct `PATH_PARAMETERS` of the resource",
        ),
        (
            Router::new().nest("/{tenant}", Router::new().route("/{{id}}", get(with_permit))),
            "GET /{tenant}/{{id}}, FILE: the resource is loaded by the path parameter `{id}`, which \
             `/{tenant}/{{id}}` lacks; write `{id}` in the path, whose parameters are `{tenant}`, or correct \
             `PATH_PARAMETERS` of the resource",
        ),
        (
            Router::new().fallback(view),
            "any /, FILE: `page` is loaded by the path parameter `{tenant}`, which `/` lacks; write \
             `/{tenant}`, or correct `PATH_PARAMETERS` of the resource",
        ),
    ] {
        let table = routes.access();
        let findings = table.findings(today());
        let found = findings.iter().find(|found| found.kind() == FindingKind::MissingPathParameter);
        let found = found.expect("a finding").text();
        let message = start(routes).expect_err("it must not start");
        let place = message.split(&format!("{file}:")).nth(1).expect("the source file");
        let line: String = place.chars().take_while(char::is_ascii_digit).collect();
        assert_eq!(message.replace(&format!("{file}:{line}"), "FILE"), expected);
        assert!(found.ends_with(expected.split_once("FILE: ").expect("a place").1), "{found}");
    }
}

/// The table of a router that has not been started.
#[tokio::test]
async fn a_table_with_a_route_that_lacks_a_parameter_is_not_verified() {
    let table = Router::<()>::new()
        .route("/pages", get(view))
        .route("/{tenant}/{id}", get(view))
        .route("/of/{tenant}", get(with_permit))
        .method_not_allowed_fallback(view)
        .access();
    let served = Router::new().route("/{tenant}/{id}", get(view));
    let app = start(served.clone()).expect("an application");
    let wrong = table.verify(app.clone()).await.expect_err("two routes lack parameters");
    let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    assert_eq!(
        wrong,
        [
            "GET /of/{tenant} for signed in: the table says `the resource`, which is loaded by the path parameter \
             `{id}`, but the path lacks it",
            "GET /pages for signed in: the table says `page`, which is loaded by the path parameter `{tenant}`, but the \
             path lacks it",
        ]
    );
    let own = served.access().verify(app).await.expect("no route lacks one");
    assert_eq!(own.confirmed, 1, "an anonymous request; the resource decides about others");
}

fn today() -> Day {
    "2026-11-30".parse().expect("a day")
}
