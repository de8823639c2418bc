//! From a [`Guard`] to tokens. Nothing can fail here.
//!
//! ```text
//! #[acl_required("edit", ARTICLES)]        enum __auth_guard_edit {}
//! async fn edit(id: Path<u64>) { … }   =>  impl GuardSpec for __auth_guard_edit { const SPEC: … }
//!                                          async fn edit(_: AclRequired<__auth_guard_edit>, id: Path<u64>) { … }
//! ```

use std::iter;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote};
use syn::{FnArg, Pat, PatType, PatWild, Token, Type};

use crate::{
    access,
    guard::Guard,
    handler::{Handler, MARKER, is_guarded},
    paths::{self, Runtime},
    resource,
    rule::Rule,
    spec,
};

/// The most arguments that clippy accepts by default (`too_many_arguments`).
const MANY_ARGUMENTS: usize = 7;

pub(crate) fn guard(guard: Guard) -> TokenStream {
    let Guard { kind, rule, options, mut handler } = guard;
    handler.attrs.extend(access::documented(&rule, &options));
    let marker = marker(&handler);
    let runtime = &options.runtime;
    let extractor = runtime.guard(&Ident::new(kind.extractor(), Span::call_site()));
    let spec = spec::spec(&rule, &options, &handler);
    let (trait_, spec_type) = (runtime.private("GuardSpec"), runtime.private("Spec"));
    // Lints about the type would speak of it at the user's `pub`; nothing else of the user's is in it.
    let vis = paths::moved_to_macro(handler.vis.to_token_stream());
    let function = match &rule {
        Rule::Resource(_, resource) => around_argument(handler, resource, runtime, &marker),
        Rule::Acl(..) | Rule::Anonymous | Rule::Authenticated | Rule::Permission(_) | Rule::Scope(_) => {
            let marker = resource::announced(&handler, runtime, &marker);
            guarded(handler, runtime, &quote!(#extractor<#marker>))
        }
    };
    quote! {
        #[doc(hidden)]
        #[non_exhaustive]
        #vis enum #marker {}

        #[automatically_derived]
        impl #trait_ for #marker {
            const SPEC: &'static #spec_type = &#spec;
        }

        #function
    }
}

/// No function can be called `2_edit`, so the name of a second guard is nobody's first.
fn marker(handler: &Handler) -> Ident {
    let name = handler.name();
    match handler.guards_above() {
        0 => format_ident!("{MARKER}{name}"),
        above => format_ident!("{MARKER}{}_{name}", above.saturating_add(1)),
    }
}

/// The function with the guard before its arguments.
fn guarded(mut handler: Handler, runtime: &Runtime, guard: &TokenStream) -> TokenStream {
    if handler.sig.inputs.len() == MANY_ARGUMENTS && handler.guard_above().is_none() {
        handler.sig.inputs = pair_up(handler.sig.inputs.into_iter().collect()).into_iter().collect();
    }
    // The guard of the attribute further up is judged first.
    let guard = match handler.guard_above() {
        Some(PatType { ty: above, .. }) => {
            let both = runtime.guard(&Ident::new("Both", Span::call_site()));
            quote!(#both<#above, #guard>)
        }
        None => guard.clone(),
    };
    handler.sig.inputs = iter::once(unnamed(guard)).chain(handler.own_arguments().cloned()).collect();
    let Handler { attrs, vis, sig, body } = handler;
    quote!(#(#attrs)* #vis #sig #body)
}

/// The function with the guard around one of its arguments.
fn around_argument(mut handler: Handler, resource: &Ident, runtime: &Runtime, marker: &Ident) -> TokenStream {
    if handler.guards_above() > 0 {
        resource::announce(&mut handler, runtime, marker);
    }
    resource::wrap(&mut handler, resource, runtime, marker);
    let Handler { attrs, vis, sig, body } = handler;
    quote!(#(#attrs)* #vis #sig #body)
}

/// Makes one argument of two, `(a, b): (A, B)`, so that with the guard there are no more than the user wrote: an `allow` for
/// the lint would not compile in a crate that forbids the lint. Axum extracts both in the same order as before.
///
/// The last argument may be the body, which is in no tuple, and the first ones may be resources that guards further down name;
/// so it is the last pair before the last argument. Arguments with attributes stay alone.
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

/// `_: Guard`. Without a name it cannot be recorded, moved or used by mistake.
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
