//! Random routers, built with both kinds of routers, respond alike; and everything that a guard was applied to stays guarded.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{cell::Cell, panic, sync::Once};

use auth_runtime::guard;
use axum::{
    http::{StatusCode, header},
    middleware::from_fn_with_state,
};
use proptest::prelude::*;

use crate::build_on_both_routers::{self, echo, mark, members, on_both, teapot};

const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "OPTIONS", "PURGE"];

/// What is done to a router, step by step.
#[derive(Clone, Debug)]
enum Step {
    Route(usize, u8),
    Nest(usize, Vec<Self>),
    Merge(Vec<Self>),
    Fallback(bool),
    ResetFallback,
    WrongMethod(bool),
    Layer,
    RouteLayer,
    State,
}

const PATHS: [&str; 6] = ["/", "/p", "/p/", "/{id}", "/p/{*rest}", "/q"];
const PREFIXES: [&str; 4] = ["/n", "/p", "/n/{x}", "/m/"];

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let leaf = prop_oneof![
        6 => (0..PATHS.len(), 0..8_u8).prop_map(|(path, kind)| Step::Route(path, kind)),
        1 => any::<bool>().prop_map(Step::Fallback),
        1 => any::<bool>().prop_map(Step::WrongMethod),
        1 => Just(Step::Layer),
        1 => Just(Step::RouteLayer),
        1 => Just(Step::State),
        1 => Just(Step::ResetFallback),
    ];
    let step = leaf.prop_recursive(3, 24, 5, |inner| {
        let steps = || prop::collection::vec(inner.clone(), 1..5);
        prop_oneof![
            3 => inner.clone(),
            2 => (0..PREFIXES.len(), steps()).prop_map(|(at, steps)| Step::Nest(at, steps)),
            1 => steps().prop_map(Step::Merge),
        ]
    });
    prop::collection::vec(step, 1..6)
}

on_both! {
    use {MethodFilter, MethodRouter, any, get, head, on, post, put};

    pub(crate) fn handlers(kind: u8) -> MethodRouter {
        match kind {
            0 => get(echo::<1>),
            1 => post(echo::<2>),
            2 => get(members).put(echo::<3>),
            3 => any(echo::<4>),
            4 => head(echo::<5>).layer(from_fn_with_state("method", mark)).post(members),
            5 => on(MethodFilter::OPTIONS.or(MethodFilter::PUT), members),
            6 => put(echo::<6>).fallback(teapot),
            _ => any(members).get(echo::<7>),
        }
    }

    pub(crate) fn build(steps: &[Step]) -> Router {
        append(Router::new(), steps)
    }

    pub(crate) fn append(router: Router, steps: &[Step]) -> Router {
        steps.iter().fold(router, |router, step| match step {
            Step::Route(path, kind) => router.route(PATHS[*path], handlers(*kind)),
            Step::Nest(at, steps) => router.nest(PREFIXES[*at], build(steps)),
            Step::Merge(steps) => router.merge(build(steps)),
            Step::Fallback(true) => router.fallback(echo::<8>),
            Step::Fallback(false) => router.fallback(members),
            Step::ResetFallback => router.reset_fallback(),
            Step::WrongMethod(true) => router.method_not_allowed_fallback(echo::<9>),
            Step::WrongMethod(false) => router.method_not_allowed_fallback(members),
            Step::Layer => router.layer(from_fn_with_state("layer", mark)),
            Step::RouteLayer => router.route_layer(from_fn_with_state("route", mark)),
            Step::State => router.with_state(()),
        })
    }
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Builds, unless the routes are in each other's way.
fn built<T>(make: impl FnOnce() -> T) -> Result<T, String> {
    QUIET.set(true);
    let built = panic::catch_unwind(panic::AssertUnwindSafe(make));
    QUIET.set(false);
    built.map_err(|panic| panic.downcast_ref::<String>().cloned().unwrap_or_default())
}

/// Some trees cannot be built, which need not be told thousands of times.
fn quiet() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                tell(panic);
            }
        }));
    });
}

fn paths() -> Vec<String> {
    let inner = ["", "/", "/p", "/p/", "/p/r/s", "/z", "/q"];
    let outer = ["", "/n", "/p", "/n/7", "/m", "/n/p", "/m/n"];
    outer.iter().flat_map(|outer| inner.iter().map(move |inner| format!("{outer}{inner}"))).collect()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_routers_answer_alike(steps in steps()) {
        quiet();
        let (theirs, ours) = (built(|| theirs::build(&steps)), built(|| ours::build(&steps)));
        let (theirs, ours) = match (theirs, ours) {
            (Ok(theirs), Ok(ours)) => (theirs::finished(theirs), ours::finished(ours)),
            (theirs, ours) => {
                // Routes are kept in a table without order, so of two complaints either may come first.
                prop_assert_eq!(theirs.is_err(), ours.is_err());
                return Ok(());
            }
        };
        runtime().block_on(async {
            for path in paths().iter().filter(|path| path.starts_with('/')) {
                for method in METHODS {
                    let expected = build_on_both_routers::answer(&theirs, method, path, false).await;
                    let answer = build_on_both_routers::answer(&ours, method, path, false).await;
                    prop_assert_eq!(answer, expected, "{} {}", method, path);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn nothing_escapes_a_guard_of_the_router(before in steps(), after in steps()) {
        quiet();
        let whole: Vec<Step> = before.iter().chain(&after).cloned().collect();
        let Ok(open) = built(|| ours::build(&whole)) else { return Ok(()) };
        let guarded = built(|| {
            let guarded = ours::build(&before).guarded_by(guard::auth!());
            ours::append(guarded, &after)
        });
        prop_assert!(guarded.is_ok(), "{:?}", guarded.err());
        let guarded = guarded.unwrap();
        for route in guarded.routes() {
            prop_assert!(route.guards().first().is_some_and(auth_runtime::guarded::GuardMetadata::is_layer));
        }
        let (open, guarded) = (ours::finished(open), ours::finished(guarded));
        runtime().block_on(async {
            for path in paths().iter().filter(|path| path.starts_with('/')) {
                for method in METHODS {
                    let (refused, ..) = build_on_both_routers::answer(&guarded, method, path, false).await;
                    prop_assert!([StatusCode::UNAUTHORIZED, StatusCode::NOT_FOUND].contains(&refused), "{method} {path}");
                    let (expected, headers, body) = build_on_both_routers::answer(&open, method, path, true).await;
                    let (status, mut same, text) = build_on_both_routers::answer(&guarded, method, path, true).await;
                    prop_assert_eq!((status, text), (expected, body), "{} {}", method, path);
                    // What the guard decided says so to caches.
                    let is_asked = refused != StatusCode::NOT_FOUND;
                    prop_assert_eq!(is_asked, same.remove(header::VARY).is_some());
                    let kept = same.remove(header::CACHE_CONTROL);
                    prop_assert_eq!(is_asked, kept.is_some_and(|kept| kept == "private, no-store"));
                    let mut headers = headers;
                    headers.remove(header::VARY);
                    headers.remove(header::CACHE_CONTROL);
                    prop_assert_eq!(same, headers, "{} {}", method, path);
                }
            }
            Ok(())
        })?;
    }
}
