//! What is emitted when something was wrong: the messages, and the user's item as it was.
//!
//! The build is broken either way, so nothing unguarded ships; keeping the item spares the user errors
//! about a function that seems to be missing, and keeps editors working.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;

use crate::{errors::Errors, paths::Runtime};

pub(crate) fn with_item(errors: Errors, item: TokenStream) -> TokenStream {
    let mut tokens = errors.into_compile_errors();
    tokens.extend(asynchronous(item));
    tokens
}

/// A function is made `async`, so that routers do not refuse as a handler what has been complained about.
fn asynchronous(item: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    let word = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word != "pub");
    let first = tokens.iter().position(word);
    let qualifiers = tokens.iter().skip(first.unwrap_or_default()).map_while(qualifier);
    let function = qualifiers.last().is_some_and(|last| last == "fn");
    if let Some((at, first)) = first.and_then(|at| Some((at, tokens.get(at)?.span())))
        && function
    {
        tokens.insert(at, TokenTree::Ident(Ident::new("async", first)));
    }
    tokens.into_iter().collect()
}

/// What stands before `fn` in a function that could be `async`, up to and with `fn`.
fn qualifier(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(word) if word == "extern" || word == "fn" || word == "unsafe" => {
            Some(word.to_string())
        }
        TokenTree::Literal(abi) => Some(abi.to_string()),
        _ => None,
    }
}

/// In place of a constant ACL: one that silences everything that would be said about its rules.
pub(crate) fn acl(errors: Errors, runtime: Option<&Runtime>) -> TokenStream {
    let errors = errors.into_compile_errors();
    let acl = runtime.map(Runtime::acl).map(|acl| quote!(#acl::__malformed()));
    quote!({ #errors #acl })
}

#[cfg(test)]
mod tests {
    use super::asynchronous;

    #[test]
    fn functions_that_can_be_are_made_async() {
        for (item, expected) in [
            ("fn f() {}", "async fn f() {}"),
            ("#[doc = \"…\"] pub(crate) fn f() {}", "#[doc = \"…\"] pub(crate) async fn f() {}"),
            ("pub unsafe extern \"C\" fn f() {}", "pub async unsafe extern \"C\" fn f() {}"),
            ("async fn f() {}", "async fn f() {}"),
            ("const fn f() {}", "const fn f() {}"),
            ("extern \"C\" { fn f(); }", "extern \"C\" { fn f(); }"),
            ("struct S;", "struct S;"),
            ("", ""),
        ] {
            let found = asynchronous(item.parse().unwrap()).to_string();
            assert_eq!(found, expected.parse::<proc_macro2::TokenStream>().unwrap().to_string(), "{item}");
        }
    }
}
