//! Reports separators of other languages between the parts of a rule.

use proc_macro2::{Punct, Spacing, TokenStream, TokenTree};

use crate::errors::Errors;

/// Replaces `=>` and `;` between the parts of a rule by commas, and reports them.
pub(super) fn with_commas(parts: TokenStream, errors: &mut Errors) -> TokenStream {
    let mut tokens = parts.into_iter().peekable();
    let mut replaced = Vec::new();
    while let Some(token) = tokens.next() {
        let arrow = match (&token, tokens.peek()) {
            (TokenTree::Punct(first), Some(TokenTree::Punct(second)))
                if first.as_char() == '=' && second.as_char() == '>' =>
            {
                tokens.next()
            }
            _ => None,
        };
        let is_semicolon = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ';');
        if arrow.is_none() && !is_semicolon {
            replaced.push(token);
            continue;
        }
        let sign = if is_semicolon { ";" } else { "=>" };
        let span = token.span();
        let message =
            format_args!("the parts of a rule are separated by commas; write `,` in place of `{sign}`");
        errors.on([Some(token), arrow].into_iter().flatten().collect::<TokenStream>(), message);
        let mut comma = Punct::new(',', Spacing::Alone);
        comma.set_span(span);
        replaced.push(comma.into());
    }
    replaced.into_iter().collect()
}
