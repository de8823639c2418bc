//! A guarded router answers as axum's does: the same routers, built with the words of both.

use std::panic::{AssertUnwindSafe, catch_unwind};

use auth_runtime::allow_anonymous;
use axum::{
    extract::{DefaultBodyLimit, OriginalUri, State},
    handler::Handler,
    middleware::from_fn_with_state,
};

use crate::build_on_both_routers::{self, echo, mark, members, on_both, teapot};

const PATHS: &[&str] = &[
    "/",
    "//",
    "/a",
    "/a/",
    "/a//",
    "/a/b",
    "/a/b/",
    "/a/b/c",
    "/a/b/c/d",
    "/b",
    "/b/",
    "/b/x",
    "/x",
    "/%61",
    "/a%2Fb",
    "/a/%62",
    "/a/%C3%A9",
    "/a/%FF",
    "/a/%",
    "/A",
    "/a?b=c",
    "/a/b?c#d",
    "/a/../b",
    "/a/./b",
    "/%2e%2e/a",
    "*",
    "http://example.com/a",
    "/a;b",
    "/a/b=c&d",
    "/a/:b",
    "/a/*b",
    "/a/{b}",
];

#[allow_anonymous]
async fn numbered(State(number): State<u8>, OriginalUri(uri): OriginalUri) -> String {
    format!("{number} {uri}")
}

on_both! {
    use {MethodFilter, MethodRouter, any, connect, get, on, patch, post, put, trace, delete};

    pub(crate) fn methods() -> Router {
        Router::new()
            .route("/", get(echo::<1>).post(echo::<2>))
            .route("/a", get(echo::<3>).head(echo::<4>).options(echo::<5>))
            .route("/a/", any(echo::<6>).put(echo::<7>))
            .route("/a/b", on(MethodFilter::PUT.or(MethodFilter::TRACE), echo::<8>).fallback(teapot))
            .route("/a/b/", connect(echo::<9>).delete(members))
            .route("/b", patch(echo::<10>))
            .route("/b", trace(members))
            .route("/x", get(echo::<11>).merge(post(echo::<12>)).merge(MethodRouter::new().put(echo::<13>)))
            .route("/b/", MethodRouter::new())
            .route("/b/x", delete(members).fallback(members).fallback(echo::<14>))
    }

    pub(crate) fn captures() -> Router {
        Router::new()
            .route("/a/{id}", get(echo::<1>))
            .route("/a/b", post(echo::<2>))
            .route("/a/{id}/{*rest}", any(echo::<3>))
            .route("/{*all}", get(members))
            .route("/b/x{id}", put(echo::<4>))
    }

    pub(crate) fn nested() -> Router {
        let inner = Router::new()
            .route("/", get(echo::<1>))
            .route("/b", post(echo::<2>))
            .route("/{id}/c", any(echo::<3>));
        Router::new()
            .nest("/a", inner.clone())
            .nest("/a/b", Router::new().nest("/c", inner.clone()).route("/x", get(members)))
            .nest("/b/{id}", inner.clone())
            .nest("/x/", inner)
    }

    pub(crate) fn fallbacks() -> Router {
        let with = Router::new().route("/b", get(echo::<1>)).fallback(echo::<2>);
        let without = Router::new().route("/x", get(echo::<3>));
        Router::new().nest("/a", with).nest("/b", without).fallback(teapot).fallback(echo::<4>)
    }

    pub(crate) fn nested_fallback_only() -> Router {
        Router::new().nest("/a", Router::new().nest("/b", Router::new().fallback(members)).fallback(echo::<1>))
    }

    pub(crate) fn fallbacks_taken_away() -> Router {
        Router::new().nest("/a", nested_fallback_only()).fallback(echo::<1>).reset_fallback()
    }

    pub(crate) fn merged() -> Router {
        let first = Router::new().route("/a", get(echo::<1>)).nest("/a/b", fallbacks());
        let second = Router::new().route("/a", post(echo::<2>)).fallback(teapot);
        let third = Router::new().route("/b", get(members)).merge(Router::new());
        first.merge(second).merge(third)
    }

    pub(crate) fn merged_the_other_way() -> Router {
        let first = Router::new().route("/a", get(echo::<1>)).fallback(teapot);
        let second = Router::new().nest("/b", nested_fallback_only());
        second.merge(first)
    }

    pub(crate) fn wrong_methods() -> Router {
        Router::new()
            .route("/a", get(echo::<1>))
            .route("/b", get(echo::<2>).fallback(members))
            .method_not_allowed_fallback(teapot)
            .route("/x", get(echo::<3>))
    }

    pub(crate) fn wrong_methods_nested() -> Router {
        Router::new().nest("/a", wrong_methods()).method_not_allowed_fallback(members).fallback(echo::<1>)
    }

    pub(crate) fn layers() -> Router {
        let layer = |name| from_fn_with_state(name, mark);
        Router::new()
            .route("/", get(echo::<1>.layer(layer("handler"))))
            .route("/a", get(members).layer(layer("early")).post(members).route_layer(layer("late")))
            .layer(layer("inner"))
            .route("/b", get(echo::<2>))
            .route_layer(layer("route"))
            .nest("/x", Router::new().route("/", get(members)).fallback(echo::<3>).layer(layer("nested")))
            .layer(layer("outer"))
            .route("/a/b", get(members))
            .layer(DefaultBodyLimit::max(8))
    }

    pub(crate) fn layers_around_fallbacks() -> Router {
        Router::new().fallback(echo::<1>).route("/a", get(echo::<2>)).layer(from_fn_with_state("all", mark))
    }

    pub(crate) fn layers_around_nothing() -> Router {
        Router::new().layer(from_fn_with_state("all", mark))
    }

    pub(crate) fn state() -> Router {
        let one: Router<u8> = Router::new().route("/a", get(numbered)).fallback(numbered);
        let two = Router::new().route("/", get(numbered)).with_state(2);
        let three: MethodRouter<u8> = get(numbered).with_state(3);
        one.nest("/b", two).route("/x", three).with_state(1)
    }

    pub(crate) fn old_captures() -> Router {
        Router::new().without_v07_checks().route("/a/:b", get(echo::<1>)).route("/a/*b", get(echo::<2>))
    }

    pub(crate) fn empty() -> Router {
        Router::default().route("/a", MethodRouter::default())
    }

    pub(crate) fn conflict(number: u8) -> Router {
        let a = || Router::new().route("/a", get(echo::<1>));
        let with_fallback = || Router::new().fallback(echo::<1>);
        match number {
            0 => a().route("/a", get(members)),
            1 => Router::new().route("/a", get(members).get(echo::<1>)),
            2 => Router::new().route("/a", get(members).merge(get(echo::<1>))),
            3 => Router::new().route("/a/{id}", get(members)).route("/a/{name}", get(members)),
            4 => a().merge(a()),
            5 => Router::new().nest("/x", a()).nest("/x", a()),
            6 => with_fallback().merge(with_fallback()),
            7 => Router::new().route("", get(members)),
            8 => Router::new().route("a", get(members)),
            9 => Router::new().nest("/", a()),
            10 => Router::new().nest("", a()),
            11 => Router::new().route("/:id", get(members)),
            12 => Router::new().route("/*id", get(members)),
            13 => Router::new().route_layer(DefaultBodyLimit::disable()),
            14 => Router::new().route("/a", MethodRouter::new().route_layer(DefaultBodyLimit::disable())),
            15 => Router::new().route("/a", any(members)).route("/a", any(echo::<1>)),
            16 => Router::new().nest("/{*rest}", a()),
            _ => Router::new().route("/a", get(members).on(MethodFilter::GET.or(MethodFilter::PUT), members)),
        }
    }
}

macro_rules! compared {
    ($($router:ident)*) => {
        $(#[tokio::test]
        async fn $router() {
            let theirs = theirs::finished(theirs::$router());
            build_on_both_routers::compare(&theirs, &ours::finished(ours::$router()), PATHS).await;
        })*
    };
}

compared! {
    captures
    empty
    fallbacks
    fallbacks_taken_away
    layers
    layers_around_fallbacks
    layers_around_nothing
    merged
    merged_the_other_way
    methods
    nested
    nested_fallback_only
    old_captures
    state
    wrong_methods
    wrong_methods_nested
}

#[test]
fn what_cannot_be_built_is_refused_alike() {
    fn complaint<T>(build: impl FnOnce() -> T) -> String {
        let panic = catch_unwind(AssertUnwindSafe(build)).err().expect("should not build");
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned())).unwrap_or_default()
    }
    for number in 0..18 {
        let expected = complaint(|| theirs::conflict(number));
        assert!(!expected.is_empty());
        assert_eq!(complaint(|| ours::conflict(number)), expected, "{number}");
    }
}

#[test]
fn routes_are_there_or_not_alike() {
    assert_eq!(ours::empty().has_routes(), theirs::empty().has_routes());
    assert_eq!(ours::layers_around_nothing().has_routes(), theirs::layers_around_nothing().has_routes());
}
