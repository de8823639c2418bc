//! Parses ACL rules: `(Allow, Group("editors"), ["edit", Can::Comment])`, with `if OWNER` behind if it has a condition.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Expr, ExprPath, Lit, Token, parse::Parser as _, punctuated::Punctuated};

use super::{
    foreign_separators::with_commas,
    included_acls::{self, Input},
    row_attributes::{self, RowAttributes},
    rule_attribute::Label,
    rule_conditions,
    rule_permissions::{self, Permissions},
    rule_principal::{self, Principal},
    wildcard,
};
use crate::{
    attribute_args::reject_attributes,
    errors::Errors,
    name::peel,
    nearest_word::nearest,
    runtime_paths::{Runtime, split_off},
    token_text,
};

const ACTIONS: &[&str] = &["Allow", "Deny"];

/// One rule, with the user's own tokens.
pub(crate) struct Row {
    pub(crate) action: Ident,
    pub(crate) principal: Principal,
    pub(crate) permissions: Permissions,
    /// Constants, all of which have to hold for the rule to fire.
    pub(crate) conditions: Vec<ExprPath>,
    /// The doc comment in front of the rule.
    pub(crate) note: Option<String>,
    /// The attribute `#[rule(…)]` in front of the rule.
    pub(crate) label: Label,
    /// The tuple itself, for spans.
    pub(crate) group: Group,
}

/// Reads `$crate; rules`. A rule with a mistake is reported and left out.
pub(crate) fn input(input: TokenStream, errors: &mut Errors) -> (Option<Runtime>, Input) {
    match split_off(input, errors) {
        Some((runtime, rows)) => (Some(runtime), parse_rows(rows, errors)),
        None => (None, Input::default()),
    }
}

/// Splits at commas before any rule is read, so that a mistake stays within its rule.
fn parse_rows(tokens: TokenStream, errors: &mut Errors) -> Input {
    let mut list = Input::default();
    let mut attributes = RowAttributes::default();
    let mut chunk = Vec::new();
    let mut empty = true;
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        empty = false;
        match &token {
            TokenTree::Punct(punct) if matches!(punct.as_char(), ',' | ';') => {
                if punct.as_char() == ';' {
                    errors.on(&token, "rules are separated by commas; write `,` in place of `;`");
                } else if chunk.is_empty() {
                    errors.on(&token, "a rule is expected before this `,`; remove it");
                }
                parse_chunk(&mut chunk, &mut attributes, &mut list, errors);
            }
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                let attribute = row_attributes::attribute(token, &mut tokens);
                attributes.read(attribute, chunk.is_empty(), errors);
            }
            _ => {
                reject_attributes(&token.to_token_stream(), errors);
                chunk.push(token);
            }
        }
    }
    parse_chunk(&mut chunk, &mut attributes, &mut list, errors);
    if empty {
        let message = "an ACL needs rules; to deny everything, write `(Deny, Everyone, ALL)`";
        errors.at(Span::call_site(), message);
    }
    list
}

/// Reads the tokens between two commas: one tuple, or several if a comma is missing.
fn parse_chunk(
    chunk: &mut Vec<TokenTree>,
    attributes: &mut RowAttributes,
    list: &mut Input,
    errors: &mut Errors,
) {
    let tuples = chunk.iter().all(|token| as_tuple(token).is_some());
    if chunk.is_empty() || !tuples {
        attributes.reject(errors);
    }
    if list.take(chunk, errors) {
        chunk.clear();
        return;
    }
    let mut seen = 0_usize;
    if !tuples {
        not_a_row(chunk, errors);
        chunk.clear();
        return;
    }
    for token in chunk.drain(..) {
        if seen > 0 {
            errors.syntax(syn::Error::new(opening(&token), "expected `,`"));
        }
        seen = seen.saturating_add(1);
        if let Some(group) = as_tuple(&token) {
            let (label, note) = attributes.take();
            list.rows.extend(parse_row(&group, errors).map(|row| Row { note, label, ..row }));
        }
    }
}

/// Returns the parenthesized group, without the invisible groups of `macro_rules!` or the extra parentheses
/// that editors show in their place.
fn as_tuple(token: &TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = token else { return None };
    let mut inside = group.stream().into_iter();
    let only = inside.next().filter(|_| inside.next().is_none());
    let within = only.and_then(|only| as_tuple(&only));
    match group.delimiter() {
        Delimiter::Parenthesis => Some(within.unwrap_or_else(|| group.clone())),
        Delimiter::None => within,
        Delimiter::Brace | Delimiter::Bracket => None,
    }
}

fn opening(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) => group.span_open(),
        _ => token.span(),
    }
}

fn not_a_row(chunk: &[TokenTree], errors: &mut Errors) {
    let tokens: TokenStream = chunk.iter().cloned().collect();
    match chunk {
        // `Allow(Everyone, ["view"])`
        [TokenTree::Ident(word), TokenTree::Group(rest)] if is_action(word) => {
            let (word_text, rest) = (word.to_string(), token_text::tokens(rest.stream()));
            errors.on(word, format_args!("a rule is a tuple; write `({word_text}, {rest})`"));
        }
        // `[Allow, Everyone, ["view"]]`
        [TokenTree::Group(group)] => {
            let inside = token_text::tokens(group.stream());
            errors.on(group, format_args!("a rule is a tuple; write `({inside})`"));
        }
        _ => match included_acls::hint(chunk) {
            Some(hint) => errors.on(tokens, hint),
            None => {
                errors.on(tokens, "a rule is a tuple; write it as `(Allow, Group(\"editors\"), [\"edit\"])`");
            }
        },
    }
}

fn is_action(word: &Ident) -> bool {
    nearest(&word.to_string(), ACTIONS.iter().copied()).is_some()
}

fn parse_row(group: &Group, errors: &mut Errors) -> Option<Row> {
    let (stream, conditions) = rule_conditions::split(group.stream(), errors)?;
    let stream = with_commas(stream, errors);
    let parts = match Punctuated::<Expr, Token![,]>::parse_terminated.parse2(stream) {
        Ok(parts) => parts.into_iter().collect::<Vec<_>>(),
        Err(error) => {
            if !wildcard::report_bare(group.stream(), errors) {
                errors.syntax(error);
            }
            return None;
        }
    };
    let [action, principal, permissions] = parts.as_slice() else {
        wrong_number_of_parts(&parts, group, errors);
        return None;
    };
    let action = parse_action(action, errors);
    let principal = rule_principal::parse(principal, errors);
    let permissions = rule_permissions::parse(permissions, errors);
    Some(Row {
        action: action?,
        principal: principal?,
        permissions: permissions?,
        conditions,
        note: None,
        label: Label::default(),
        group: group.clone(),
    })
}

fn wrong_number_of_parts(parts: &[Expr], group: &Group, errors: &mut Errors) {
    let count = parts.len();
    let shape = "`(Allow, Group(\"editors\"), [\"edit\"])`";
    if let [_, _, _, fourth] = parts
        && rule_conditions::looks_like_condition(fourth)
    {
        let text = token_text::tokens(fourth);
        errors.on(fourth, format_args!("a condition follows `if`; write `if {text}`"));
        return;
    }
    if let Some(fourth) = parts.get(3) {
        let message = format_args!(
            "a rule has three parts (action, user or group, permissions), not {count}; remove this one, or \
             write it as {shape}"
        );
        errors.on(fourth, message);
        return;
    }
    let missing = match parts {
        [first, ..] if word(first).is_none_or(|word| !ACTIONS.contains(&word.to_string().as_str())) => {
            "action"
        }
        [_, second] if matches!(peel(second), Expr::Array(_) | Expr::Lit(_)) => "user or group",
        [_, _] => "list of permissions",
        _ => "user or group",
    };
    let message = format_args!(
        "a rule has three parts (action, user or group, permissions), and the {missing} is missing; \
         write it as {shape}"
    );
    // The part is missing beside the last one, or in front of all.
    let neighbour = if missing == "action" { parts.first() } else { parts.last() };
    match neighbour {
        Some(part) => errors.on(part, message),
        None => errors.on(group, message),
    }
}

fn parse_action(expr: &Expr, errors: &mut Errors) -> Option<Ident> {
    if let Some(word) = word(expr) {
        if ACTIONS.contains(&word.to_string().as_str()) {
            return Some(word.clone());
        }
        errors.unknown(word, "action", ACTIONS);
        return None;
    }
    match quoted(expr).and_then(|text| nearest(&text, ACTIONS.iter().copied())) {
        Some(near) => {
            errors.on(expr, format_args!("an action is a word without quotation marks; write `{near}`"));
        }
        None => errors.on(expr, "a rule begins with its action; write `Allow` or `Deny`"),
    }
    None
}

/// Returns the last segment of a path, so that `acl::Allow` works without an import.
fn word(expr: &Expr) -> Option<&Ident> {
    match peel(expr) {
        Expr::Path(path) => last_word(path),
        _ => None,
    }
}

pub(super) fn last_word(path: &ExprPath) -> Option<&Ident> {
    path.path.segments.last().map(|segment| &segment.ident)
}

fn quoted(expr: &Expr) -> Option<String> {
    let Expr::Lit(literal) = peel(expr) else { return None };
    let Lit::Str(text) = &literal.lit else { return None };
    Some(text.value())
}
