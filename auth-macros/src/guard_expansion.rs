//! Expands a checked [`Guard`] to tokens; this step cannot fail.
//!
//! ```text
//! #[acl_required("edit", ARTICLES)]        enum __only_a_router_calls_edit {}
//! async fn edit(id: Path<u64>) { … }   =>  const _: () = { impl GuardSpec for __only_a_router_calls_edit { const SPEC: … } };
//!                                          async fn edit(_: AclRequired<__only_a_router_calls_edit>, id: Path<u64>) { … }
//! ```

use std::iter;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote};
use syn::{FnArg, Pat, PatType, PatWild, Token, Type};

use crate::{
    csrf_form_argument,
    handler::{Handler, MARKER, is_guarded},
    handler_response_check,
    options::Options,
    parsed_guard::Guard,
    requirement::Requirement,
    resource_argument::{self, Around},
    runtime_paths::{self, Runtime},
    rustdoc_line, spec_expansion,
};

/// The default limit of clippy's `too_many_arguments`.
const MANY_ARGUMENTS: usize = 7;

/// A guarded handler: its function, and the items that stand beside it.
pub(crate) struct Expansion {
    pub(crate) items: Vec<TokenStream>,
    pub(crate) function: TokenStream,
}

pub(crate) fn guard(guard: Guard) -> Expansion {
    let csrf_form = csrf_form_argument::check(&guard);
    let Guard { kind, requirement, options, mut handler } = guard;
    let response = handler_response_check::check(&handler, &options.runtime);
    handler.attrs.extend(rustdoc_line::documented(&requirement, &options));
    let marker = marker(&handler);
    let runtime = &options.runtime;
    let extractor = runtime.guard(&Ident::new(kind.extractor(), Span::call_site()));
    let site = spec_expansion::site(runtime, &handler.full_name());
    let resource_type = resource_argument::constant_type(&handler, &requirement);
    let spec = spec_expansion::spec(&requirement, &options, &site, &handler.name(), resource_type);
    let implementation = spec.implementation(&marker, runtime);
    // Give the visibility the macro's span: otherwise lints about the generated type underline the user's
    // `pub`.
    let vis = runtime_paths::moved_to_macro(handler.vis.to_token_stream());
    let function = match &requirement {
        Requirement::PolicyResource(_, resource) => {
            around_argument(handler, resource, runtime, &around("PolicyResourceRequired", &marker, &options))
        }
        Requirement::Resource(_, resource) => {
            around_argument(handler, resource, runtime, &around("ResourceRequired", &marker, &options))
        }
        Requirement::Acl(..)
        | Requirement::Anonymous
        | Requirement::Authenticated
        | Requirement::Permission(_)
        | Requirement::Scope(_) => {
            let marker = resource_argument::announced(&handler, runtime, &marker);
            guarded(handler, runtime, &quote!(#extractor<#marker>))
        }
    };
    let marker = quote! {
        #[doc(hidden)]
        #[non_exhaustive]
        #vis enum #marker {}
    };
    let items = [marker, implementation].into_iter().chain(response).chain(csrf_form).collect();
    Expansion { items, function }
}

/// Returns the name of the marker type. No function can be called `2_edit`, so the marker of a second guard
/// cannot collide with another handler's first.
fn marker(handler: &Handler) -> Ident {
    let name = handler.name();
    match handler.guards_above() {
        0 => format_ident!("{MARKER}{name}"),
        above => format_ident!("{MARKER}{}_{name}", above.saturating_add(1)),
    }
}

/// Puts the guard before the other arguments.
fn guarded(mut handler: Handler, runtime: &Runtime, guard: &TokenStream) -> TokenStream {
    if handler.sig.inputs.len() == MANY_ARGUMENTS && handler.guard_above().is_none() {
        handler.sig.inputs = pair_up(handler.sig.inputs.into_iter().collect()).into_iter().collect();
    }
    // Guards run from the top attribute to the bottom one.
    let guard = match handler.guard_above() {
        Some(PatType { ty: above, .. }) => {
            let both = runtime.guard(&Ident::new("Both", Span::call_site()));
            quote!(#both<#above, #guard>)
        }
        None => guard.clone(),
    };
    handler.sig.inputs = iter::once(unnamed(guard)).chain(handler.own_arguments().cloned()).collect();
    let Handler { attrs, vis, sig, body, .. } = handler;
    quote!(#(#attrs)* #vis #sig #body)
}

fn around<'a>(guard: &'a str, marker: &'a Ident, options: &Options) -> Around<'a> {
    Around { guard, marker, from_body: options.from_body.is_some() }
}

/// Wraps the guard around one argument.
fn around_argument(
    mut handler: Handler,
    resource: &Ident,
    runtime: &Runtime,
    around: &Around<'_>,
) -> TokenStream {
    let is_first = handler.guards_above() == 0;
    let announced = resource_argument::announced(&handler, runtime, around.marker);
    if let Some(argument) = resource_argument::wrap(&mut handler, resource, runtime, around) {
        if around.from_body {
            let before = runtime.guard(&Ident::new("BeforeBody", Span::call_site()));
            let guard = argument.guard(&announced);
            return guarded(handler, runtime, &quote!(#before<#guard>));
        }
        if !is_first {
            resource_argument::announce(&mut handler, &argument.guard(around.marker), runtime);
        }
    }
    let Handler { attrs, vis, sig, body, .. } = handler;
    quote!(#(#attrs)* #vis #sig #body)
}

/// Pairs two arguments, `(a, b): (A, B)`, so that the guard does not raise their number above clippy's limit.
/// An `allow` would not compile in a crate that forbids the lint. axum extracts both in the same order as
/// before.
///
/// The last argument may be the body, which cannot be part of a tuple, and the first ones may be resources
/// that guards below name. Therefore the last pair before the last argument is taken. Arguments with
/// attributes stay alone.
fn pair_up(mut arguments: Vec<FnArg>) -> Vec<FnArg> {
    let plain = |argument: &FnArg| {
        matches!(argument, FnArg::Typed(typed) if typed.attrs.is_empty()) && !is_guarded(argument)
    };
    let before_last = arguments.len().saturating_sub(1);
    let pairs = arguments.windows(2).take(before_last.saturating_sub(1));
    let Some(at) = pairs.collect::<Vec<_>>().iter().rposition(|pair| pair.iter().all(plain)) else {
        return arguments;
    };
    let rest = arguments.split_off(at.saturating_add(2));
    if let (Some(FnArg::Typed(second)), Some(FnArg::Typed(first))) = (arguments.pop(), arguments.pop()) {
        let (PatType { pat: a, ty: a_type, .. }, PatType { pat: b, ty: b_type, .. }) = (first, second);
        arguments.push(argument(Pat::Verbatim(quote!((#a, #b))), quote!((#a_type, #b_type))));
    }
    arguments.extend(rest);
    arguments
}

/// Returns the argument `_: Guard`. Without a name it cannot be recorded, moved or used by mistake.
fn unnamed(guard: TokenStream) -> FnArg {
    let underscore_token = Token![_](Span::call_site());
    argument(Pat::Wild(PatWild { attrs: Vec::new(), underscore_token }), guard)
}

fn argument(pattern: Pat, of_type: TokenStream) -> FnArg {
    FnArg::Typed(PatType {
        attrs: Vec::new(),
        pat: Box::new(pattern),
        colon_token: Token![:](Span::call_site()),
        ty: Box::new(Type::Verbatim(of_type)),
    })
}
