//! Reads the attributes in front of a rule: doc comments, which become its note, and `#[rule(…)]`.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Expr, ExprLit, Lit, Meta, parse::Parser as _};

use super::rule_attribute::{self, Label};
use crate::{attribute_args::reject_attributes, errors::Errors, name::peel};

/// What the attributes say about the rule that follows.
#[derive(Default)]
pub(super) struct RowAttributes {
    lines: Vec<String>,
    label: Label,
    tokens: TokenStream,
}

impl RowAttributes {
    /// Reads `#[doc = "…"]` or `#[rule(…)]`; reports any other attribute, and one that is not in front of a rule.
    pub(super) fn read(&mut self, attribute: TokenStream, in_front: bool, errors: &mut Errors) {
        let parsed = Attribute::parse_outer.parse2(attribute.clone()).ok().and_then(|mut all| all.pop());
        match parsed {
            Some(own) if in_front && rule_attribute::is_rule(&own) => {
                self.label.read(&own, errors);
                self.tokens.extend(attribute);
            }
            parsed => match parsed.as_ref().and_then(text).filter(|_| in_front) {
                Some(line) => {
                    self.lines.push(line.trim().to_owned());
                    self.tokens.extend(attribute);
                }
                None => report(&attribute, parsed.as_ref(), errors),
            },
        }
    }

    /// Returns the label and the note of the rule that follows.
    pub(super) fn take(&mut self) -> (Label, Option<String>) {
        let Self { lines, label, .. } = std::mem::take(self);
        (label, Some(lines.join("\n").trim().to_owned()).filter(|note| !note.is_empty()))
    }

    /// Reports the attributes, because no rule follows.
    pub(super) fn reject(&mut self, errors: &mut Errors) {
        let Self { tokens, .. } = std::mem::take(self);
        let mut tokens = tokens.into_iter();
        while let Some(hash) = tokens.next() {
            let attribute = attribute(hash, &mut tokens);
            let parsed = Attribute::parse_outer.parse2(attribute.clone()).ok().and_then(|mut all| all.pop());
            report(&attribute, parsed.as_ref(), errors);
        }
    }
}

fn report(attribute: &TokenStream, parsed: Option<&Attribute>, errors: &mut Errors) {
    if !parsed.is_some_and(|own| rule_attribute::report(own, errors)) {
        reject_attributes(attribute, errors);
    }
}

/// Returns the text of a doc comment.
fn text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else { return None };
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
