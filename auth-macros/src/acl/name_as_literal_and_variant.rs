//! Emits checks that one name is not spelled in two ways: as a variant and as a literal, or as variants of
//! two enums.
//!
//! The checks are constants, because only the derive knows the names of variants.

use std::collections::HashSet;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::{parse_rules::Row, rule_permissions::Permissions, rule_principal::Principal};
use crate::{
    name::{Name, Noun, variants},
    runtime_paths::{Runtime, imported},
    token_text,
};

pub(super) fn checks(rows: &[Row], runtime: &Runtime) -> TokenStream {
    let permissions = rows.iter().flat_map(|row| match &row.permissions {
        Permissions::All(_) => &[],
        Permissions::Names(names) => names.as_slice(),
    });
    let groups = rows.iter().filter_map(|row| match &row.principal {
        Principal::Group(_, name) => Some(name),
        Principal::Authenticated(_)
        | Principal::Everyone(_)
        | Principal::Service(..)
        | Principal::User(..) => None,
    });
    let permissions = of(Noun::Permission, permissions, runtime);
    let groups = of(Noun::Group, groups, runtime);
    quote!(#permissions #groups)
}

/// Returns the checks, or `None` if all names are spelled in one way.
fn of<'a>(noun: Noun, names: impl Iterator<Item = &'a Name>, runtime: &Runtime) -> Option<TokenStream> {
    let mut seen = HashSet::new();
    // A constant is not a second spelling of the name that it holds.
    let names = names.filter(|name| !matches!(name, Name::Constant(_)));
    let names: Vec<&Name> = names.filter(|name| seen.insert(name.key())).collect();
    let owners: HashSet<String> = names.iter().filter_map(|name| owner(name)).collect();
    if owners.len() < 2 {
        return None;
    }
    let upper = noun.singular().to_uppercase();
    let (list, firsts) = (format_ident!("__AUTH_{upper}S"), format_ident!("__AUTH_FIRST_{upper}S"));
    let (length, places) = (names.len(), names.len().saturating_mul(2));
    let written = names.iter().map(|name| written(noun, name, runtime));
    let checks = names.iter().enumerate().map(|(at, name)| check(at, name, &list, &firsts));
    Some(quote! {
        const #list: &[__auth::Written] = &[#(#written),*];
        const #firsts: [::core::primitive::usize; #length] = __auth::first_written::<#length, #places>(#list);
        #(#checks)*
    })
}

/// Returns the path of the enum; the empty string for text, `None` for numbers, which are never names of
/// variants.
fn owner(name: &Name) -> Option<String> {
    match name {
        Name::Constant(_) | Name::Number(_) => None,
        Name::Text(_) => Some(String::new()),
        Name::Variant(path) => {
            let path = token_text::tokens(path);
            Some(path.rsplit_once("::").map_or_else(|| "?".to_owned(), |(owner, _)| owner.to_owned()))
        }
    }
}

fn written(noun: Noun, name: &Name, runtime: &Runtime) -> TokenStream {
    let (value, code) = (name.expand(runtime, noun), token_text::tokens(name));
    match name {
        Name::Variant(path) => {
            let variants = variants(path, noun);
            quote!(__auth::Written::variant(#variants, #path, #value, #code))
        }
        Name::Constant(_) | Name::Number(_) | Name::Text(_) => {
            quote!(__auth::Written::literal(#value, #code))
        }
    }
}

fn check(at: usize, name: &Name, list: &Ident, firsts: &Ident) -> TokenStream {
    let at = Literal::usize_unsuffixed(at);
    imported(quote!(check_written), name.ends(), quote!(#list, &#firsts, #at))
}
