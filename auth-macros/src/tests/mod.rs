//! Snapshot tests of expansions, and property tests with malformed input.

use proc_macro2::TokenStream;
use proptest::prelude::*;
use quote::quote;

use crate::{acl, assert, attribute_kind::Kind, derive, guard, name::Noun, vocabulary};

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
    assert_snapshot("auth_required", guard::expand(Kind::Auth, quote!(), item));
}

#[test]
fn acl_required() {
    let args =
        quote!(any("edit", Can::Comment), rules::ARTICLES, hide, refusal = pages::refusal, crate = renamed);
    let item = quote!(
        async fn r#type(_: Path<u64>) {}
    );
    assert_snapshot("acl_required", guard::expand(Kind::Acl, args, item));
}

#[test]
fn acl_required_with_a_shadow() {
    let args = quote!(any("edit", Can::Comment), ARTICLES, fresh = "1h", shadow = rules::ARTICLES_NEXT);
    let item = quote!(
        /// Edits.
        pub async fn edit() {}
    );
    assert_snapshot("acl_required_with_a_shadow", guard::expand(Kind::Acl, args, item));
}

#[test]
fn permission_required() {
    let args = quote!(all("a", any(7, -7), "b"));
    assert_snapshot(
        "permission_required",
        guard::expand(
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
    assert_snapshot("scope_required", guard::expand(Kind::Scope, args, item));
}

#[test]
fn allow_anonymous() {
    assert_snapshot(
        "allow_anonymous",
        guard::expand(
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
    assert_snapshot("allow_anonymous_with_a_reason", guard::expand(Kind::Anonymous, args, item));
}

#[test]
fn a_thing_behind_a_guard() {
    let item = quote!(
        async fn f(_: AuthRequired<__auth_guard_f>, article: Article) {}
    );
    let args = quote!("edit", article);
    assert_snapshot("a_thing_behind_a_guard", guard::expand(Kind::Acl, args, item));
}

/// If an attribute removes the argument and its guard, the body must not compile.
#[test]
fn a_body_needs_the_guard_of_its_argument() {
    let item = quote!(
        async fn edit(article: Article, form: Form) {
            #![allow(unused)]
            save(article, form)
        }
    );
    for (above, args) in [
        (quote!(), quote!("edit", article)),
        (quote!(_: AuthRequired<__auth_guard_edit>,), quote!("edit", article)),
    ] {
        let mut handler: syn::ItemFn = syn::parse2(item.clone()).unwrap();
        let above: syn::punctuated::Punctuated<syn::FnArg, syn::Token![,]> =
            syn::parse::Parser::parse2(syn::punctuated::Punctuated::parse_terminated, above).unwrap();
        handler.sig.inputs = above.into_iter().chain(handler.sig.inputs).collect();
        let expansion = guard::expand(Kind::Acl, args, quote!(#handler));
        let file: syn::File = syn::parse2(expansion).unwrap();
        let Some(syn::Item::Fn(function)) = file.items.into_iter().last() else { panic!("no function") };
        let guarded = function
            .sig
            .inputs
            .iter()
            .find(|argument| quote!(#argument).to_string().contains("ResourceRequired"));
        let seal = quote!(#guarded).to_string();
        let seal = seal
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .find(|word| word.starts_with("__auth_seal_"));
        let [statement, user, ..] = function.block.stmts.as_slice() else { panic!("too few statements") };
        let statement = quote!(#statement).to_string();
        assert!(statement.contains("open_seal") && statement.contains(seal.expect("a seal")), "{statement}");
        assert_eq!(quote!(#user).to_string(), quote!({ save(article, form) }).to_string());
        assert_eq!(
            function.attrs.iter().filter(|it| matches!(it.style, syn::AttrStyle::Inner(_))).count(),
            1
        );
    }
}

fn complaints(args: TokenStream, item: TokenStream) -> Vec<String> {
    let expansion = guard::expand(Kind::Acl, args, item).to_string();
    let messages = expansion.split(":: core :: compile_error ! { \"").skip(1);
    messages.filter_map(|message| message.split_once("\" }")).map(|(message, _)| message.to_owned()).collect()
}

#[test]
fn nothing_may_remove_the_argument_that_a_guard_names() {
    for (arguments, expected) in [
        (quote!(#[cfg(a)] article: A), vec!["`cfg` could remove"]),
        (
            quote!(#[cfg(a)] article: A, #[cfg(not(a))] article: B),
            vec!["`article` is the name of two", "`cfg` could", "`cfg` could"],
        ),
        (quote!(#[cfg_attr(a, cfg(b))] article: A), vec!["`cfg_attr` could remove"]),
        (quote!(#[serde(skip)] article: A), vec!["`serde` could remove"]),
        (quote!(article: A, article: B), vec!["`article` is the name of two"]),
        (
            quote!(#[allow(unused)] #[expect(unused)] #[warn(unused)] #[deny(unused)] #[forbid(unused)] article: A),
            vec![],
        ),
        (quote!(article: A, #[cfg(a)] other: B), vec![]),
    ] {
        let found = complaints(quote!("edit", article), quote!(async fn edit(#arguments) {}));
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(&expected) {
            assert!(found.starts_with(expected), "{found}");
        }
    }
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
            let expected = guard::expand(kind, plain, item.clone()).to_string();
            assert!(!expected.contains("compile_error"), "{expected}");
            assert_eq!(guard::expand(kind, wrapped, item.clone()).to_string(), expected);
        }
        let (row, whom, listed, base) = (
            around(quote!((Allow, Everyone, ["view"]))),
            around(quote!(Group("editors"))),
            around(quote!(["edit", "view"])),
            around(quote!(OTHER)),
        );
        let expected = acl::expand(
            quote!(auth_runtime; (Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit", "view"]), ..OTHER),
        );
        let found = acl::expand(quote!(auth_runtime; #row, (Allow, #whom, #listed), ..#base));
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
fn stacked() {
    let outer = quote!(_: ::auth_runtime::guard::AuthRequired<__auth_guard_f>);
    let item = quote!(async fn f(#outer, id: Path<u64>) {});
    assert_snapshot("stacked", guard::expand(Kind::Permission, quote!("edit"), item));
}

#[test]
fn many_arguments() {
    let item = quote!(
        async fn f(a: A, b: A, c: A, d: A, e: A, f: A, g: A) {}
    );
    assert_snapshot("many_arguments", guard::expand(Kind::Auth, quote!(), item));
}

#[test]
fn rules() {
    let acl = acl::expand(quote! {
        auth_runtime;
        (Allow, Everyone, ["view"]),
        (auth_runtime::Deny, User("mallory"), ["comment", -3, Can::Edit]),
        (Allow, Authenticated, ["comment"]),
        (Allow, Group(7), ["edit"]),
        (Allow, Group(Role::Admin), ALL),
    });
    assert_snapshot("rules", quote!(const ARTICLES: Acl = #acl;));
}

#[test]
fn statements() {
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
    assert_snapshot("statements", proof);
}

#[test]
fn no_wider() {
    assert_snapshot("no_wider", assert::expand_no_wider(quote!(auth_runtime; NEXT, rules::ARTICLES)));
}

#[test]
fn vocabulary() {
    assert_snapshot("vocabulary", vocabulary::expand(quote!(auth_runtime; Can: ARTICLES, rules::COMMENTS)));
}

#[test]
fn permission() {
    let item = quote! {
        enum Can {
            View,
            #[permission(name = "write")]
            ReadAll = 7,
        }
    };
    assert_snapshot("permission", derive::expand(Noun::Permission, item));
}

#[test]
fn group() {
    let item = quote! {
        #[group(crate = renamed)]
        enum Role { Admin }
    };
    assert_snapshot("group", derive::expand(Noun::Group, item));
}

#[test]
fn with_a_mistake_the_function_is_left_as_it_was() {
    let item = quote! {
        /// Documented.
        pub async fn edit<T>(id: Path<T>) -> String { body(id) }
    };
    let expansion = guard::expand(Kind::Acl, quote!("edit"), item.clone()).to_string();
    assert!(expansion.starts_with(":: core :: compile_error !"));
    assert!(expansion.ends_with(&item.to_string()));
}

fn word() -> impl Strategy<Value = String> {
    let words = [
        "\"edit\"",
        "\"\"",
        "7",
        "-7",
        "1.5",
        "'c'",
        "any",
        "all",
        "hide",
        "fresh",
        "\"10m\"",
        "\"10 m\"",
        "refusal",
        "crate",
        "=",
        "==",
        ",",
        ";",
        "::",
        "&",
        "#",
        "!",
        "Can",
        "ARTICLES",
        "Allow",
        "Deny",
        "Everyone",
        "User",
        "Group",
        "ALL",
        "self",
        "Self",
        "fn",
        "async",
        "const",
        "unsafe",
        "extern",
        "enum",
        "struct",
        "impl",
        "pub",
        "f",
        "A",
        "_",
        ":",
        "->",
        "<",
        ">",
        "...",
        "let",
        "r#type",
        "r#async",
        "name",
        "permission",
        "'a",
        "anonymous",
        "nobody",
        "only",
        "group",
        "user",
        "can",
        "cannot",
        "has",
        "both",
        "and",
        "999999999999999999999",
    ];
    prop::sample::select(words.to_vec()).prop_map(str::to_owned)
}

fn code() -> impl Strategy<Value = String> {
    let leaf = prop::collection::vec(word(), 0..6).prop_map(|words| words.join(" "));
    leaf.prop_recursive(4, 32, 5, |inner| {
        let brackets = prop::sample::select(vec![("(", ")"), ("[", "]"), ("{", "}")]);
        (prop::collection::vec((inner, brackets), 1..5)).prop_map(|parts| {
            let parts = parts.iter().map(|(part, (open, close))| format!("{open} {part} {close}"));
            parts.collect::<Vec<_>>().join(" ")
        })
    })
}

fn tokens(code: &str) -> TokenStream {
    code.parse().unwrap()
}

proptest! {
    /// Any input yields a message or an expansion, never a panic and never nothing.
    #[test]
    fn attributes_never_panic(args in code(), item in code()) {
        let function = format!("async fn f({item}) {{}}");
        for kind in Kind::ALL {
            for item in [&item, &function] {
                let expansion = guard::expand(kind, tokens(&args), tokens(item)).to_string();
                let guarded = expansion.contains("__auth_guard_");
                prop_assert!(guarded || expansion.contains("compile_error"), "#[{}({args})] {item}", kind.attribute());
            }
        }
    }

    #[test]
    fn rules_never_panic(rows in code(), row in code()) {
        for rows in [&rows, &format!("(Allow, {row}, {rows})"), &format!("(Allow, Everyone, [{row}])")] {
            let expansion = acl::expand(tokens(&format!("auth_runtime; {rows}"))).to_string();
            prop_assert!(expansion.contains("__new") != expansion.contains("compile_error"), "acl![{rows}]");
        }
    }

    #[test]
    fn statements_never_panic(code in code(), statement in code()) {
        for code in [&code, &format!("ARTICLES {{ anonymous cannot {statement}; {code} }}"), &format!("ARTICLES {{ {statement} }}")] {
            let expansion = assert::expand(tokens(&format!("auth_runtime; {code}"))).to_string();
            prop_assert!(expansion.contains("__AUTH_CONTEXT") != expansion.contains("compile_error"), "acl_assert!({code})");
        }
    }

    #[test]
    fn comparisons_and_vocabularies_never_panic(code in code(), contexts in code()) {
        for code in [&code, &format!("Can: {contexts}"), &format!("NEXT, {contexts}")] {
            let code = tokens(&format!("auth_runtime; {code}"));
            let expansion = assert::expand_no_wider(code.clone()).to_string();
            prop_assert!(expansion.contains("__AUTH_NEW") != expansion.contains("compile_error"), "{code}");
            let expansion = vocabulary::expand(code.clone()).to_string();
            prop_assert!(expansion.contains("__AUTH_WORDS") != expansion.contains("compile_error"), "{code}");
        }
    }

    #[test]
    fn derives_never_panic(item in code(), attribute in code()) {
        for item in [&item, &format!("#[permission({attribute})] enum Can {{ #[permission({attribute})] View, {item} }}")] {
            let expansion = derive::expand(Noun::Permission, tokens(item)).to_string();
            prop_assert!(!expansion.is_empty(), "{item}");
        }
    }
}
