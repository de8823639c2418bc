//! Expands to the error messages and the user's item after a mistake.
//!
//! The build fails either way, so no unguarded handler ships. Keeping the item avoids follow-up errors about
//! a missing function and keeps editors working.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;
use syn::{FnArg, PatType};

use crate::{
    attribute_kind::Kind,
    errors::Errors,
    handler::{Handler, Place, is_closure},
    handler_check::{body_extractor, never_extracted},
    resource_argument::is_lint_level,
    runtime_paths::Runtime,
};

pub(crate) fn with_item(errors: Errors, item: TokenStream) -> TokenStream {
    let errors = errors.into_compile_errors();
    let item = extractable(asynchronous(item));
    // An expression takes no items beside it.
    if is_closure(item.clone()) { quote!({ #errors #item }) } else { quote!(#errors #item) }
}

/// Makes a function `async`, so that routers do not report it as well.
fn asynchronous(item: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    // Functions that are also `unsafe` or `extern` stay as they are: their errors remain anyway.
    let first = tokens.iter().position(|token| matches!(token, TokenTree::Ident(word) if word != "pub"));
    if let Some((at, TokenTree::Ident(word))) = first.and_then(|at| Some((at, tokens.get(at)?)))
        && word == "fn"
    {
        tokens.insert(at, TokenTree::Ident(Ident::new("async", word.span())));
    }
    tokens.into_iter().collect()
}

/// Makes variables of the arguments that no extractor has, so that routers do not report them as well.
fn extractable(item: TokenStream) -> TokenStream {
    let mut ignored = Errors::default();
    let Some(mut handler) = Handler::parse(Kind::Auth, item.clone(), Place::Module, &mut ignored) else {
        return item;
    };
    let has_unknown = without_unknown_attributes(&mut handler);
    let mut behind = handler.sig.inputs.len();
    let is_wrong = |argument: &FnArg| {
        behind = behind.saturating_sub(1);
        match argument {
            FnArg::Typed(PatType { ty, .. }) => {
                never_extracted(ty).is_some() || behind > 0 && body_extractor(ty).is_some()
            }
            FnArg::Receiver(_) => false,
        }
    };
    let (wrong, right): (Vec<_>, Vec<_>) = handler.sig.inputs.into_iter().partition(is_wrong);
    if wrong.is_empty() && !has_unknown {
        return item;
    }
    handler.sig.inputs = right.into_iter().collect();
    let variables = wrong.iter().map(|argument| match argument {
        FnArg::Typed(PatType { pat, ty, .. }) => {
            quote!(let #pat: #ty = ::core::option::Option::None.unwrap();)
        }
        FnArg::Receiver(_) => TokenStream::new(),
    });
    let Handler { attrs, vis, sig, body, .. } = handler;
    if wrong.is_empty() {
        return quote!(#(#attrs)* #vis #sig #body);
    }
    quote!(#(#attrs)* #vis #sig { #(#variables)* #body })
}

/// Removes the attributes of arguments that the compiler could report once more. Returns whether there were any.
fn without_unknown_attributes(handler: &mut Handler) -> bool {
    let mut has_unknown = false;
    for argument in &mut handler.sig.inputs {
        let FnArg::Typed(PatType { attrs, .. }) = argument else { continue };
        let before = attrs.len();
        attrs.retain(|attribute| {
            is_lint_level(attribute)
                || attribute.path().is_ident("cfg")
                || attribute.path().is_ident("cfg_attr")
        });
        has_unknown |= attrs.len() < before;
    }
    has_unknown
}

/// Returns a placeholder ACL that suppresses all further errors about its rules.
pub(crate) fn acl(errors: Errors, runtime: Option<&Runtime>) -> TokenStream {
    let errors = errors.into_compile_errors();
    let acl = runtime.map(Runtime::acl).map(|acl| quote!(#acl::__malformed()));
    quote!({ #errors #acl })
}

#[cfg(test)]
mod tests {
    use super::{asynchronous, extractable};

    #[test]
    fn arguments_that_no_extractor_has_become_variables() {
        let kept = "async fn f(a: A, b: Option<UserId>) {}";
        for (item, expected) in [
            (kept, kept),
            (
                "async fn f(#[garde(skip)] #[allow(unused)] #[cfg(x)] a: A) {}",
                "async fn f(#[allow(unused)] #[cfg(x)] a: A) {}",
            ),
            (
                "async fn f(Json(a): Json<A>, b: B) {}",
                "async fn f(b: B) { let Json(a): Json<A> = ::core::option::Option::None.unwrap(); {} }",
            ),
            ("async fn f(a: A, Json(b): Json<B>) {}", "async fn f(a: A, Json(b): Json<B>) {}"),
            (
                "async fn f(a: A, b: &UserId) { b }",
                "async fn f(a: A) { let b: &UserId = ::core::option::Option::None.unwrap(); { b } }",
            ),
            ("struct S;", "struct S;"),
        ] {
            let found = extractable(item.parse().unwrap()).to_string();
            assert_eq!(found, expected.parse::<proc_macro2::TokenStream>().unwrap().to_string(), "{item}");
        }
    }

    #[test]
    fn plain_functions_are_made_async() {
        for (item, expected) in [
            ("fn f() {}", "async fn f() {}"),
            ("#[doc = \"…\"] pub(crate) fn f() {}", "#[doc = \"…\"] pub(crate) async fn f() {}"),
            ("pub unsafe extern \"C\" fn f() {}", "pub unsafe extern \"C\" fn f() {}"),
            ("async fn f() {}", "async fn f() {}"),
            ("const fn f() {}", "const fn f() {}"),
            ("struct S;", "struct S;"),
            ("", ""),
        ] {
            let found = asynchronous(item.parse().unwrap()).to_string();
            assert_eq!(found, expected.parse::<proc_macro2::TokenStream>().unwrap().to_string(), "{item}");
        }
    }
}
