//! Tests expansions against snapshots.

mod malformed_input;
mod resource_argument;

use proc_macro2::TokenStream;
use quote::quote;

use crate::{
    acl, acl_vocabulary_macro, assert, attribute_kind::Kind, derive_names, guard_attribute, guards_in_impl,
    name::Noun,
};

/// Compares with `src/tests/snapshots/<name>.rs`; `UPDATE_SNAPSHOTS=1` rewrites it.
fn assert_snapshot(name: &str, tokens: TokenStream) {
    let path = format!("{}/src/tests/snapshots/{name}.rs", env!("CARGO_MANIFEST_DIR"));
    let actual = prettyplease::unparse(&syn::parse2(tokens).unwrap());
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &actual).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), actual, "{name}");
}

#[test]
fn auth_required() {
    let item = quote! {
        /// Documented.
        #[deprecated]
        pub(crate) async fn profile<S: Store>(State(store): State<S>, user: UserId) -> String
        where
            S: Clone,
        {
            store.get(user).await
        }
    };
    assert_snapshot("auth_required", guard_attribute::expand(Kind::Auth, quote!(), item));
}

#[test]
fn acl_required() {
    let args =
        quote!(any("edit", Can::Comment), rules::ARTICLES, hide, refusal = pages::refusal, crate = renamed);
    let item = quote!(
        async fn r#type(_: Path<u64>) {}
    );
    assert_snapshot("acl_required", guard_attribute::expand(Kind::Acl, args, item));
}

#[test]
fn guards_of_an_impl_block() {
    let item = quote! {
        impl<T> Articles<T> {
            #[cfg(unix)]
            #[auth_required(fresh = "1h")]
            #[permission_required(Can::Edit)]
            async fn edit(_: State<Self>) {}

            fn helper() {}
        }
    };
    assert_snapshot("guards_of_an_impl_block", guards_in_impl::expand(&quote!(), item));
}

#[test]
fn acl_required_with_a_shadow() {
    let args = quote!(any("edit", Can::Comment), ARTICLES, fresh = "1h", shadow = rules::ARTICLES_NEXT);
    let item = quote!(
        /// Edits.
        pub async fn edit() {}
    );
    assert_snapshot("acl_required_with_a_shadow", guard_attribute::expand(Kind::Acl, args, item));
}

#[test]
fn permission_required() {
    let args = quote!(all(Can::A, any(rights::B, EDIT), Can::C));
    assert_snapshot(
        "permission_required",
        guard_attribute::expand(
            Kind::Permission,
            args,
            quote!(
                async fn f() {}
            ),
        ),
    );
}

#[test]
fn scope_required() {
    let args = quote!("articles:read", any("articles:write", "admin"), hide, fresh = "1.5h");
    let item = quote!(
        pub async fn f(id: Path<u64>) {}
    );
    assert_snapshot("scope_required", guard_attribute::expand(Kind::Scope, args, item));
}

#[test]
fn allow_anonymous() {
    assert_snapshot(
        "allow_anonymous",
        guard_attribute::expand(
            Kind::Anonymous,
            quote!(),
            quote!(
                pub async fn f() {}
            ),
        ),
    );
}

#[test]
fn allow_anonymous_with_a_reason() {
    let args = quote!(until = "2027-01-31", reason = "the door is open");
    let item = quote!(
        async fn f() {}
    );
    assert_snapshot("allow_anonymous_with_a_reason", guard_attribute::expand(Kind::Anonymous, args, item));
}

#[test]
fn resource_argument_behind_a_guard() {
    let item = quote!(
        async fn f(_: AuthRequired<__only_a_router_calls_f>, article: Article) {}
    );
    let args = quote!("edit", article);
    assert_snapshot("resource_argument_behind_a_guard", guard_attribute::expand(Kind::Acl, args, item));
}

/// `macro_rules!` wraps its arguments in invisible groups, and editors show parentheses instead.
#[test]
fn parentheses_and_invisible_brackets_change_nothing() {
    let item = quote!(
        async fn edit(article: Article) {}
    );
    for delimiter in [proc_macro2::Delimiter::Parenthesis, proc_macro2::Delimiter::None] {
        let around = |tokens: TokenStream| proc_macro2::Group::new(delimiter, tokens);
        for (kind, plain, wrapped) in [
            (Kind::Acl, quote!(any("a", Can::B), ARTICLES, hide), {
                let (a, b) = (around(quote!("a")), around(quote!(Can::B)));
                let any = around(quote!(any(#a, #b)));
                let list = around(quote!(ARTICLES));
                quote!(#any, #list, hide)
            }),
            (Kind::Acl, quote!(-3, article), {
                let (number, article) = (around(quote!(-3)), around(quote!(article)));
                quote!(#number, #article)
            }),
            (Kind::Scope, quote!("a", all("b", "c")), {
                let (a, all) = (around(quote!("a")), around(quote!(all("b", "c"))));
                quote!(#a, #all)
            }),
        ] {
            let expected = guard_attribute::expand(kind, plain, item.clone()).to_string();
            assert!(!expected.contains("compile_error"), "{expected}");
            assert_eq!(guard_attribute::expand(kind, wrapped, item.clone()).to_string(), expected);
        }
        let (row, principal, listed, base) = (
            around(quote!((Allow, Everyone, ["view"]))),
            around(quote!(Group("editors"))),
            around(quote!(["edit", "view"])),
            around(quote!(OTHER)),
        );
        let expected = acl::expand(
            quote!(auth_runtime; (Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit", "view"]), ..OTHER),
        );
        let found = acl::expand(quote!(auth_runtime; #row, (Allow, #principal, #listed), ..#base));
        assert_eq!(found.to_string(), expected.to_string());
        let (list, name, edit) =
            (around(quote!(ARTICLES)), around(quote!("editors")), around(quote!("edit")));
        let expected = assert::expand(quote!(auth_runtime; ARTICLES { group "editors" can "edit"; }));
        let found = assert::expand(quote!(auth_runtime; #list { group #name can #edit; }));
        assert_eq!(found.to_string(), expected.to_string());
    }
}

#[test]
fn a_wildcard_is_distinguished_from_all() {
    for (row, expected) in [
        (
            quote!((Allow, Everyone, "*")),
            "`\\\"*\\\"` matches no other permission; write `ALL` without quotation marks",
        ),
        (
            quote!((Allow, Everyone, ["*"])),
            "`\\\"*\\\"` matches no other permission; write `ALL` in place of the list",
        ),
        (
            quote!((Allow, Everyone, ["edit", "All"])),
            "`\\\"All\\\"` matches no other permission; write `ALL` in place of the list",
        ),
        (
            quote!((Allow, Group("*"), ["edit"])),
            "the group `*` matches no other; write `Authenticated`, or `Everyone` if anonymous requests are meant too",
        ),
        (
            quote!((Allow, User("*"), ["edit"])),
            "the user id `*` matches no other; write `Authenticated`, or `Everyone` if anonymous requests are meant too",
        ),
    ] {
        let found = acl::expand(quote!(auth_runtime; #row)).to_string();
        assert!(found.contains(&format!("\"{expected}\"")), "{found}");
    }
}

#[test]
fn stacked_guards() {
    let outer = quote!(_: ::auth_runtime::guard::AuthRequired<__only_a_router_calls_f>);
    let item = quote!(async fn f(#outer, id: Path<u64>) {});
    assert_snapshot("stacked_guards", guard_attribute::expand(Kind::Permission, quote!(Can::Edit), item));
}

#[test]
fn many_arguments() {
    let item = quote!(
        async fn f(a: A, b: A, c: A, d: A, e: A, f: A, g: A) {}
    );
    assert_snapshot("many_arguments", guard_attribute::expand(Kind::Auth, quote!(), item));
}

#[test]
fn acl_macro() {
    let acl = acl::expand(quote! {
        auth_runtime;
        (Allow, Everyone, ["view"]),
        (auth_runtime::Deny, User("mallory"), ["comment", -3, Can::Edit]),
        (Allow, Authenticated, ["comment"]),
        (Allow, Group(7), ["edit"]),
        (Allow, Group(Role::Admin), ALL),
    });
    assert_snapshot("acl_macro", quote!(const ARTICLES: Acl = #acl;));
}

#[test]
fn acl_assert_macro() {
    let proof = assert::expand(quote! {
        auth_runtime;
        rules::ARTICLES {
            anonymous cannot ["edit", Can::Delete];
            group Role::Admin can 7;
            user "mallory" cannot "comment";
            only authenticated can "comment";
            nobody can "purge";
            nobody has both "request" and "approve";
        }
    });
    assert_snapshot("acl_assert_macro", proof);
}

#[test]
fn acl_assert_no_wider_macro() {
    assert_snapshot(
        "acl_assert_no_wider_macro",
        assert::expand_no_wider(quote!(auth_runtime; NEXT, rules::ARTICLES)),
    );
}

#[test]
fn acl_vocabulary_macro() {
    assert_snapshot(
        "acl_vocabulary_macro",
        acl_vocabulary_macro::expand(quote!(auth_runtime; Can: ARTICLES, rules::COMMENTS)),
    );
}

#[test]
fn derive_permission() {
    let item = quote! {
        enum Can {
            View,
            #[permission(name = "write")]
            ReadAll = 7,
        }
    };
    assert_snapshot("derive_permission", derive_names::expand(Noun::Permission, item));
}

#[test]
fn derive_group() {
    let item = quote! {
        #[group(crate = renamed)]
        enum Role { Admin }
    };
    assert_snapshot("derive_group", derive_names::expand(Noun::Group, item));
}

#[test]
fn with_a_mistake_the_function_is_left_as_it_was() {
    let item = quote! {
        /// Documented.
        pub async fn edit<T>(id: Path<T>) -> String { body(id) }
    };
    let expansion = guard_attribute::expand(Kind::Acl, quote!("edit"), item.clone()).to_string();
    assert!(expansion.starts_with(":: core :: compile_error !"));
    assert!(expansion.ends_with(&item.to_string()));
}
