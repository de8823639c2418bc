//! Parses one statement of an assertion:
//! `anonymous cannot "edit"`, `only group "admins" can "delete"`,
//! `nobody has both "request" and "approve"`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens as _;
use syn::{
    Lifetime, Token,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
};

use super::{
    statement_permissions,
    statement_subject::{self, Only, Subject},
};
use crate::{errors::Errors, name::Name, nearest_word::nearest};

const VERBS: &[&str] = &["can", "cannot"];

/// A statement and its tokens.
pub(crate) struct Statement {
    pub(crate) claim: Claim,
    pub(crate) tokens: TokenStream,
}

/// The claim of a statement, made for each of its permissions.
pub(crate) enum Claim {
    Can(Subject, Vec<Name>),
    Cannot(Subject, Vec<Name>),
    /// No caller has a permission of the first list together with one of the second.
    NotBoth(Vec<Name>, Vec<Name>),
    Only(Only, Vec<Name>),
}

/// Reads the tokens between two semicolons: one statement, or several if a semicolon is missing.
pub(super) fn parse(chunk: TokenStream, statements: &mut Vec<Statement>, errors: &mut Errors) {
    let read = |input: ParseStream<'_>| {
        while !input.is_empty() {
            let begin = input.fork().parse::<TokenStream>()?;
            let claim = claim(input, errors);
            let rest = input.fork().parse::<TokenStream>()?.into_iter().count();
            let length = begin.clone().into_iter().count().saturating_sub(rest);
            match claim {
                Some(claim) => {
                    statements.push(Statement { claim, tokens: begin.into_iter().take(length).collect() });
                }
                None if rest == 0 || !statement_subject::begins(input) => return skip(input),
                None => {}
            }
            check_end(input, errors)?;
        }
        Ok(())
    };
    if let Err(error) = read.parse2(chunk) {
        errors.syntax(error);
    }
}

/// Drops the rest of a statement that has been reported.
fn skip(input: ParseStream<'_>) -> syn::Result<()> {
    input.parse::<TokenStream>().map(drop)
}

// A statement ends with its permissions; the next one needs a `;` before it.
fn check_end(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
    if input.is_empty() {
        return Ok(());
    }
    if statement_subject::begins(input) {
        errors.at(input.span(), "statements are separated by semicolons; write a `;` before this one");
        return Ok(());
    }
    let list = input.peek(Token![,])
        || input.fork().parse::<Ident>().is_ok_and(|word| word == "and" || word == "or");
    let message = if list {
        "several permissions are a list; write `[\"edit\", \"delete\"]`"
    } else {
        "a statement ends with its permissions; write a `;` before this"
    };
    errors.at(input.span(), message);
    skip(input)
}

/// Reads one claim. Returns `None` after reporting a mistake.
fn claim(input: ParseStream<'_>, errors: &mut Errors) -> Option<Claim> {
    match statement_subject::peek(input).as_deref() {
        Some("nobody") => nobody(input, errors),
        Some("only") => only(input, errors),
        _ => about(input, errors),
    }
}

/// `anonymous cannot "edit"`
fn about(input: ParseStream<'_>, errors: &mut Errors) -> Option<Claim> {
    let (begin, span) = (input.cursor(), input.span());
    let subject = statement_subject::parse(input, errors);
    if input.cursor() == begin {
        return None;
    }
    let verb = verb(span, input, VERBS, errors)?;
    let can = verb == "can";
    let permissions = statement_permissions::parse(input, &verb, errors);
    match subject? {
        Subject::Everyone(word) if !can => {
            errors.on(
                quote::quote!(#word #verb),
                "`everyone cannot` can be read in two ways; write `nobody can`",
            );
            None
        }
        subject if can => Some(Claim::Can(subject, permissions?)),
        subject => Some(Claim::Cannot(subject, permissions?)),
    }
}

/// `nobody can "purge"`, `nobody has both "request" and "approve"`
fn nobody(input: ParseStream<'_>, errors: &mut Errors) -> Option<Claim> {
    let nobody = input.call(Ident::parse_any).ok()?;
    if statement_subject::peek(input).is_some_and(|word| nearest(&word, ["has", "have"]).is_some()) {
        return not_both(input, errors);
    }
    let verb = verb(nobody.span(), input, &["can", "has both"], errors)?;
    let permissions = statement_permissions::parse(input, &verb, errors);
    if verb == "cannot" {
        errors.on(quote::quote!(#nobody #verb), "two negations cancel out; write `everyone can`");
        return None;
    }
    Some(Claim::Cannot(Subject::Everyone(nobody), permissions?))
}

/// Reads `has both "request" and "approve"` after `nobody`.
fn not_both(input: ParseStream<'_>, errors: &mut Errors) -> Option<Claim> {
    let has = input.call(Ident::parse_any).ok()?;
    if has != "has" {
        errors.unknown(&has, "verb", &["can", "has both"]);
        return None;
    }
    if statement_subject::peek(input).as_deref() != Some("both") {
        let remedy = "write `nobody has both \"request\" and \"approve\"`, or `nobody can \"edit\"`";
        errors.on(&has, format_args!("`nobody has` takes two permissions; {remedy}"));
        return None;
    }
    let both = input.call(Ident::parse_any).ok()?;
    let first = statement_permissions::parse(input, &both, errors)?;
    if statement_subject::peek(input).as_deref() != Some("and") {
        let span = if input.is_empty() { both.span() } else { input.span() };
        errors.at(span, "`both` takes two permissions; write `both \"request\" and \"approve\"`");
        return None;
    }
    let and = input.call(Ident::parse_any).ok()?;
    let second = statement_permissions::parse(input, &and, errors)?;
    Some(Claim::NotBoth(first, second))
}

/// `only group "admins" can "delete"`
fn only(input: ParseStream<'_>, errors: &mut Errors) -> Option<Claim> {
    let only = input.call(Ident::parse_any).ok()?;
    let (begin, span) = (input.cursor(), only.span());
    let principal = statement_subject::parse_only(&only, input, errors);
    if input.cursor() == begin {
        return None;
    }
    let verb = verb(span, input, &["can"], errors)?;
    let permissions = statement_permissions::parse(input, &verb, errors);
    let principal = principal?;
    if verb == "cannot" {
        errors.on(verb, "`only` goes with `can`; write `can`, or leave `only` out");
        return None;
    }
    Some(Claim::Only(principal, permissions?))
}

/// Reads `can` or `cannot`. A missing verb has no span, so the subject is underlined.
fn verb(subject: Span, input: ParseStream<'_>, known: &[&str], errors: &mut Errors) -> Option<Ident> {
    let span = if input.is_empty() { subject } else { input.span() };
    let Ok(word) = input.call(Ident::parse_any) else {
        let last = crate::errors::alternatives(known);
        errors.at(span, format_args!("a verb is expected here; write {last}"));
        return None;
    };
    if word == "can" && input.peek(Lifetime) {
        let rest = input.parse::<Lifetime>().ok();
        errors.on(quote::quote!(#word #rest), "verbs are written without an apostrophe; write `cannot`");
        return None;
    }
    if word == "can" && statement_subject::peek(input).as_deref() == Some("not") {
        let not = input.call(Ident::parse_any).ok();
        errors.on(quote::quote!(#word #not), "`can not` is one word; write `cannot`");
        return None;
    }
    if VERBS.contains(&word.to_string().as_str()) {
        return Some(word);
    }
    // Never suggest `can` for a negation: `cant` is nearer to `can` by edit distance.
    if word.to_string().ends_with('t') && known.contains(&"cannot") {
        errors.unknown(word.to_token_stream(), "verb", &["cannot"]);
    } else {
        errors.unknown(word.to_token_stream(), "verb", known);
    }
    None
}
