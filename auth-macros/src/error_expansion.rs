//! Expansion after a mistake: the error messages and the user's item.
//!
//! The build fails either way, so no unguarded handler ships. Keeping the item avoids follow-up errors about
//! a missing function and keeps editors working.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;

use crate::{errors::Errors, handler::is_closure, runtime_paths::Runtime};

pub(crate) fn with_item(errors: Errors, item: TokenStream) -> TokenStream {
    let errors = errors.into_compile_errors();
    let item = asynchronous(item);
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

/// Returns a placeholder ACL that suppresses all further errors about its rules.
pub(crate) fn acl(errors: Errors, runtime: Option<&Runtime>) -> TokenStream {
    let errors = errors.into_compile_errors();
    let acl = runtime.map(Runtime::acl).map(|acl| quote!(#acl::__malformed()));
    quote!({ #errors #acl })
}

#[cfg(test)]
mod tests {
    use super::asynchronous;

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
