//! Tests that no input makes a macro panic.

use proc_macro2::TokenStream;
use proptest::prelude::*;

use crate::{
    acl, acl_vocabulary_macro, assert, attribute_kind::Kind, derive_names, guard_attribute, guards_in_impl,
    name::Noun,
};

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
        "Service",
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
                let expansion = guard_attribute::expand(kind, tokens(&args), tokens(item)).to_string();
                let guarded = expansion.contains("__only_a_router_calls_");
                prop_assert!(guarded || expansion.contains("compile_error"), "#[{}({args})] {item}", kind.attribute());
            }
        }
    }

    #[test]
    fn impl_blocks_never_panic(args in code(), arguments in code(), item in code()) {
        let block = format!("impl Articles {{ #[acl_required({args})] async fn f({arguments}) {{}} {item} }}");
        for item in [&item, &block] {
            let expansion = guards_in_impl::expand(&tokens(""), tokens(item)).to_string();
            let guarded = expansion.contains("__only_a_router_calls_");
            prop_assert!(guarded || expansion.contains("compile_error"), "#[guards] {item}");
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
            let expansion = acl_vocabulary_macro::expand(code.clone()).to_string();
            prop_assert!(expansion.contains("__AUTH_WORDS") != expansion.contains("compile_error"), "{code}");
        }
    }

    #[test]
    fn derives_never_panic(item in code(), attribute in code()) {
        for item in [&item, &format!("#[permission({attribute})] enum Can {{ #[permission({attribute})] View, {item} }}")] {
            let expansion = derive_names::expand(Noun::Permission, tokens(item)).to_string();
            prop_assert!(!expansion.is_empty(), "{item}");
        }
    }
}
