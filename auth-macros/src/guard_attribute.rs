//! Turns an attribute and its handler into a guarded handler: parse, check, expand.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{
    attribute_args,
    attribute_kind::{Form, Kind},
    error_expansion,
    errors::Errors,
    guard_expansion::{self, Expansion},
    handler::{Handler, Place},
    handler_check, options,
    parsed_guard::Guard,
    requirement,
};

/// The argument by which `#[guards]` asks whether an attribute is the guard that its name says.
pub(crate) const PROBE: &str = "__guards_of_an_impl_block";

/// Expands an attribute of a function in a module.
pub(crate) fn expand(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    if args.to_string() == PROBE {
        return TokenStream::new();
    }
    match expansion(kind, args, item.clone(), Place::Module, Errors::about(&item)) {
        Ok(Expansion { items, function }) => quote!(#(#items)* #function),
        Err(errors) => error_expansion::with_item(errors, item),
    }
}

/// Expands one guard; returns all mistakes in it, if there are any.
pub(crate) fn expansion(
    kind: Kind,
    args: TokenStream,
    item: TokenStream,
    place: Place,
    mut errors: Errors,
) -> Result<Expansion, Errors> {
    match parse(kind, args, item, place, &mut errors) {
        Some(guard) if errors.is_empty() => Ok(guard_expansion::guard(guard)),
        _ => Err(errors),
    }
}

fn parse(
    kind: Kind,
    args: TokenStream,
    item: TokenStream,
    place: Place,
    errors: &mut Errors,
) -> Option<Guard> {
    errors.remember_first(&args);
    let args = attribute_args::parse(args, errors);
    let (asked, given) = options::read(kind, Form::Attribute, args, errors);
    let requirement = requirement::read(kind, Form::Attribute, &asked, errors);
    let handler = Handler::parse(kind, item, place, errors);
    if let Some(handler) = &handler {
        handler_check::handler(kind, handler, errors);
    }
    let guard = Guard { kind, requirement: requirement?, options: given, handler: handler? };
    handler_check::guard(&guard, errors);
    Some(guard)
}
