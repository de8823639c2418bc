//! Guards that name one of the handler's own arguments.
//!
//! ```text
//! #[acl_required("edit", article)]
//! async fn edit(article: Article, form: Form<Edit>) { … }
//! =>
//! async fn edit(ResourceRequired { value: article, .. }: ResourceRequired<__auth_guard_edit, Article>, form: …) { … }
//! ```
//!
//! Where it is not the first argument, the one that is says that another guard follows: `AuthRequired<With<A, B>>`. Routers
//! look at the first argument only.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{FnArg, Pat, PatType, Type, ext::IdentExt as _, spanned::Spanned as _};

use crate::{
    errors::Errors,
    handler::{Handler, MARKER, is_guarded, words, words_of},
    paths::Runtime,
    suggest::nearest,
};

/// Checks that the resource is an argument, and the first one that no guard stands before.
pub(crate) fn check(handler: &Handler, resource: &Ident, errors: &mut Errors) {
    let names: Vec<String> =
        handler.own_arguments().filter_map(plain_name).map(|name| name.unraw().to_string()).collect();
    let Some(position) = position(handler, resource) else {
        unknown(handler, resource, &names, errors);
        return;
    };
    let mut before = handler.sig.inputs.iter().take(position);
    if before.any(|argument| !is_guarded(argument)) {
        let message = format_args!(
            "`{resource}` must be the first argument; what stands before it would run for a refused request"
        );
        errors.on(handler.sig.inputs.get(position), message);
    }
}

fn unknown(handler: &Handler, resource: &Ident, names: &[String], errors: &mut Errors) {
    let guarded = handler.sig.inputs.iter().filter(|argument| is_guarded(argument));
    if guarded.flat_map(words_of).any(|word| resource == word.as_str()) {
        errors.on(
            resource,
            format_args!(
                "`{resource}` is guarded already; put both permissions into one guard with `all(…)`"
            ),
        );
        return;
    }
    if handler.own_arguments().flat_map(words_of).any(|word| resource == word.as_str()) {
        let message = format_args!(
            "`{resource}` is only a part of an argument; name a whole one, such as `article: Article`"
        );
        errors.on(resource, message);
        return;
    }
    let name = handler.name();
    let remedy = match nearest(&resource.to_string(), names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name an argument, or an ACL such as `ARTICLES`".to_owned(),
    };
    errors.on(resource, format_args!("`{resource}` is no argument of `{name}`; {remedy}"));
}

/// The place of the argument among all.
fn position(handler: &Handler, resource: &Ident) -> Option<usize> {
    handler.sig.inputs.iter().position(|argument| plain_name(argument).is_some_and(|name| name == resource))
}

/// The name of an argument that is nothing but a name.
fn plain_name(argument: &FnArg) -> Option<&Ident> {
    let FnArg::Typed(PatType { pat, .. }) = argument else { return None };
    match &**pat {
        Pat::Ident(name) if name.subpat.is_none() && name.by_ref.is_none() => Some(&name.ident),
        _ => None,
    }
}

/// Puts the guard around the argument.
pub(crate) fn wrap(handler: &mut Handler, resource: &Ident, runtime: &Runtime, marker: &Ident) {
    let Some(position) = position(handler, resource) else { return };
    let Some(FnArg::Typed(argument)) = handler.sig.inputs.get_mut(position) else { return };
    // A type without rules of its own is complained about where it stands.
    let span = argument.ty.span();
    let guard = runtime.at(span).guard(&Ident::new("ResourceRequired", span));
    let (pattern, of): (TokenStream, TokenStream) =
        (argument.pat.to_token_stream(), argument.ty.to_token_stream());
    *argument.pat = Pat::Verbatim(quote!(#guard { value: #pattern, .. }));
    *argument.ty = Type::Verbatim(quote_spanned!(span=> #guard<#marker, #of>));
}

/// Tells the guard that is the first argument of one that follows.
pub(crate) fn announce(handler: &mut Handler, runtime: &Runtime, marker: &Ident) {
    let Some(FnArg::Typed(first)) = handler.sig.inputs.first_mut() else { return };
    let of = first.ty.to_token_stream();
    let Some(last) = words(of.clone()).filter(|word| word.starts_with(MARKER)).last() else { return };
    let with = runtime.private("With");
    *first.ty = Type::Verbatim(replace(of, &last, &|last| quote!(#with<#last, #marker>)));
}

/// The marker of a guard that comes before those of arguments.
pub(crate) fn announced(handler: &Handler, runtime: &Runtime, marker: &Ident) -> TokenStream {
    let Some(FnArg::Typed(first)) = handler.sig.inputs.first() else { return marker.to_token_stream() };
    if handler.guard_above().is_some() || !is_guarded(&FnArg::Typed(first.clone())) {
        return marker.to_token_stream();
    }
    let with = runtime.private("With");
    let markers = words(first.ty.to_token_stream()).filter(|word| word.starts_with(MARKER));
    markers
        .map(|word| Ident::new(&word, Span::call_site()))
        .fold(marker.to_token_stream(), |before, next| quote!(#with<#before, #next>))
}

fn replace(tokens: TokenStream, word: &str, with: &dyn Fn(&Ident) -> TokenStream) -> TokenStream {
    let replaced = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(ident) if ident == word => with(&ident),
        TokenTree::Group(group) => {
            let mut inside = Group::new(group.delimiter(), replace(group.stream(), word, with));
            inside.set_span(group.span());
            TokenTree::Group(inside).into()
        }
        token => token.into(),
    });
    replaced.collect()
}
