//! Parses the input of `acl_assert!`: an ACL, and statements in braces.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::Expr;

use super::statement::{self, Statement};
use crate::{
    acl_argument::{check_context, looks_like_context},
    attribute_args::reject_attributes,
    errors::Errors,
    name::peel,
    runtime_paths::{Runtime, split_off},
    token_text,
};

/// An ACL and the statements about it.
pub(crate) struct Proof {
    pub(crate) runtime: Runtime,
    pub(crate) context: Expr,
    pub(crate) statements: Vec<Statement>,
}

/// Reads `$crate; ARTICLES { statements }`. A statement with a mistake is reported and left out.
pub(crate) fn parse(input: TokenStream, errors: &mut Errors) -> Option<Proof> {
    let (runtime, rest) = split_off(input, errors)?;
    reject_attributes(&rest, errors);
    let mut before = Vec::new();
    let mut braces = None;
    let mut after = TokenStream::new();
    for token in rest {
        match (&braces, &token) {
            (None, TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                braces = Some(group.clone());
            }
            (None, _) => before.push(token),
            (Some(_), _) => after.extend([token]),
        }
    }
    if !after.is_empty() {
        errors.on(after, "nothing is expected after the statements; write one `acl_assert!` for each ACL");
    }
    let context = context(before, braces.as_ref(), errors);
    let statements = braces.map(|braces| statements(&braces, errors))?;
    Some(Proof { runtime, context: context?, statements })
}

/// Reads the ACL before the braces.
fn context(mut before: Vec<TokenTree>, braces: Option<&Group>, errors: &mut Errors) -> Option<Expr> {
    if before.is_empty() {
        let message = "the ACL is missing; write `acl_assert!(ARTICLES { … })`";
        errors.at(braces.map_or_else(Span::call_site, Group::span_open), message);
        return None;
    }
    let mut comma = None;
    if braces.is_some() {
        comma = before.pop_if(|last| matches!(last, TokenTree::Punct(punct) if punct.as_char() == ','));
    }
    let tokens: TokenStream = before.into_iter().collect();
    let Ok(expr) = syn::parse2::<Expr>(tokens.clone()) else {
        // The first token that does not belong to the ACL stands in the place of the brace.
        let other = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
        let instead = tokens.clone().into_iter().find(other).map_or(tokens, TokenStream::from);
        errors.on(instead, "statements are in braces after their ACL; write `ARTICLES { … }`");
        return None;
    };
    let name = token_text::tokens(&expr);
    if let Some(comma) = comma {
        errors.on(
            comma,
            format_args!("nothing is expected between the ACL and its statements; write `{name} {{ … }}`"),
        );
    }
    if braces.is_none() {
        let message = if looks_like_context(&expr) {
            format!("the statements are missing; write `{name} {{ anonymous cannot \"edit\"; }}`")
        } else {
            "the ACL is missing; write `acl_assert!(ARTICLES { … })`".to_owned()
        };
        errors.on(&expr, message);
        return None;
    }
    check_context(&expr, errors).then(|| peel(&expr).clone())
}

/// Splits at semicolons before any statement is read, so that a mistake stays within its statement.
fn statements(braces: &Group, errors: &mut Errors) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut chunk = TokenStream::new();
    let mut empty = true;
    let mut in_attribute = false;
    for token in braces.stream() {
        empty = false;
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => in_attribute = true,
            // `reject_attributes` has reported the attribute; skip its content.
            TokenTree::Group(_) if in_attribute => in_attribute = false,
            TokenTree::Punct(punct) if punct.as_char() == ';' => {
                if chunk.is_empty() {
                    errors.on(&token, "a statement is expected before this `;`; remove it");
                }
                statement::parse(std::mem::take(&mut chunk), &mut statements, errors);
            }
            _ => chunk.extend([token]),
        }
    }
    statement::parse(chunk, &mut statements, errors);
    if empty {
        let message = "these braces hold no statement; write one such as `anonymous cannot \"edit\";`";
        errors.on(braces, message);
    }
    statements
}
