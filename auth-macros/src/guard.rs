//! Turns an attribute and its handler into a guarded handler: parse, check, expand.

use proc_macro2::TokenStream;

use crate::{
    args, check,
    errors::Errors,
    expand, fallback,
    handler::Handler,
    options::{self, Options},
    requirement::{self, Kind, Requirement},
};

/// A guard and its handler. After the checks nothing in it can be wrong.
pub(crate) struct Guard {
    pub(crate) kind: Kind,
    pub(crate) requirement: Requirement,
    pub(crate) options: Options,
    pub(crate) handler: Handler,
}

pub(crate) fn expand(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::about(&item);
    match parse(kind, args, item.clone(), &mut errors) {
        Some(guard) if errors.is_empty() => expand::guard(guard),
        _ => fallback::with_item(errors, item),
    }
}

fn parse(kind: Kind, args: TokenStream, item: TokenStream, errors: &mut Errors) -> Option<Guard> {
    let args = args::parse(args, errors);
    let (asked, options) = options::read(kind, args, errors);
    let requirement = requirement::read(kind, &asked, errors);
    let handler = Handler::parse(kind, item, errors);
    if let Some(handler) = &handler {
        check::handler(kind, handler, errors);
    }
    let guard = Guard { kind, requirement: requirement?, options, handler: handler? };
    check::guard(&guard, errors);
    Some(guard)
}
