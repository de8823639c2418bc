//! From rows to a block that holds the rules as a constant.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use super::{parse::Row, permissions::Permissions, principal::Principal};
use crate::{name::Noun, paths::Runtime};

pub(crate) fn acl(rows: &[Row], runtime: &Runtime) -> TokenStream {
    let (acl, rule) = (runtime.acl(), runtime.rule());
    let rules = rows.iter().map(|row| rule_of(row, runtime));
    quote!({
        const __AUTH_RULES: &[#rule<'static>] = &[#(#rules),*];
        #acl::__new(__AUTH_RULES, ::core::file!())
    })
}

fn rule_of(row: &Row, runtime: &Runtime) -> TokenStream {
    let (rule, action) = (runtime.rule(), runtime.action(&row.action));
    let principal = principal(&row.principal, runtime);
    let permissions = permissions(&row.permissions, runtime);
    let line = Literal::u32_unsuffixed(line(row.group.span_open()));
    quote!(#rule::__new(#action, #principal, #permissions, #line))
}

fn principal(principal: &Principal, runtime: &Runtime) -> TokenStream {
    match principal {
        Principal::Authenticated(word) | Principal::Everyone(word) => runtime.principal(word),
        Principal::Group(word, name) => {
            let (group, name) = (runtime.principal(word), name.expand(runtime, Noun::Group));
            quote!(#group(#name))
        }
        Principal::User(word, id) => {
            let user = runtime.principal(word);
            quote!(#user(#id))
        }
    }
}

fn permissions(permissions: &Permissions, runtime: &Runtime) -> TokenStream {
    match permissions {
        Permissions::All(span) => runtime.permissions(&Ident::new("All", *span)),
        Permissions::Names(names) => {
            let variant = runtime.permissions(&Ident::new("Names", Span::call_site()));
            let names = names.iter().map(|name| name.expand(runtime, Noun::Permission));
            quote!(#variant(&[#(#names),*]))
        }
    }
}

/// The line of a row; there are none outside of a compiler.
fn line(span: Span) -> u32 {
    if !proc_macro::is_available() {
        return 0;
    }
    u32::try_from(span.unwrap().line()).unwrap_or_default()
}
