//! Checks a guarded handler, one function per rule. All of them run, so that one build reports every mistake.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{Attribute, FnArg, GenericParam, PatType, Safety, Type};

use crate::{
    attribute_kind::Kind,
    csrf_form_argument,
    errors::Errors,
    handler::{Handler, Place, words},
    name::Noun,
    parsed_guard::Guard,
    permission_expression::Permission,
    requirement::Requirement,
    resource_argument, token_text,
};

/// The maximum number of arguments of an axum handler.
const MOST_ARGUMENTS: usize = 16;

/// Extractors of axum that read the body.
const BODIES: &[&str] = &["Bytes", "CsrfForm", "Form", "Json", "Multipart", "String"];

pub(crate) fn handler(kind: Kind, handler: &Handler, errors: &mut Errors) {
    check_qualifiers(handler, errors);
    check_async(handler, errors);
    check_receiver(handler, errors);
    check_self_type(handler, errors);
    check_variadic(handler, errors);
    check_number_of_arguments(handler, errors);
    check_body_is_last(handler, errors);
    check_argument_types(handler, errors);
    check_combination(kind, handler, errors);
}

pub(crate) fn guard(guard: &Guard, errors: &mut Errors) {
    check_repeated_permissions(guard, errors);
    check_resource(guard, errors);
    guard.options.check(&guard.requirement, errors);
    csrf_form_argument::check_argument(guard, errors);
    check_no_generics(guard, errors);
}

// axum awaits handlers, and the guard awaits before the body runs.
fn check_async(handler: &Handler, errors: &mut Errors) {
    if handler.sig.asyncness.is_none() {
        let (fn_token, name) = (handler.sig.fn_token, &handler.sig.ident);
        errors.on(fn_token, format_args!("a guarded handler must be `async`; write `async fn {name}`"));
    }
}

// axum cannot call a function with any of these qualifiers.
fn check_qualifiers(handler: &Handler, errors: &mut Errors) {
    let sig = &handler.sig;
    if let Some(constness) = sig.constness {
        errors.on(constness, "a handler cannot be `const`; remove it");
    }
    if let Safety::Unsafe(word) = sig.safety {
        errors.on(word, "a handler cannot be `unsafe`; remove it and use an `unsafe` block in the body");
    }
    if let Some(abi) = &sig.abi {
        errors.on(abi, format_args!("a handler cannot be `{}`; remove it", abi.to_token_stream()));
    }
}

fn check_receiver(handler: &Handler, errors: &mut Errors) {
    for argument in &handler.sig.inputs {
        if let FnArg::Receiver(receiver) = argument {
            errors.on(receiver, "a handler cannot take `self`; take the value as `State`");
        }
    }
}

// The guard is a type next to the function, and an `impl` block cannot hold a type. `#[guards]` puts it before
// the block.
fn check_self_type(handler: &Handler, errors: &mut Errors) {
    if matches!(handler.place, Place::Module)
        && let Some(word) = find_word(handler.sig.to_token_stream(), &|word| word == "Self")
    {
        errors.on(
            word,
            "a guard in an `impl` block needs `#[guards]`; write it above the `impl` [inside-an-impl-block]",
        );
    }
}

/// Returns the first wanted word that begins a path.
fn find_word(tokens: TokenStream, wanted: &dyn Fn(&Ident) -> bool) -> Option<Ident> {
    let mut colons = 0_u8;
    tokens.into_iter().find_map(|token| {
        let first_of_path = colons < 2;
        let colon = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ':');
        colons = if colon { colons.saturating_add(1) } else { 0 };
        match token {
            TokenTree::Group(group) => find_word(group.stream(), wanted),
            TokenTree::Ident(ident) if first_of_path && wanted(&ident) => Some(ident),
            _ => None,
        }
    })
}

fn check_variadic(handler: &Handler, errors: &mut Errors) {
    if let Some(variadic) = &handler.sig.variadic {
        errors.on(variadic.dots, "a handler has a fixed number of arguments; remove `...`");
    }
}

// Do not count arguments under `cfg`: they may be absent, and axum counts them later.
fn check_number_of_arguments(handler: &Handler, errors: &mut Errors) {
    let certain: Vec<_> = handler.own_arguments().filter(|argument| !has_cfg(argument)).collect();
    let mut surplus = certain.iter().skip(MOST_ARGUMENTS.saturating_sub(1));
    if let Some(first) = surplus.next() {
        let (count, name) = (certain.len(), handler.name());
        let message = format_args!(
            "axum takes {MOST_ARGUMENTS} arguments and the guard is one of them, but `{name}` has {count} of its \
             own; nest extractors, as in `(a, b): (A, B)`"
        );
        errors.on(first, message);
    }
}

// A body can be read once, and axum reads it in the last argument.
fn check_body_is_last(handler: &Handler, errors: &mut Errors) {
    // The lowest of several guards reports it, so that it is reported once.
    if handler.guards_below().next().is_some() {
        return;
    }
    let certain: Vec<_> = handler.own_arguments().filter(|argument| !has_cfg(argument)).collect();
    let Some((FnArg::Typed(last), others)) = certain.split_last() else { return };
    for argument in others {
        let FnArg::Typed(PatType { pat, ty, .. }) = argument else { continue };
        if let Some(word) = body_extractor(ty) {
            let (pattern, last) = (token_text::tokens(pat), token_text::tokens(&last.pat));
            errors.on(
                ty,
                format_args!(
                    "`{word}` reads the body and must be the last argument; move `{pattern}` behind `{last}`"
                ),
            );
        }
    }
}

/// Returns the name of an extractor that reads the body.
pub(crate) fn body_extractor(ty: &Type) -> Option<&Ident> {
    let Type::Path(path) = ty else { return None };
    let word = &path.path.segments.last()?.ident;
    BODIES.iter().any(|body| word == body).then_some(word)
}

// Extractors return values, and axum reports other types without saying which argument is meant.
fn check_argument_types(handler: &Handler, errors: &mut Errors) {
    // The lowest of several guards reports them, so that they are reported once.
    if handler.guards_below().next().is_some() {
        return;
    }
    for argument in handler.own_arguments() {
        if let FnArg::Typed(PatType { ty, .. }) = argument
            && let Some(message) = never_extracted(ty)
        {
            errors.on(ty, message);
        }
    }
}

/// Returns the message about a type that no extractor has.
pub(crate) fn never_extracted(ty: &Type) -> Option<String> {
    let text = token_text::tokens(ty);
    if matches!(text.as_str(), "Option<Auth>" | "Option<auth_runtime::Auth>") {
        return Some("`Auth` is there for anonymous requests, too; write `Auth`".to_owned());
    }
    let Type::Reference(reference) = ty else { return None };
    let owned = token_text::tokens(&reference.elem);
    let owned = if owned == "str" { "String" } else { owned.as_str() };
    Some(format!("a handler owns its arguments; write `{owned}`"))
}

fn has_cfg(argument: &FnArg) -> bool {
    cfg_of(argument).is_some()
}

/// Returns the attribute that can remove the argument from a build.
pub(crate) fn cfg_of(argument: &FnArg) -> Option<&Attribute> {
    let attrs = match argument {
        FnArg::Receiver(receiver) => &receiver.attrs,
        FnArg::Typed(typed) => &typed.attrs,
    };
    attrs.iter().find(|attr| attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr"))
}

// A handler is either public or guarded.
fn check_combination(kind: Kind, handler: &Handler, errors: &mut Errors) {
    if let Some(above) = guard_above(handler) {
        combine(above, kind, errors.whole(), errors);
    }
    for (below, attr) in handler.guards_below() {
        combine(kind, below, syn::spanned::Spanned::span(attr.path()), errors);
    }
}

/// Returns the kind of the guard above; `allow_anonymous` takes precedence.
fn guard_above(handler: &Handler) -> Option<Kind> {
    let words: Vec<String> = words(handler.guard_above()?.ty.to_token_stream()).collect();
    let is = |kind: &Kind| words.iter().any(|word| word == kind.extractor());
    Some(Kind::Anonymous).filter(is).or_else(|| Kind::ALL.into_iter().find(is))
}

fn combine(first: Kind, second: Kind, span: Span, errors: &mut Errors) {
    let public = Kind::Anonymous.attribute();
    match (first, second) {
        (Kind::Anonymous, Kind::Anonymous) => {
            errors.at(span, format_args!("`#[{public}]` is repeated; remove one"));
        }
        (Kind::Anonymous, other) | (other, Kind::Anonymous) => {
            let other = other.attribute();
            let message = format_args!("`#[{public}]` cannot be combined with `#[{other}]`; remove one");
            errors.at(span, message);
        }
        _ => {}
    }
}

// Repeating a permission within one list changes nothing, so it is a typing error.
fn check_repeated_permissions(guard: &Guard, errors: &mut Errors) {
    match &guard.requirement {
        Requirement::Acl(permission, _)
        | Requirement::Permission(permission)
        | Requirement::PolicyResource(permission, _)
        | Requirement::Resource(permission, _) => {
            repeated(Noun::Permission, permission, errors);
        }
        Requirement::Scope(scopes) => repeated(Noun::Scope, scopes, errors),
        Requirement::Anonymous | Requirement::Authenticated => {}
    }
}

fn repeated(noun: Noun, permission: &Permission, errors: &mut Errors) {
    let (Permission::All(parts) | Permission::Any(parts)) = permission else { return };
    for (index, part) in parts.iter().enumerate() {
        repeated(noun, part, errors);
        let Permission::One(name) = part else { continue };
        let earlier = parts.iter().take(index).find_map(|earlier| match earlier {
            Permission::One(other) if other.key() == name.key() => Some(other),
            _ => None,
        });
        if let Some(first) = earlier {
            let message = format_args!("the {} `{}` is listed twice", noun.singular(), name.bare());
            errors.duplicate(name, message, first);
        }
    }
}

// The resource must be one of the handler's arguments.
fn check_resource(guard: &Guard, errors: &mut Errors) {
    match &guard.requirement {
        Requirement::Acl(_, context) => resource_argument::check_not_a_type(&guard.handler, context, errors),
        Requirement::PolicyResource(_, resource) | Requirement::Resource(_, resource) => {
            resource_argument::check(&guard.handler, resource, guard.options.from_body.is_some(), errors);
        }
        Requirement::Anonymous
        | Requirement::Authenticated
        | Requirement::Permission(_)
        | Requirement::Scope(_) => {}
    }
}

// The requirement is a constant next to the handler, where the handler's generics are not in scope.
fn check_no_generics(guard: &Guard, errors: &mut Errors) {
    let asked = match &guard.requirement {
        Requirement::Acl(permission, context) => {
            let names = permission.names();
            let shadow = &guard.options.shadow;
            quote!(#(#names,)* #context, #shadow)
        }
        Requirement::Permission(permission)
        | Requirement::PolicyResource(permission, _)
        | Requirement::Resource(permission, _) => {
            let names = permission.names();
            quote!(#(#names,)*)
        }
        Requirement::Anonymous | Requirement::Authenticated | Requirement::Scope(_) => return,
    };
    let is_generic = |word: &Ident| {
        guard.handler.sig.generics.params.iter().any(|param| match param {
            GenericParam::Const(param) => param.ident == *word,
            GenericParam::Lifetime(_) => false,
            GenericParam::Type(param) => param.ident == *word,
        })
    };
    if let Some(word) = find_word(asked, &|word| word == "Self" || is_generic(word)) {
        let message = format_args!(
            "a guard cannot depend on `{word}`; name a constant that is the same for every call"
        );
        errors.on(&word, message);
    }
}
