//! Emits the check that a handler returns a response: axum reports only that the whole function is not a handler.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Attribute, GenericParam, ReturnType, Type};

use crate::{handler::Handler, name::ends, runtime_paths::Runtime};

/// Attributes that leave the return type as it is.
const TRANSPARENT: &[&str] = &[
    "allow",
    "cfg",
    "cold",
    "debug_handler",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "forbid",
    "inline",
    "instrument",
    "must_use",
    "path",
    "warn",
];

/// Returns the check, unless another attribute may change the type, or only the function knows it.
pub(crate) fn check(handler: &Handler, runtime: &Runtime) -> Option<TokenStream> {
    let ReturnType::Type(_, of) = &handler.sig.output else { return None };
    if !handler.attrs.iter().all(is_transparent) || depends_on_function(of, handler) {
        return None;
    }
    let (start, end) = ends(of);
    let (response, constant) = (runtime.private("HandlerResponse"), Ident::new("IS_RESPONSE", end));
    let check = quote_spanned!(start=> <#of as #response>::#constant);
    Some(quote!(const _: () = #check;))
}

fn is_transparent(attribute: &Attribute) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|word| TRANSPARENT.iter().any(|known| word.ident == known))
}

/// Returns whether the type names generics, lifetimes, `Self`, or a type without a name.
pub(crate) fn depends_on_function(of: &Type, handler: &Handler) -> bool {
    let is_generic = |word: &Ident| {
        handler.sig.generics.params.iter().any(|param| match param {
            GenericParam::Const(param) => param.ident == *word,
            GenericParam::Lifetime(_) => false,
            GenericParam::Type(param) => param.ident == *word,
        })
    };
    contains(of.to_token_stream(), &|token| match token {
        TokenTree::Ident(word) => word == "impl" || word == "Self" || is_generic(word),
        TokenTree::Punct(punct) => matches!(punct.as_char(), '\'' | '!'),
        TokenTree::Group(_) | TokenTree::Literal(_) => false,
    })
}

fn contains(tokens: TokenStream, found: &dyn Fn(&TokenTree) -> bool) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => contains(group.stream(), found),
        token => found(&token),
    })
}
