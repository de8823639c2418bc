//! Doc comments in front of rules: they become the notes of the rules.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Expr, ExprLit, Lit, Meta, parse::Parser as _};

use crate::{attribute_args::reject_attributes, errors::Errors, name::peel};

/// The doc comments since the last rule.
#[derive(Default)]
pub(super) struct Notes {
    lines: Vec<String>,
    tokens: TokenStream,
}

impl Notes {
    /// Reads `#[doc = "…"]`; reports any other attribute, and a comment that is not in front of a rule.
    pub(super) fn read(&mut self, attribute: TokenStream, in_front: bool, errors: &mut Errors) {
        match text(attribute.clone()).filter(|_| in_front) {
            Some(line) => {
                self.lines.push(line.trim().to_owned());
                self.tokens.extend(attribute);
            }
            None => reject_attributes(&attribute, errors),
        }
    }

    /// Returns the note of the rule that follows.
    pub(super) fn take(&mut self) -> Option<String> {
        let Self { lines, .. } = std::mem::take(self);
        Some(lines.join("\n").trim().to_owned()).filter(|note| !note.is_empty())
    }

    /// Reports the comments, because no rule follows.
    pub(super) fn reject(&mut self, errors: &mut Errors) {
        let Self { tokens, .. } = std::mem::take(self);
        reject_attributes(&tokens, errors);
    }
}

/// Returns the text of a doc comment.
fn text(attribute: TokenStream) -> Option<String> {
    let Meta::NameValue(meta) = Attribute::parse_outer.parse2(attribute).ok()?.pop()?.meta else {
        return None;
    };
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = peel(&meta.value) else { return None };
    meta.path.is_ident("doc").then(|| text.value())
}

/// Returns the attribute that begins with `hash`, and takes its other tokens.
pub(super) fn attribute(hash: TokenTree, rest: &mut impl Iterator<Item = TokenTree>) -> TokenStream {
    let mut tokens = vec![hash];
    for token in rest {
        let is_last = matches!(token, TokenTree::Group(_));
        tokens.push(token);
        if is_last {
            break;
        }
    }
    tokens.into_iter().collect()
}
