//! Parses the optional fourth part of a rule, its conditions: `if OWNER`, `if all(OWNER, OFFICE_HOURS)`.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::{BinOp, Expr, ExprPath, Token, UnOp, parse::Parser as _, punctuated::Punctuated};

use super::parse_rules::last_word;
use crate::{
    errors::Errors,
    expected_type::expected,
    name::{is_lower, peel},
    token_text,
};

const EXAMPLE: &str = "write for example `if OWNER`";

/// Splits the tokens of a rule into its first three parts and its conditions. Reports conditions that are not valid, and
/// returns `None` then.
pub(super) fn split(row: TokenStream, errors: &mut Errors) -> Option<(TokenStream, Vec<ExprPath>)> {
    let tokens: Vec<TokenTree> = row.into_iter().collect();
    let is_if = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "if");
    let Some(at) = tokens.iter().position(is_if) else {
        return Some((tokens.into_iter().collect(), Vec::new()));
    };
    let (parts, rest) = tokens.split_at(at);
    let (word, conditions) = rest.split_first()?;
    let has_comma =
        matches!(parts.last(), Some(TokenTree::Punct(sign)) if matches!(sign.as_char(), ',' | ';' | '>'));
    if !has_comma {
        errors.on(word, "a condition follows a comma; write `, if`");
        return None;
    }
    let conditions = parse(word, conditions.iter().cloned().collect(), errors)?;
    Some((parts.iter().cloned().collect(), conditions))
}

fn parse(word: &TokenTree, tokens: TokenStream, errors: &mut Errors) -> Option<Vec<ExprPath>> {
    let parsed = match Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens) {
        Ok(parsed) => parsed,
        Err(error) => {
            errors.syntax(error);
            return None;
        }
    };
    let mut listed = parsed.iter();
    let Some(first) = listed.next() else {
        errors.on(word, format_args!("a condition is expected after `if`; {EXAMPLE}"));
        return None;
    };
    if let Some(second) = listed.next() {
        let (first, text) = (token_text::tokens(first), token_text::tokens(second));
        let message = format_args!("several conditions are written as one; write `if all({first}, {text})`");
        errors.on(second, message);
        return None;
    }
    match peel(first) {
        Expr::Call(call) => {
            let name = match peel(&call.func) {
                Expr::Path(path) => last_word(path).map(ToString::to_string),
                _ => None,
            };
            match name.as_deref() {
                Some("all") if call.args.len() > 1 => all(&call.args, errors),
                Some("all") => {
                    errors.on(
                        call,
                        "`all` takes two or more conditions; write for example `if all(OWNER, OFFICE_HOURS)`",
                    );
                    None
                }
                Some("any") => {
                    errors.on(call, "a rule has no alternatives; write one rule for each condition");
                    None
                }
                _ => not_a_constant(first, errors),
            }
        }
        other => one(other, errors).map(|condition| vec![condition]),
    }
}

fn all(listed: &Punctuated<Expr, Token![,]>, errors: &mut Errors) -> Option<Vec<ExprPath>> {
    let conditions: Vec<Option<ExprPath>> = listed.iter().map(|expr| one(expr, errors)).collect();
    let conditions = conditions.into_iter().collect::<Option<Vec<ExprPath>>>()?;
    for (number, condition) in conditions.iter().enumerate() {
        let text = token_text::tokens(condition);
        if let Some(first) =
            conditions.iter().take(number).find(|earlier| token_text::tokens(earlier) == text)
        {
            errors.duplicate(condition, format_args!("the condition `{text}` is listed twice"), first);
            return None;
        }
    }
    Some(conditions)
}

fn one(expr: &Expr, errors: &mut Errors) -> Option<ExprPath> {
    match peel(expr) {
        Expr::Path(path) if last_word(path).is_some_and(is_lower) && path.path.segments.len() == 1 => {
            let word = last_word(path)?.to_string();
            let message = format_args!(
                "a condition is a constant; write `{}`, and declare it if it is your own",
                word.to_uppercase()
            );
            errors.on(path, message);
            None
        }
        Expr::Path(path) => Some(path.clone()),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Not(_)) => {
            let text = token_text::tokens(&unary.expr);
            let message = format_args!(
                "a condition has no `!`; write a `Deny` rule with `if {text}` above a rule without it"
            );
            errors.on(unary, message);
            None
        }
        Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
            let (left, right) = (token_text::tokens(&binary.left), token_text::tokens(&binary.right));
            errors.on(
                binary,
                format_args!("conditions are combined by `all`; write `if all({left}, {right})`"),
            );
            None
        }
        Expr::Binary(binary) if matches!(binary.op, BinOp::Or(_)) => {
            errors.on(binary, "a rule has no alternatives; write one rule for each condition");
            None
        }
        _ => not_a_constant(expr, errors),
    }
}

/// Returns whether the fourth part of a rule is a constant, and so probably a condition.
pub(super) fn looks_like_condition(part: &Expr) -> bool {
    let Expr::Path(path) = peel(part) else { return false };
    last_word(path).is_some_and(|word| word.to_string().chars().all(|c| c.is_ascii_uppercase() || c == '_'))
}

fn not_a_constant<T>(expr: &Expr, errors: &mut Errors) -> Option<T> {
    let text = token_text::tokens(expr);
    let message =
        format_args!("`{text}` is not the name of a condition; write that of a constant, such as `if OWNER`");
    errors.on(expr, message);
    None
}

/// Returns the call that adds the conditions to a rule.
pub(super) fn call(conditions: &[ExprPath]) -> Option<TokenStream> {
    let values = conditions.iter().map(|condition| expected(condition, "IsCondition", "same_condition"));
    (!conditions.is_empty()).then(|| quote!(.with_conditions(&[#(const #values),*])))
}
