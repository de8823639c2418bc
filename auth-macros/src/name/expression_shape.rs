//! Tells how an expression is written: as a constant, a lone word, or in parentheses.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{Expr, ExprPath, ext::IdentExt as _};

/// Returns whether a path is written like a constant: `EDIT`, `rights::EDIT`.
pub(crate) fn is_constant(path: &ExprPath) -> bool {
    path.path.segments.last().is_some_and(|last| is_upper(&last.ident.to_string()))
}

/// Returns whether a word is written in capitals.
pub(crate) fn is_upper(word: &str) -> bool {
    let letters = |c: char| c == '_' || c.is_uppercase() || c.is_numeric();
    word.starts_with(char::is_uppercase) && word.chars().count() > 1 && word.chars().all(letters)
}

/// Returns the spans of the first and the last token.
pub(crate) fn ends(tokens: impl ToTokens) -> (Span, Span) {
    let mut tokens = tokens.into_token_stream().into_iter().map(|token| token.span());
    let first = tokens.next().unwrap_or_else(Span::call_site);
    (first, tokens.last().unwrap_or(first))
}

/// Removes the invisible groups of `macro_rules!`, and the parentheses that editors show in their place.
pub(crate) fn peel(mut expr: &Expr) -> &Expr {
    loop {
        expr = match expr {
            Expr::Group(group) => &group.expr,
            Expr::Paren(paren) => &paren.expr,
            _ => return expr,
        };
    }
}

/// Returns the only segment of a path if it is written like a local variable.
pub(crate) fn bare_word(path: &ExprPath) -> Option<&Ident> {
    lone_word(path).filter(|word| is_lower(word))
}

/// Returns the only segment of a path.
pub(crate) fn lone_word(path: &ExprPath) -> Option<&Ident> {
    if path.qself.is_some() { None } else { path.path.get_ident() }
}

/// Returns whether a word begins with a lower-case letter, as variables and options do.
pub(crate) fn is_lower(word: &Ident) -> bool {
    word.unraw().to_string().trim_start_matches('_').starts_with(char::is_lowercase)
}
