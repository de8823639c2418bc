//! Expands `group_hierarchy![("admins", ["editors"]), …]` and `implied_permissions![…]`.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::{
    Expr, Path, Token,
    parse::{ParseStream, Parser as _},
    punctuated::Punctuated,
};

use super::wildcard;
use crate::{
    errors::Errors,
    name::{Name, Noun, peel},
    runtime_paths::{Runtime, imported},
};

pub(crate) fn expand(noun: Noun, input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let read = |input: ParseStream<'_>| {
        let path: Path = input.call(Path::parse_mod_style)?;
        input.parse::<Token![;]>()?;
        Ok((Runtime::from(path), Punctuated::<Expr, Token![,]>::parse_terminated(input)?))
    };
    let (runtime, rows) = match read.parse2(input) {
        Ok(read) => read,
        Err(error) => {
            errors.syntax(error);
            return errors.into_compile_errors();
        }
    };
    let pairs: Vec<(Name, Name)> = rows.iter().flat_map(|row| pairs_of(row, noun, &mut errors)).collect();
    let kind = runtime.private(if noun == Noun::Group { "GroupHierarchy" } else { "ImpliedPermissions" });
    if !errors.is_empty() {
        let errors = errors.into_compile_errors();
        return quote!({ #errors #kind::NONE });
    }
    let name = runtime.name();
    let edges = pairs.iter().map(|(greater, lesser)| {
        let (greater, lesser) = (greater.expand(&runtime, noun), lesser.expand(&runtime, noun));
        quote!((#greater, #lesser))
    });
    let checks = pairs.iter().enumerate().map(|(at, (_, lesser))| {
        let at = Literal::usize_unsuffixed(at);
        imported(quote!(check_acyclic), lesser.ends(), quote!(__AUTH_EDGES, #at))
    });
    let import = (!pairs.is_empty()).then(|| runtime.import());
    quote!({
        #import
        const __AUTH_EDGES: &[(#name<'static>, #name<'static>)] = &[#(#edges),*];
        #(#checks)*
        #kind::__new(__AUTH_EDGES)
    })
}

fn pairs_of(row: &Expr, noun: Noun, errors: &mut Errors) -> Vec<(Name, Name)> {
    let shape = if noun == Noun::Group { "(\"admins\", [\"editors\"])" } else { "(\"edit\", [\"view\"])" };
    let Expr::Tuple(tuple) = peel(row) else {
        errors.on(row, format_args!("a pair is expected here; write `{shape}`"));
        return Vec::new();
    };
    let mut parts = tuple.elems.iter();
    let (Some(greater), Some(lesser), None) = (parts.next(), parts.next(), parts.next()) else {
        let message = format_args!("a pair is a name and a list of names; write `{shape}`");
        errors.on(tuple.elems.get(2).unwrap_or(row), message);
        return Vec::new();
    };
    let Expr::Array(lessers) = peel(lesser) else {
        errors.on(lesser, format_args!("the second part is a list; write `{shape}`"));
        return Vec::new();
    };
    let Some(greater) = name(greater, noun, errors) else { return Vec::new() };
    let lessers = lessers.elems.iter().filter_map(|lesser| name(lesser, noun, errors));
    lessers.map(|lesser| (greater.clone(), lesser)).collect()
}

fn name(expr: &Expr, noun: Noun, errors: &mut Errors) -> Option<Name> {
    if noun == Noun::Permission && wildcard::is_wildcard(expr) {
        return wildcard::report(expr, "write each name that is meant", errors);
    }
    Name::from_expr(expr, noun, errors)
}
