//! What is emitted when something was wrong: the messages, and the user's item as it was.
//!
//! The build is broken either way, so nothing unguarded ships; keeping the item spares the user errors
//! about a function that seems to be missing, and keeps editors working.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{errors::Errors, paths::Runtime};

pub(crate) fn with_item(errors: Errors, item: TokenStream) -> TokenStream {
    let mut tokens = errors.into_compile_errors();
    tokens.extend(item);
    tokens
}

/// In place of a constant ACL: one that silences everything that would be said about its rules.
pub(crate) fn acl(errors: Errors, runtime: Option<&Runtime>) -> TokenStream {
    let errors = errors.into_compile_errors();
    let acl = runtime.map(Runtime::acl).map(|acl| quote!(#acl::__malformed()));
    quote!({ #errors #acl })
}
