//! Emits the check that the last argument of a handler with `csrf_form` verifies the CSRF token.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::FnArg;

use crate::{errors::Errors, handler_check::cfg_of, name::ends, parsed_guard::Guard};

/// Reports a handler without an argument that could verify it in every build.
pub(crate) fn check_argument(guard: &Guard, errors: &mut Errors) {
    let Some(word) = &guard.options.csrf_form else { return };
    let Some(last) = guard.handler.own_arguments().last() else {
        return errors.on(
            word,
            "`csrf_form` needs the form as the last argument; add for example `CsrfForm(form): CsrfForm<Login>`",
        );
    };
    if let Some(cfg) = cfg_of(last) {
        errors.on(cfg, "`csrf_form` needs the form in every build; remove this from the argument");
    }
}

/// Returns the check, which is underlined at the type.
pub(crate) fn check(guard: &Guard) -> Option<TokenStream> {
    guard.options.csrf_form.as_ref()?;
    let FnArg::Typed(last) = guard.handler.own_arguments().last()? else { return None };
    let (start, end) = ends(&last.ty);
    let verifies = guard.options.runtime.private("VerifiesCsrfToken");
    let (of, constant) = (&last.ty, Ident::new("VERIFIES", end));
    Some(quote_spanned!(start=> const _: () = <#of as #verifies>::#constant;))
}
