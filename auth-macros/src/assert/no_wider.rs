//! Expands `acl_assert_no_wider!(NEW, OLD)`: the new ACL allows nothing that the old one denies.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Expr;

use crate::{
    acl_argument::check_context,
    attribute_args::{self, Arg},
    errors::Errors,
    expected_type::expected_acl,
    name::{ends, peel},
    runtime_paths::{Runtime, imported, split_off},
    token_text,
};

const EXAMPLE: &str = "write `acl_assert_no_wider!(ARTICLES_NEXT, ARTICLES)`";

/// The two ACLs to compare.
pub(super) struct Comparison {
    runtime: Runtime,
    new: Expr,
    old: Expr,
}

/// Reads `$crate; NEW, OLD`.
pub(super) fn parse(input: TokenStream, errors: &mut Errors) -> Option<Comparison> {
    let (runtime, rest) = split_off(input, errors)?;
    let mut contexts = attribute_args::parse(rest, errors)
        .into_iter()
        .filter_map(|arg| context(arg, errors))
        .collect::<Vec<_>>();
    if !errors.is_empty() {
        return None;
    }
    for extra in contexts.iter().skip(2) {
        let name = token_text::tokens(extra);
        errors.on(extra, format_args!("`{name}` is one ACL too many; compare two at a time"));
    }
    match contexts.as_slice() {
        [] => errors.at(Span::call_site(), format_args!("both ACLs are missing; {EXAMPLE}")),
        [new] => errors.on(new, format_args!("the older ACL is missing; {EXAMPLE}")),
        [new, old, ..] if token_text::tokens(new) == token_text::tokens(old) => {
            errors.on(old, format_args!("an ACL is never wider than itself; {EXAMPLE}"));
        }
        _ => {}
    }
    contexts.truncate(2);
    let [new, old] = <[Expr; 2]>::try_from(contexts).ok()?;
    Some(Comparison { runtime, new, old })
}

fn context(arg: Arg, errors: &mut Errors) -> Option<Expr> {
    match arg {
        Arg::Assigned(key, _) => {
            errors.on(&key, format_args!("`{key}` is not expected here; {EXAMPLE}"));
            None
        }
        Arg::Plain(expr) => check_context(&expr, errors).then(|| peel(&expr).clone()),
    }
}

pub(super) fn expand(comparison: &Comparison) -> TokenStream {
    let Comparison { runtime, new, old } = comparison;
    let (acl, new_text, old_text) = (runtime.acl(), token_text::tokens(new), token_text::tokens(old));
    let arguments = quote!(&__AUTH_NEW, #new_text, &__AUTH_OLD, #old_text);
    let (import, check) = (runtime.import(), imported(quote!(assert_no_wider), ends(new), arguments));
    let (new, old) = (expected_acl(new), expected_acl(old));
    quote!(const _: () = {
        #import
        const __AUTH_NEW: #acl = #new;
        const __AUTH_OLD: #acl = #old;
        #check
    };)
}
