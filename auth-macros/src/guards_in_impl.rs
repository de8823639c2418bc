//! Guards associated functions of an `impl` block: `#[guards]`.
//!
//! ```text
//! #[guards]                                          const _: () = {
//! impl Articles {                                        enum __only_a_router_calls_edit {}
//!     #[acl_required("edit", ARTICLES)]        =>        impl GuardSpec for __only_a_router_calls_edit { … }
//!     async fn edit(id: Path<u64>) { … }                 impl Articles {
//! }                                                          async fn edit(_: AclRequired<…>, id: Path<u64>) { … }
//!                                                        }
//!                                                    };
//! ```
//!
//! A guard generates a type, and an `impl` block cannot hold one. The constant keeps the types of several blocks
//! apart. Before each type stands a probe: a compile error that only the guard itself removes, so that no other
//! attribute of its name is taken for it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Attribute, ImplItem, ImplItemFn, ItemImpl, Meta,
    parse::{ParseStream, Parser as _},
    spanned::Spanned as _,
};

use crate::{
    attribute_kind::Kind,
    error_expansion,
    errors::Errors,
    guard_attribute::{self, PROBE},
    guard_expansion::Expansion,
    handler::{IMPL_BLOCK, Place, noun},
    token_text,
};

pub(crate) fn expand(args: &TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::about(&item);
    if !args.is_empty() {
        errors.on(args, "`#[guards]` takes no arguments; write them in the guards of the handlers");
    }
    let Some(mut block) = parse(item.clone(), &mut errors) else {
        return error_expansion::with_item(errors, item);
    };
    let mut unguarded = block.clone();
    if let Some((of, _)) = &block.trait_ {
        let message = "a guard changes the arguments of a function, and those of a trait are fixed; move the \
                       handlers into an `impl` block without a trait";
        errors.on(of, message);
    }
    let guards = guard_functions(&mut block, &mut errors);
    if guards.is_empty() {
        errors
            .missing("no function of this block has a guard; write one such as `#[auth_required]` above it");
    }
    if errors.is_empty() {
        return quote!(const _: () = { #(#guards)* #block };);
    }
    for item in &mut unguarded.items {
        if let ImplItem::Fn(function) = item {
            while take_guard(function).is_some() {}
        }
    }
    let probes = guards.iter().map(|guard| &guard.probe);
    error_expansion::with_item(errors, quote!(const _: () = { #(#probes)* #unguarded };))
}

fn parse(item: TokenStream, errors: &mut Errors) -> Option<ItemImpl> {
    let read = |input: ParseStream<'_>| Ok((input.call(Attribute::parse_outer)?, input.parse()?));
    let (_, bare) = read.parse2(item.clone()).map_err(|error| errors.syntax(error)).ok()?;
    let (span, noun) = noun(bare);
    if noun != IMPL_BLOCK {
        errors.at(span, format_args!("`#[guards]` belongs on an `impl` block, not on {noun}; remove it"));
        return None;
    }
    syn::parse2(item).map_err(|error| errors.syntax(error)).ok()
}

/// What stands before a block for one guard.
struct Before {
    /// Reports an attribute that is not in scope, or is of another crate.
    probe: TokenStream,
    /// Empty after a mistake.
    items: Vec<TokenStream>,
}

impl ToTokens for Before {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.probe.to_tokens(tokens);
        tokens.extend(self.items.iter().cloned());
    }
}

/// Replaces the guarded functions of a block.
fn guard_functions(block: &mut ItemImpl, errors: &mut Errors) -> Vec<Before> {
    let of = token_text::tokens(&block.self_ty);
    let mut guards = Vec::new();
    for item in &mut block.items {
        let ImplItem::Fn(function) = item else { continue };
        while let Some((kind, attribute)) = take_guard(function) {
            let conditions = conditions(function);
            let probe = probe(kind, &attribute, &conditions);
            let items = guard_function(function, kind, &attribute, &of, errors).unwrap_or_default();
            guards.push(Before { probe, items });
        }
    }
    guards
}

/// Returns an item that the guard, and no other attribute of its name, removes.
fn probe(kind: Kind, attribute: &Attribute, conditions: &[Attribute]) -> TokenStream {
    let (path, mark) = (attribute.path(), Ident::new(PROBE, Span::call_site()));
    let message = format!(
        "`{0}` is not the guard of `auth_runtime` here; import it, or write `#[auth_runtime::{0}]`",
        kind.attribute()
    );
    let error = quote_spanned!(path.span()=> ::core::compile_error!(#message));
    quote!(#(#conditions)* #[#path(#mark)] const _: () = { #error };)
}

/// Removes the uppermost guard of a function.
fn take_guard(function: &mut ImplItemFn) -> Option<(Kind, Attribute)> {
    let at = function.attrs.iter().position(|attribute| Kind::of(attribute).is_some())?;
    let attribute = function.attrs.remove(at);
    Some((Kind::of(&attribute)?, attribute))
}

/// Puts one guard into a function; returns its items, under the conditions of the function.
fn guard_function(
    function: &mut ImplItemFn,
    kind: Kind,
    attribute: &Attribute,
    of: &str,
    errors: &mut Errors,
) -> Option<Vec<TokenStream>> {
    let args = match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        Meta::Path(_) => TokenStream::new(),
        Meta::NameValue(pair) => {
            let name = kind.attribute();
            errors.on(pair, format_args!("arguments stand in parentheses; write `#[{name}(…)]`"));
            return None;
        }
    };
    let about = Errors::about_attribute(attribute);
    let place = Place::Impl(of.to_owned());
    match guard_attribute::expansion(kind, args, function.to_token_stream(), place, about) {
        Ok(Expansion { items, function: guarded }) => {
            let conditions = conditions(function);
            let items = items.iter().map(|item| quote!(#(#conditions)* #item)).collect();
            *function = syn::parse2(guarded).map_err(|error| errors.syntax(error)).ok()?;
            Some(items)
        }
        Err(part) => {
            errors.extend(part);
            None
        }
    }
}

/// Returns the `cfg` attributes of a function; what is generated for it depends on them, too.
fn conditions(function: &ImplItemFn) -> Vec<Attribute> {
    function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect()
}
