//! Expands compile-time assertions about constant ACLs: `acl_assert!(ARTICLES { … })` and
//! `acl_assert_no_wider!(NEW, OLD)`.
//!
//! Each becomes a constant whose evaluation fails if the statement is false.

mod expand;
mod input;
mod no_wider;
mod statement;
mod statement_check;
mod statement_permissions;
mod statement_subject;

use proc_macro2::TokenStream;

use crate::errors::Errors;

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let proof = input::parse(input, &mut errors);
    if let Some(proof) = &proof {
        statement_check::statements(&proof.statements, &mut errors);
    }
    match proof {
        Some(proof) if errors.is_empty() => expand::proof(&proof),
        _ => errors.into_compile_errors(),
    }
}

pub(crate) fn expand_no_wider(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    match no_wider::parse(input, &mut errors) {
        Some(comparison) if errors.is_empty() => no_wider::expand(&comparison),
        _ => errors.into_compile_errors(),
    }
}
