//! Gives a constant of the user's the type that a macro expects, with a message that says what to write:
//! [`expected`].

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::{
    name::ends,
    runtime_paths::{called, constant_of},
};

/// Returns the value of the user's expression, whose type must be the one that the trait `of` is about, with a message
/// of the trait if it is not. `same` is its function; `auth_acl::expected_type` says why there are two calls.
///
/// All bounds are underlined from the first to the last token, since bounds at two positions are reported twice.
pub(crate) fn expected(value: &impl ToTokens, of: &str, same: &str) -> TokenStream {
    let (start, end) = ends(value);
    let bound = Ident::new("__auth_value", end);
    let (check, same) = (constant_of(of, "check", (start, end)), Ident::new(same, Span::call_site()));
    let reference = quote_spanned!(start=> & #bound);
    let compared = called(quote!(compare_type), (start, end), quote!(#reference, #check));
    let returned = called(quote!(#same), (start, end), reference);
    quote!({
        let #bound = #value;
        #compared;
        *#returned
    })
}

/// Returns a constant of the type `Acl`.
pub(crate) fn expected_acl(list: &impl ToTokens) -> TokenStream {
    expected(list, "IsAcl", "same_acl")
}
