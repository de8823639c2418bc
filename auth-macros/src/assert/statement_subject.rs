//! Parses the subject of a statement: the callers that it is about.

use proc_macro2::{Ident, TokenTree};
use syn::{
    Expr, ExprPath, Lit, LitStr, Token,
    ext::IdentExt as _,
    parse::ParseStream,
    token::{Bracket, Paren},
};

use crate::{
    acl::rule_principal::{service_name, user_id},
    errors::Errors,
    name::{Name, Noun, is_lower},
    nearest_word::nearest,
    token_text,
};

const SUBJECTS: &[&str] =
    &["anonymous", "authenticated", "everyone", "group", "service", "user", "nobody", "only"];
const VERBS: &[&str] = &["can", "cannot", "has"];
const ONLY: &[&str] = &["authenticated", "group", "service", "user"];

/// The subject of a statement, with the user's own keyword.
pub(crate) enum Subject {
    Anonymous,
    Everyone(Ident),
    Principal(Only),
}

impl Subject {
    /// Returns the beginning of the statement that says the opposite: `anonymous cannot`.
    pub(crate) fn opposite(&self, can: bool) -> String {
        let verb = if can { "cannot" } else { "can" };
        match self {
            Self::Anonymous => format!("anonymous {verb}"),
            Self::Everyone(_) if can => "nobody can".to_owned(),
            Self::Everyone(_) => "everyone can".to_owned(),
            Self::Principal(Only::Authenticated(_)) => format!("authenticated {verb}"),
            Self::Principal(Only::Group(_, name)) => format!("group {} {verb}", token_text::tokens(name)),
            Self::Principal(Only::Service(_, name)) => {
                format!("service {} {verb}", token_text::tokens(name))
            }
            Self::Principal(Only::User(_, id)) => format!("user {} {verb}", token_text::tokens(id)),
        }
    }
}

/// A subject that can follow `only`.
pub(crate) enum Only {
    Authenticated(Ident),
    Group(Ident, Name),
    /// With the name in the source, not the id
    Service(Ident, LitStr),
    User(Ident, LitStr),
}

/// Returns the next word without consuming it.
pub(super) fn peek(input: ParseStream<'_>) -> Option<String> {
    input.fork().call(Ident::parse_any).ok().map(|word| word.to_string())
}

/// Returns whether the next word can begin a statement, even if misspelt.
pub(super) fn begins(input: ParseStream<'_>) -> bool {
    peek(input).is_some_and(|word| nearest(&word, SUBJECTS.iter().copied()).is_some())
}

/// Reads a subject. Returns `None` after reporting a mistake; the tokens are consumed either way.
pub(super) fn parse(input: ParseStream<'_>, errors: &mut Errors) -> Option<Subject> {
    match peek(input).as_deref() {
        Some("anonymous") => word(input).map(|_| Subject::Anonymous),
        Some("everyone") => word(input).map(Subject::Everyone),
        _ => principal(SUBJECTS, input, errors).map(Subject::Principal),
    }
}

/// Reads the subject after `only`.
pub(super) fn parse_only(only: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> Option<Only> {
    let message = match peek(input).as_deref() {
        Some("anonymous") => {
            "no rule can single out anonymous requests; write `authenticated cannot` if that is meant"
        }
        Some("everyone") => "`only everyone` excludes no caller; remove the statement",
        Some("nobody") => "`only nobody` is said with one word; write `nobody`",
        _ => return principal(ONLY, input, errors),
    };
    let word = word(input)?;
    errors.on(quote::quote!(#only #word), message);
    None
}

fn word(input: ParseStream<'_>) -> Option<Ident> {
    input.call(Ident::parse_any).ok()
}

fn principal(known: &[&str], input: ParseStream<'_>, errors: &mut Errors) -> Option<Only> {
    if input.peek(Lit) {
        let name: Lit = input.parse().ok()?;
        let text = token_text::tokens(&name);
        let message = format_args!("a name alone is not a subject; write `group {text}` or `user {text}`");
        errors.on(name, message);
        return None;
    }
    if input.peek(Token![::]) || input.peek2(Token![::]) {
        let path: ExprPath = input.parse().map_err(|error| errors.syntax(error)).ok()?;
        let text = token_text::tokens(&path);
        errors.on(path, format_args!("`{text}` is not a subject; write `group {text}`"));
        return None;
    }
    let span = input.span();
    if let Some(verb) = peek(input).filter(|word| VERBS.contains(&word.as_str())) {
        let message = format_args!("the subject is missing; write for example `group \"editors\" {verb}`");
        errors.at(span, message);
        return None;
    }
    let Some(found) = word(input) else {
        errors.at(
            span,
            format_args!("a subject is expected here; write {}", crate::errors::alternatives(known)),
        );
        return None;
    };
    match found.to_string().as_str() {
        "authenticated" => Some(Only::Authenticated(found)),
        "group" => group(found, input, errors),
        "service" => service(found, input, errors),
        "user" => user(found, input, errors),
        _ => {
            // `Group("editors")`, `grup "editors"`: consume the name as well, to show it in the remedy.
            let named =
                if input.peek(Paren) || input.peek(Lit) { input.parse::<TokenTree>().ok() } else { None };
            match (named, nearest(&found.to_string(), ["group", "service", "user"])) {
                (Some(TokenTree::Group(name)), Some(near)) => {
                    let name = token_text::tokens(name.stream());
                    errors.on(&found, format_args!("unknown subject `{found}`; write `{near} {name}`"));
                }
                _ => unknown(&found, known, errors),
            }
            None
        }
    }
}

fn unknown(found: &Ident, known: &[&str], errors: &mut Errors) {
    let text = found.to_string();
    if nearest(&text, known.iter().copied()).is_none() && is_lower(found) {
        let remedy = format!("write `group \"{text}\"` or `user \"{text}\"` if that is its name");
        errors.on(found, format_args!("unknown subject `{text}`; {remedy}"));
    } else {
        errors.unknown(found, "subject", known);
    }
}

fn group(word: Ident, input: ParseStream<'_>, errors: &mut Errors) -> Option<Only> {
    let name = named(&word, "editors", input, errors)?;
    Name::from_expr(&name, Noun::Group, errors).map(|name| Only::Group(word, name))
}

fn service(word: Ident, input: ParseStream<'_>, errors: &mut Errors) -> Option<Only> {
    let name = named(&word, "billing", input, errors)?;
    service_name(&name, errors).map(|name| Only::Service(word, name))
}

fn user(word: Ident, input: ParseStream<'_>, errors: &mut Errors) -> Option<Only> {
    let id = named(&word, "mallory", input, errors)?;
    user_id(&id, |name| format!("service {name:?}"), errors).map(|id| Only::User(word, id))
}

/// Reads the name after `group` or `user`.
fn named(word: &Ident, example: &str, input: ParseStream<'_>, errors: &mut Errors) -> Option<Expr> {
    if input.is_empty() || peek(input).is_some_and(|next| VERBS.contains(&next.as_str())) {
        errors.on(word, format_args!("`{word}` needs a name; write `{word} \"{example}\"`"));
        return None;
    }
    let listed = input.peek(Bracket);
    let expr: Expr = input.parse().map_err(|error| errors.syntax(error)).ok()?;
    if listed {
        errors.on(&expr, format_args!("a statement is about one {word}; write one statement for each"));
        return None;
    }
    Some(expr)
}
