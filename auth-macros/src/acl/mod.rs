//! Expands `acl![…]`, a list of tuples, to a constant `Acl`.

mod check;
mod compose;
mod expand;
pub(crate) mod hierarchy;
mod look_alike;
mod note;
mod parse;
mod permissions;
pub(crate) mod principal;
mod separators;
mod spelling_check;
mod wildcard;

use proc_macro2::TokenStream;

use crate::{errors::Errors, fallback};

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (runtime, list) = parse::input(input, &mut errors);
    check::rows(&list.rows, &mut errors);
    match runtime {
        Some(runtime) if errors.is_empty() => expand::acl(&list, &runtime),
        runtime => fallback::acl(errors, runtime.as_ref()),
    }
}
