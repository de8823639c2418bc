//! What the macros write is silent under the lints of strict crates.
//!
//! The compiler's lints speak when this is built, clippy's when `cargo clippy --all-targets` runs.

#![deny(warnings)]
// Forbidden, not denied: an `allow` in an expansion would not compile.
#![forbid(
    future_incompatible,
    nonstandard_style,
    rust_2018_idioms,
    unused,
    deprecated_in_future,
    explicit_outlives_requirements,
    let_underscore_drop,
    meta_variable_misuse,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    non_ascii_idents,
    redundant_imports,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unused_import_braces,
    unused_lifetimes,
    unused_macro_rules,
    unused_qualifications,
    unused_results,
    variant_size_differences,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::too_many_arguments
)]
#![deny(
    clippy::all,
    clippy::nursery,
    clippy::pedantic,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::field_scoped_visibility_modifiers,
    clippy::missing_docs_in_private_items,
    clippy::missing_trait_methods,
    clippy::module_name_repetitions,
    clippy::semicolon_inside_block,
    clippy::shadow_unrelated,
    clippy::std_instead_of_core,
    clippy::unseparated_literal_suffix,
    clippy::wildcard_enum_match_arm
)]

/// A vocabulary, a list, and handlers under every attribute.
pub mod articles {
    use auth_runtime::{
        Acl, Group, Permission, Refusal, Resource, Rule, UserId, acl, acl_assert, acl_assert_no_wider,
        acl_required, acl_vocabulary, allow_anonymous, auth_required, guard::Missing, permission_required,
        scope_required,
    };
    use axum::{
        extract::FromRequestParts,
        http::{HeaderMap, StatusCode, request::Parts},
    };

    /// What can be done.
    #[derive(Clone, Copy, Debug, Permission)]
    #[non_exhaustive]
    pub enum Can {
        /// Looks.
        View,
        /// Changes.
        #[permission(name = "write")]
        Edit,
    }

    /// Who can do it.
    #[derive(Clone, Copy, Debug, Group)]
    #[non_exhaustive]
    pub enum Role {
        /// Everything.
        Admin,
    }

    /// The rules.
    pub const ARTICLES: Acl = acl![
        (Allow, Everyone, ["read", 7, -3, Can::View]),
        (Deny, User("mallory"), [Can::Edit]),
        (Allow, Group(Role::Admin), ALL),
    ];

    /// Fewer rules.
    pub const PUBLIC: Acl = acl![(Allow, Everyone, [Can::View]), (Deny, Everyone, [Can::Edit])];

    acl_assert!(ARTICLES {
        everyone can ["read", 7, Can::View];
        only group Role::Admin can Can::Edit;
        user "mallory" cannot Can::Edit;
    });
    acl_assert!(PUBLIC { nobody has both Can::View and Can::Edit; });
    acl_assert_no_wider!(PUBLIC, ARTICLES);
    acl_vocabulary!(Can: PUBLIC);

    /// Refuses.
    #[must_use]
    pub const fn teapot(_: &Refusal) -> StatusCode {
        StatusCode::IM_A_TEAPOT
    }

    /// Shows.
    #[acl_required(any("view", all(7, -3, Can::Edit)), ARTICLES, hide, refusal = teapot)]
    pub async fn view(user: UserId) -> String {
        core::future::ready(user).await.to_string()
    }

    /// Reads.
    #[scope_required("articles:read", any("articles:write", "admin"), fresh = "10m", refusal = teapot)]
    pub async fn read() -> &'static str {
        core::future::ready("read").await
    }

    /// Publishes.
    #[auth_required(fresh = "1.5h")]
    #[permission_required(any(Can::View, Can::Edit), refusal = teapot)]
    pub async fn publish() -> &'static str {
        core::future::ready("published").await
    }

    /// Has rules of its own.
    #[derive(Clone, Copy, Debug)]
    #[non_exhaustive]
    pub struct Article;

    impl Resource for Article {
        type Permission = Can;

        fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
            &ARTICLES
        }

        fn parent(&self) -> Option<impl Resource> {
            None::<Self>
        }

        fn owner(&self) -> Option<&str> {
            None
        }

        fn tenant(&self) -> Option<auth_runtime::Name<'_>> {
            None
        }
    }

    impl<S: Send + Sync> FromRequestParts<S> for Article {
        type Rejection = Missing;

        async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Missing> {
            core::future::ready(Ok(Self)).await
        }
    }

    /// Changes an article.
    #[auth_required]
    #[acl_required("write", article, anonymous)]
    pub async fn edit(mut article: Article) -> String {
        const AGAIN: Article = Article;
        let before = core::future::ready(article).await;
        article = AGAIN;
        format!("{before:?} {article:?}")
    }

    /// Shows an article: a body of one line is where `unused_braces` looks.
    #[rustfmt::skip]
    #[acl_required("view", article, anonymous)]
    pub async fn show(article: Article) -> String { format!("{:?}", core::future::ready(article).await) }

    /// Tells.
    #[allow_anonymous]
    #[must_use]
    pub async fn imprint() -> &'static str {
        core::future::ready("imprint").await
    }

    /// Takes as many arguments as clippy likes.
    #[auth_required]
    pub async fn seven(
        one: HeaderMap,
        two: HeaderMap,
        three: HeaderMap,
        four: HeaderMap,
        five: HeaderMap,
        six: HeaderMap,
        seven: HeaderMap,
    ) -> String {
        core::future::ready([one, two, three, four, five, six, seven]).await.len().to_string()
    }

    /// The runtime under another name that did not have to be so long.
    pub mod renamed {
        /// Guards under that name.
        pub mod inner {
            use auth_runtime as runtime;

            /// Shows.
            #[runtime::acl_required("view", super::super::ARTICLES, crate = runtime)]
            pub async fn view() {
                core::future::ready(()).await;
            }
        }
    }
}

#[test]
fn handlers_are_used() {
    use articles::{edit, imprint, publish, renamed::inner, show, view};

    let app: axum::Router = axum::Router::new()
        .route("/", axum::routing::get(view).post(publish).put(inner::view).patch(edit))
        .route("/article", axum::routing::get(show))
        .route("/imprint", axum::routing::get(imprint));
    assert!(app.has_routes());
}
