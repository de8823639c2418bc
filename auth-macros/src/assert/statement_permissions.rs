//! Parses the permissions of a statement: one, or a list that stands for one statement each.

use proc_macro2::Ident;
use syn::{Expr, parse::ParseStream};

use crate::{
    errors::Errors,
    name::{Name, Noun, peel},
};

/// Reads the permissions after `word`. Returns `None` after reporting a mistake.
pub(super) fn parse(input: ParseStream<'_>, word: &Ident, errors: &mut Errors) -> Option<Vec<Name>> {
    if input.is_empty() {
        errors.on(word, format_args!("the permission is missing; write for example `{word} \"edit\"`"));
        return None;
    }
    let expr: Expr = input.parse().map_err(|error| errors.syntax(error)).ok()?;
    match peel(&expr) {
        Expr::Array(array) if array.elems.is_empty() => {
            errors.on(array, "this list of permissions is empty; name some");
            None
        }
        Expr::Array(array) => {
            let names: Vec<_> = array.elems.iter().map(|name| permission(name, errors)).collect();
            names.into_iter().collect()
        }
        one => permission(one, errors).map(|name| vec![name]),
    }
}

fn permission(expr: &Expr, errors: &mut Errors) -> Option<Name> {
    if let Expr::Path(path) = peel(expr)
        && path.path.is_ident("ALL")
    {
        errors.on(path, "a statement cannot name `ALL`; name permissions, as in `[\"edit\", \"delete\"]`");
        return None;
    }
    Name::from_expr(expr, Noun::Permission, errors)
}
