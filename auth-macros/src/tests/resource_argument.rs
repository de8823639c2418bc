//! Tests that nothing removes the argument that a guard names, or its guard.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{attribute_kind::Kind, guard_attribute};

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
        (quote!(_: AuthRequired<__only_a_router_calls_edit>,), quote!("edit", article)),
    ] {
        let mut handler: syn::ItemFn = syn::parse2(item.clone()).unwrap();
        let above: syn::punctuated::Punctuated<syn::FnArg, syn::Token![,]> =
            syn::parse::Parser::parse2(syn::punctuated::Punctuated::parse_terminated, above).unwrap();
        handler.sig.inputs = above.into_iter().chain(handler.sig.inputs).collect();
        let expansion = guard_attribute::expand(Kind::Acl, args, quote!(#handler));
        let file: syn::File = syn::parse2(expansion).unwrap();
        let Some(syn::Item::Fn(function)) = file.items.into_iter().last() else { panic!("no function") };
        let guarded = function
            .sig
            .inputs
            .iter()
            .rfind(|argument| quote!(#argument).to_string().contains("ResourceRequired"));
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
    let expansion = guard_attribute::expand(Kind::Acl, args, item).to_string();
    let messages = expansion.split(":: core :: compile_error ! { \"").skip(1);
    messages.filter_map(|message| message.split_once("\" }")).map(|(message, _)| message.to_owned()).collect()
}

#[test]
fn nothing_may_remove_the_argument_that_a_guard_names() {
    for (arguments, expected) in [
        (quote!(#[cfg(a)] article: A), vec!["`cfg` could remove"]),
        (quote!(#[cfg(a)] article: A, #[cfg(not(a))] article: B), vec!["`article` is the name of two"]),
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
