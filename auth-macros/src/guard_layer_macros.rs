//! Expands `guard::acl!("edit", ARTICLES)` and its like to a layer: the guard of an attribute, without a handler.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{
    Token,
    parse::{ParseStream, Parser as _},
};

use crate::{
    attribute_args,
    attribute_kind::{Form, Kind},
    errors::Errors,
    options::{self, Options},
    requirement::{self, Requirement},
    runtime_paths::{Runtime, split_off},
    spec_expansion::{site, spec},
};

/// The name in the constants of the checks.
const NAME: &str = "a_layer";

/// Expands `$crate; acl; "edit", ARTICLES`.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let read = |input: ParseStream<'_>| {
        let word: Ident = input.parse()?;
        input.parse::<Token![;]>()?;
        Ok((word, input.parse::<TokenStream>()?))
    };
    let Some((runtime, rest)) = split_off(input, &mut errors) else { return errors.into_compile_errors() };
    match read.parse2(rest) {
        Ok((word, arguments)) => layer(&word, arguments, runtime),
        Err(error) => error.into_compile_error(),
    }
}

fn layer(word: &Ident, arguments: TokenStream, runtime: Runtime) -> TokenStream {
    let mut errors = Errors::within(&arguments);
    let site = site(&runtime, "");
    if let Some(kind) = Kind::ALL.into_iter().find(|kind| word == kind.layer())
        && let Some((requirement, mut options)) = parse(kind, arguments, &mut errors)
        && errors.is_empty()
    {
        options.runtime = runtime;
        return spec(&requirement, &options, &site, NAME, None).layer(&options.runtime);
    }
    // A guard, so that the compiler reports nothing about a missing value.
    let mut options = Options::default();
    options.runtime = runtime;
    let guard = spec(&Requirement::Authenticated, &options, &site, NAME, None).layer(&options.runtime);
    let errors = errors.into_compile_errors();
    quote!({ #errors #guard })
}

fn parse(kind: Kind, arguments: TokenStream, errors: &mut Errors) -> Option<(Requirement, Options)> {
    let (asked, options) = options::read(kind, Form::Layer, attribute_args::parse(arguments, errors), errors);
    let requirement = requirement::read(kind, Form::Layer, &asked, errors)?;
    options.check(&requirement, errors);
    if kind == Kind::Anonymous && options.reason.is_none() && errors.is_empty() {
        let example = kind.written(Form::Layer, "reason = \"why everybody may\"");
        errors.missing(format_args!("the reason is missing; write `{example}`"));
    }
    Some((requirement, options))
}
