//! Reports wildcards of other systems (`*`, `"*"`, `"all"`); permissions have no wildcards except `ALL`.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Expr, Lit};

use crate::{errors::Errors, name::peel, token_text};

/// Returns whether a string means "every permission" in other systems.
///
/// As a name it would match no other permission, so the rule would grant nothing.
pub(super) fn is_wildcard(expr: &Expr) -> bool {
    let Expr::Lit(literal) = peel(expr) else { return false };
    let Lit::Str(text) = &literal.lit else { return false };
    text.value() == "*" || text.value().eq_ignore_ascii_case("all")
}

/// Reports such a string.
pub(super) fn report<T>(expr: &Expr, remedy: &str, errors: &mut Errors) -> Option<T> {
    let text = token_text::tokens(peel(expr));
    errors.on(expr, format_args!("`{text}` matches no other permission; {remedy}"));
    None
}

/// Reports a bare `*` in a rule or in its list of permissions. Returns whether there was one.
pub(super) fn report_bare(row: TokenStream, errors: &mut Errors) -> bool {
    let row: Vec<TokenTree> = row.into_iter().collect();
    for (place, part) in row.split(is_comma).enumerate() {
        match part {
            [star] if is_star(star) && place == 1 => {
                errors.on(star, "`*` is not a user or group; write `Authenticated`, or `Everyone` if anonymous requests are meant too");
            }
            [star] if is_star(star) => errors.on(star, "`*` is not a list of permissions; write `ALL`"),
            [TokenTree::Group(list)] => {
                let names: Vec<TokenTree> = list.stream().into_iter().collect();
                let Some(star) = names.split(is_comma).find_map(|name| match name {
                    [star] if is_star(star) => Some(star),
                    _ => None,
                }) else {
                    continue;
                };
                errors.on(star, "`*` is not a permission; write `ALL` in place of the list");
            }
            _ => continue,
        }
        return true;
    }
    false
}

fn is_comma(token: &TokenTree) -> bool {
    is_punctuation(token, ',')
}

fn is_star(token: &TokenTree) -> bool {
    is_punctuation(token, '*')
}

fn is_punctuation(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}
