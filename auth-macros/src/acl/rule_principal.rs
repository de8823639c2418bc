//! Parses the second part of a rule: the principal that it matches.

use std::fmt::Display;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Expr, ExprCall, ExprPath, Lit, LitStr};

use super::parse_rules::last_word;
use crate::{
    errors::Errors,
    name::{Name, Noun, checked_text, is_lower, peel},
    nearest_word::nearest,
    token_text,
};

const WORDS: &[&str] = &["Everyone", "Authenticated", "User", "Group", "Service"];

/// The principal of a rule, with the user's own keyword.
pub(crate) enum Principal {
    Authenticated(Ident),
    Everyone(Ident),
    Group(Ident, Name),
    /// With the name in the source, not the id
    Service(Ident, LitStr),
    User(Ident, LitStr),
}

pub(super) fn parse(expr: &Expr, errors: &mut Errors) -> Option<Principal> {
    match peel(expr) {
        Expr::Call(call) => called_principal(call, errors),
        Expr::Lit(literal) => {
            let literal = literal.to_token_stream();
            bare_name(&literal, &literal, errors)
        }
        Expr::Path(path) => plain_principal(path, errors),
        _ => {
            errors.on(
                expr,
                "a user or group is expected here; write `Everyone`, `Authenticated`, `User(\"…\")`, `Group(\"…\")` or `Service(\"…\")`",
            );
            None
        }
    }
}

fn plain_principal(path: &ExprPath, errors: &mut Errors) -> Option<Principal> {
    let word = last_word(path)?;
    match word.to_string().as_str() {
        "Authenticated" => return Some(Principal::Authenticated(word.clone())),
        "Everyone" => return Some(Principal::Everyone(word.clone())),
        "Group" => errors.on(word, "`Group` needs a name; write `Group(\"editors\")`"),
        "Service" => errors.on(word, "`Service` needs a name; write `Service(\"billing\")`"),
        "User" => errors.on(word, "`User` needs an id; write `User(\"mallory\")`"),
        text if nearest(text, WORDS.iter().copied()).is_some() => {
            errors.unknown(word, "user or group", WORDS);
        }
        text if is_lower(word) => {
            let quoted = format!("\"{text}\"");
            return bare_name(path, &quoted, errors);
        }
        // `Role::Admin` without `Group(…)` around it.
        _ if path.path.segments.len() > 1 => {
            let text = token_text::tokens(path);
            errors.on(path, format_args!("`{text}` is not a user or group; write `Group({text})`"));
        }
        text => {
            let message = format_args!(
                "unknown user or group `{text}`; expected `Everyone`, `Authenticated`, `User(\"…\")`, `Group(\"…\")` or `Service(\"…\")`"
            );
            errors.on(word, message);
        }
    }
    None
}

/// Reports a bare name, which could be a user or a group.
fn bare_name(found: &impl ToTokens, name: &impl Display, errors: &mut Errors) -> Option<Principal> {
    let message =
        format_args!("a name alone is not a user or group; write `Group({name})` or `User({name})`");
    errors.on(found, message);
    None
}

fn called_principal(call: &ExprCall, errors: &mut Errors) -> Option<Principal> {
    let Expr::Path(path) = peel(&call.func) else {
        errors.on(
            &call.func,
            "a user or group is expected here; write `Everyone`, `Authenticated`, `User(\"…\")`, `Group(\"…\")` or `Service(\"…\")`",
        );
        return None;
    };
    let word = last_word(path)?;
    match word.to_string().as_str() {
        "Group" => {
            let name = only_argument(word, "one name; write `Group(\"editors\")`", call, errors)?;
            Name::from_expr(name, Noun::Group, errors).map(|name| Principal::Group(word.clone(), name))
        }
        "Service" => {
            let name = only_argument(word, "one name; write `Service(\"billing\")`", call, errors)?;
            service_name(name, errors).map(|name| Principal::Service(word.clone(), name))
        }
        "User" => {
            let id = only_argument(word, "one id; write `User(\"mallory\")`", call, errors)?;
            user_id(id, |name| format!("Service({name:?})"), errors)
                .map(|id| Principal::User(word.clone(), id))
        }
        text @ ("Authenticated" | "Everyone") => {
            errors.on(call, format_args!("`{text}` takes no arguments; write `{text}`"));
            None
        }
        _ => {
            errors.unknown(word, "user or group", WORDS);
            None
        }
    }
}

fn only_argument<'a>(
    word: &Ident,
    remedy: &str,
    call: &'a ExprCall,
    errors: &mut Errors,
) -> Option<&'a Expr> {
    let mut arguments = call.args.iter();
    match (arguments.next(), arguments.next()) {
        (Some(only), None) => Some(only),
        (None, _) => {
            errors.on(call, format_args!("`{word}` takes {remedy}"));
            None
        }
        (_, Some(second)) => {
            errors.on(second, format_args!("`{word}` takes {remedy}, and one rule for each"));
            None
        }
    }
}

/// How the ids of services begin: `auth_acl::__private::SERVICE_PREFIX`.
const SERVICE_PREFIX: &str = "service:";

/// Returns the id of a service by its name in the source.
pub(crate) fn service_id(name: &LitStr) -> LitStr {
    LitStr::new(&format!("{SERVICE_PREFIX}{}", name.value()), name.span())
}

pub(crate) fn service_name(expr: &Expr, errors: &mut Errors) -> Option<LitStr> {
    if let Expr::Lit(literal) = peel(expr)
        && let Lit::Str(name) = &literal.lit
    {
        let value = name.value();
        if let Some(bare) = value.strip_prefix(SERVICE_PREFIX) {
            let message =
                format_args!("the name of a service is without `{SERVICE_PREFIX}`; write `{bare:?}`");
            errors.on(name, message);
            return None;
        }
        return checked_text(name, Noun::Service, errors).then(|| name.clone());
    }
    errors.on(expr, "service names are strings; write for example `\"billing\"`");
    None
}

/// Returns the id of a user; `service` writes the name of a service as the source has to.
pub(crate) fn user_id(expr: &Expr, service: impl Fn(&str) -> String, errors: &mut Errors) -> Option<LitStr> {
    if let Expr::Lit(literal) = peel(expr)
        && let Lit::Str(id) = &literal.lit
    {
        let value = id.value();
        if let Some(name) = value.strip_prefix(SERVICE_PREFIX) {
            errors.on(id, format_args!("`{value}` is the id of a service; write `{}`", service(name)));
            return None;
        }
        return checked_text(id, Noun::User, errors).then(|| id.clone());
    }
    let message = match peel(expr) {
        Expr::Path(path) if is_number_or_word(expr) => {
            format!("user ids are strings; write `\"{}\"`", token_text::tokens(path))
        }
        Expr::Lit(_) | Expr::Unary(_) if is_number_or_word(expr) => {
            format!("user ids are strings; write `\"{}\"`", token_text::tokens(expr))
        }
        _ => "user ids are strings; write for example `\"mallory\"`".to_owned(),
    };
    errors.on(expr, message);
    None
}

fn is_number_or_word(expr: &Expr) -> bool {
    match peel(expr) {
        Expr::Lit(literal) => matches!(literal.lit, Lit::Int(_)),
        Expr::Path(path) => last_word(path).is_some_and(is_lower) && path.path.segments.len() == 1,
        _ => false,
    }
}
