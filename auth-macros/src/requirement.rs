//! Parses the requirement of a guard: the arguments before the options.

use proc_macro2::Ident;
use syn::Expr;

use crate::{
    acl_argument::{check_context, looks_like_context, looks_like_permission},
    attribute_kind::{Form, Kind},
    errors::{Errors, alternatives},
    name::{bare_word, peel},
    options,
    permission_expression::Permission,
    token_text,
};

/// The requirement of a guard.
pub(crate) enum Requirement {
    Acl(Permission, Box<Expr>),
    Anonymous,
    Authenticated,
    Permission(Permission),
    /// The policy decides about the named argument of the handler.
    PolicyResource(Permission, Ident),
    /// The named argument of the handler is a resource with its own rules.
    Resource(Permission, Ident),
    Scope(Permission),
}

impl Requirement {
    /// Returns the name of the argument that the guard decides about.
    pub(crate) const fn argument(&self) -> Option<&Ident> {
        match self {
            Self::PolicyResource(_, resource) | Self::Resource(_, resource) => Some(resource),
            Self::Acl(..) | Self::Anonymous | Self::Authenticated | Self::Permission(_) | Self::Scope(_) => {
                None
            }
        }
    }
}

/// Parses the requirement. Returns `None` after reporting a mistake.
pub(crate) fn read(kind: Kind, form: Form, asked: &[Expr], errors: &mut Errors) -> Option<Requirement> {
    if let (Kind::Acl, [first, second, _, ..]) = (kind, asked)
        && looks_like_permission(second)
    {
        let (first, second_text) = (token_text::tokens(first), token_text::tokens(second));
        let message = format_args!(
            "several permissions are written as one; write `any({first}, {second_text})` or `all({first}, {second_text})`"
        );
        errors.on(second, message);
        return None;
    }
    for extra in asked.iter().skip(kind.positions()) {
        extra_argument(kind, form, asked, extra, errors);
    }
    match (kind, asked) {
        (Kind::Anonymous, _) => Some(Requirement::Anonymous),
        (Kind::Auth, _) => Some(Requirement::Authenticated),
        (Kind::Permission, []) => {
            let example = kind.written(form, "Can::Edit");
            errors.missing(format_args!("the permission is missing; write `{example}`"));
            None
        }
        (Kind::Permission, [permission, second, ..]) => {
            let Some(resource) = argument_name(second) else {
                extra_argument(kind, form, asked, second, errors);
                // Where an ACL shall be asked, there need not be an enum.
                return looks_like_permission(second)
                    .then(|| Permission::declared(permission, errors))
                    .flatten()
                    .map(Requirement::Permission);
            };
            let permission = Permission::declared(permission, errors);
            if form == Form::Layer {
                let message = format_args!("a layer has no argument `{resource}`; remove it");
                errors.on(second, message);
                return None;
            }
            Some(Requirement::PolicyResource(permission?, resource.clone()))
        }
        (Kind::Permission, [permission]) => {
            Permission::declared(permission, errors).map(Requirement::Permission)
        }
        (Kind::Scope, []) => {
            let example = kind.written(form, "\"articles:read\"");
            errors.missing(format_args!("the scope is missing; write `{example}`"));
            None
        }
        (Kind::Scope, listed) => Permission::of_scopes(listed, errors).map(Requirement::Scope),
        (Kind::Acl, []) => {
            let example = kind.written(form, "\"edit\", ARTICLES");
            errors.missing(format_args!("the permission and the ACL are missing; write `{example}`"));
            None
        }
        (Kind::Acl, [only]) => acl_with_one_argument(form, only, errors),
        (Kind::Acl, [permission, context, ..]) => acl(form, permission, context, errors),
    }
}

fn acl_with_one_argument(form: Form, only: &Expr, errors: &mut Errors) -> Option<Requirement> {
    if looks_like_context(only) {
        let example = Kind::Acl.written(form, &format!("\"edit\", {}", token_text::tokens(only)));
        errors.on(only, format_args!("the permission is missing; write `{example}`"));
    } else {
        // If the permission is wrong as well, the remedy shows an example.
        let permission = Permission::from_expr(only, errors);
        let text = permission.map_or_else(|| "\"edit\"".to_owned(), |permission| permission.text());
        let example = Kind::Acl.written(form, &format!("{text}, ARTICLES"));
        errors.on(only, format_args!("the ACL is missing; write `{example}`"));
    }
    None
}

fn acl(form: Form, permission: &Expr, context: &Expr, errors: &mut Errors) -> Option<Requirement> {
    if looks_like_context(permission) && looks_like_permission(context) {
        let (first, second) = (token_text::tokens(context), token_text::tokens(permission));
        errors.on(permission, format_args!("the permission comes first; write `{first}, {second}`"));
        return None;
    }
    let permission = Permission::from_expr(permission, errors);
    if let Some(resource) = argument_name(context) {
        if form == Form::Layer {
            let message =
                format_args!("a layer has no argument `{resource}`; name an ACL such as `ARTICLES`");
            errors.on(context, message);
            return None;
        }
        return Some(Requirement::Resource(permission?, resource.clone()));
    }
    let context = check_context(context, errors).then(|| Box::new(peel(context).clone()));
    Some(Requirement::Acl(permission?, context?))
}

/// Returns the word, if the expression may be the name of one of the handler's arguments.
fn argument_name(expr: &Expr) -> Option<&Ident> {
    let Expr::Path(path) = peel(expr) else { return None };
    bare_word(path)
}

fn extra_argument(kind: Kind, form: Form, asked: &[Expr], extra: &Expr, errors: &mut Errors) {
    let text = token_text::tokens(extra);
    let permissions = looks_like_permission(extra);
    let remedy = match kind {
        Kind::Anonymous if form == Form::Layer && permissions => format!("write `reason = {text}`"),
        Kind::Anonymous => "remove it, since everybody may call this handler".to_owned(),
        Kind::Auth if permissions => {
            format!(
                "write `{}` to ask for a permission",
                Kind::Acl.written(form, &format!("{text}, ARTICLES"))
            )
        }
        Kind::Permission if !permissions => {
            let first = asked.first().map_or_else(String::new, token_text::tokens);
            format!("write `{}` to ask an ACL", Kind::Acl.written(form, &format!("{first}, {text}")))
        }
        Kind::Auth if looks_like_context(extra) => {
            format!("write `{}` to ask an ACL", Kind::Acl.written(form, &format!("\"edit\", {text}")))
        }
        Kind::Acl | Kind::Permission if permissions => {
            "list several permissions with `any(…)` or `all(…)`".to_owned()
        }
        Kind::Acl | Kind::Auth | Kind::Permission | Kind::Scope => {
            format!("expected an option: {}", alternatives(&options::words(kind, form)))
        }
    };
    let guard = kind.written(form, "");
    errors.on(extra, format_args!("`{text}` is one argument too many for `{guard}`; {remedy}"));
}
