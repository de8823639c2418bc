//! Parses the third part of a rule: the permissions that it allows or denies.

use proc_macro2::Span;
use syn::{Expr, spanned::Spanned as _};

use super::{parse_rules::last_word, wildcard};
use crate::{
    errors::Errors,
    name::{Name, Noun, is_lower, peel},
    token_text,
};

/// `ALL`, or a list of names.
pub(crate) enum Permissions {
    All(Span),
    Names(Vec<Name>),
}

pub(super) fn parse(expr: &Expr, errors: &mut Errors) -> Option<Permissions> {
    match peel(expr) {
        Expr::Array(array) if array.elems.is_empty() => {
            errors.on(array, "this list of permissions is empty; name some, or write `ALL`");
            None
        }
        Expr::Array(array) => {
            let names: Vec<_> = array.elems.iter().map(|name| permission_name(name, errors)).collect();
            names.into_iter().collect::<Option<_>>().map(Permissions::Names)
        }
        Expr::Path(path) if last_word(path).is_some_and(|word| word == "ALL") => {
            Some(Permissions::All(path.span()))
        }
        Expr::Path(path)
            if last_word(path).is_some_and(|word| word.to_string().eq_ignore_ascii_case("all")) =>
        {
            errors.unknown(last_word(path)?, "word", &["ALL"]);
            None
        }
        other if wildcard::is_wildcard(other) => {
            wildcard::report(other, "write `ALL` without quotation marks", errors)
        }
        other => {
            let inside = listed(other);
            errors.on(expr, format_args!("permissions are a list; write `[{inside}]`"));
            None
        }
    }
}

fn permission_name(expr: &Expr, errors: &mut Errors) -> Option<Name> {
    match peel(expr) {
        Expr::Path(path) if path.path.is_ident("ALL") => {
            errors.on(expr, "`ALL` stands alone; write `ALL` in place of the list");
            None
        }
        _ if wildcard::is_wildcard(expr) => {
            wildcard::report(expr, "write `ALL` in place of the list", errors)
        }
        _ => Name::from_expr(expr, Noun::Permission, errors),
    }
}

/// Returns what the user has to write between brackets.
fn listed(expr: &Expr) -> String {
    match expr {
        Expr::Reference(reference) => listed(peel(&reference.expr)),
        Expr::Tuple(tuple) => token_text::tokens(&tuple.elems),
        Expr::Array(array) => token_text::tokens(&array.elems),
        Expr::Lit(_) => token_text::tokens(expr),
        Expr::Path(path) => match last_word(path) {
            Some(word) if path.path.segments.len() == 1 && is_lower(word) => format!("\"{word}\""),
            _ => token_text::tokens(path),
        },
        _ => "\"view\"".to_owned(),
    }
}
