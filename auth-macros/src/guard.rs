//! Turns an attribute and its handler into a guarded handler: parse, check, expand.

use proc_macro2::TokenStream;

use crate::{
    attribute_args, attribute_kind::Kind, error_expansion, errors::Errors, guard_expansion, handler::Handler,
    handler_check, options, parsed_guard::Guard, requirement,
};

pub(crate) fn expand(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::about(&item);
    match parse(kind, args, item.clone(), &mut errors) {
        Some(guard) if errors.is_empty() => guard_expansion::guard(guard),
        _ => error_expansion::with_item(errors, item),
    }
}

fn parse(kind: Kind, args: TokenStream, item: TokenStream, errors: &mut Errors) -> Option<Guard> {
    let args = attribute_args::parse(args, errors);
    let (asked, given) = options::read(kind, args, errors);
    let requirement = requirement::read(kind, &options::words(kind), &asked, errors);
    let handler = Handler::parse(kind, item, errors);
    if let Some(handler) = &handler {
        handler_check::handler(kind, handler, errors);
    }
    let guard = Guard { kind, requirement: requirement?, options: given, handler: handler? };
    handler_check::guard(&guard, errors);
    Some(guard)
}
