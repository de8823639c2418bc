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
    handler::{Handler, MARKER},
    paths::{self, Runtime},
    resource,
    rule::Rule,
    spec,
};

/// Up to so many arguments clippy is content with; the guard is not the user's.
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
    let quiet = (handler.sig.inputs.len() == MANY_ARGUMENTS && handler.guard_above().is_none()).then(|| {
        quote!(#[allow(clippy::allow_attributes, clippy::too_many_arguments, reason = "the guard is generated")])
    });
    // The guard of the attribute further up is judged first.
    let guard = match handler.guard_above() {
        Some(PatType { ty: above, .. }) => {
            let both = runtime.guard(&Ident::new("Both", Span::call_site()));
            quote!(#both<#above, #guard>)
        }
        None => guard.clone(),
    };
    handler.sig.inputs = iter::once(argument(guard)).chain(handler.own_arguments().cloned()).collect();
    let Handler { attrs, vis, sig, body } = handler;
    quote!(#(#attrs)* #quiet #vis #sig #body)
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

/// `_: Guard`. Without a name it cannot be recorded, moved or used by mistake.
fn argument(guard: TokenStream) -> FnArg {
    let underscore_token = Token![_](Span::call_site());
    FnArg::Typed(PatType {
        attrs: Vec::new(),
        pat: Box::new(Pat::Wild(PatWild { attrs: Vec::new(), underscore_token })),
        colon_token: Token![:](Span::call_site()),
        ty: Box::new(Type::Verbatim(guard)),
    })
}
