//! Guards one of the handler's own arguments (object-level authorization): checks and wraps the argument that
//! a guard names.
//!
//! ```text
//! #[acl_required("edit", article)]
//! async fn edit(article: Article, form: Form<Edit>) { … }
//! =>
//! async fn edit(
//!     ResourceRequired { value: article, seal: (__auth_seal_edit) }: ResourceRequired<__only_a_router_calls_edit, Article>,
//!     form: Form<Edit>,
//! ) {
//!     __private::open_seal(__auth_seal_edit);
//!     { … }
//! }
//! ```
//!
//! The guard is one of the handler's arguments, so it must not disappear with that argument. Attributes that
//! could remove the argument are errors, and the body uses the seal that comes out of the guard: a function
//! without the guarded argument does not compile.
//!
//! Routers look at the first argument only. If the resource is not the first argument, the type of the first
//! one records that another guard follows: `AuthRequired<With<A, B>>`.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, Expr, FnArg, Pat, PatType, Type, ext::IdentExt as _, spanned::Spanned as _};

use crate::{
    errors::Errors,
    handler::{Handler, MARKER, is_guarded, words, words_of},
    handler_check::body_extractor,
    handler_response_check,
    name::{lone_word, peel},
    nearest_word::nearest,
    requirement::Requirement,
    runtime_paths::Runtime,
    token_text,
};

/// Attributes that cannot remove an argument.
const LINT_LEVELS: &[&str] = &["allow", "expect", "warn", "deny", "forbid"];

/// Checks that the resource is an argument, and that it is at its place: every argument before it is guarded, or none is
/// behind it if it is read from the body.
pub(crate) fn check(handler: &Handler, resource: &Ident, from_body: bool, errors: &mut Errors) {
    let names: Vec<String> =
        handler.own_arguments().filter_map(plain_name).map(|name| name.unraw().to_string()).collect();
    let Some(position) = position(handler, resource) else {
        unknown(handler, resource, &names, errors);
        return;
    };
    let argument = handler.sig.inputs.get(position);
    let mut before = handler.sig.inputs.iter().take(position);
    if from_body {
        check_is_last(handler, resource, position, errors);
    } else if let Some(FnArg::Typed(typed)) = argument
        && body_extractor(&typed.ty).is_some()
    {
        let message = format_args!(
            "`{resource}` is read from the body, so its guard decides late; write `{resource}, from_body` if it may \
             [a-resource-in-the-body]"
        );
        errors.on(resource, message);
    } else if before.any(|argument| !is_guarded(argument)) {
        let message = format_args!(
            "`{resource}` must be the first argument; move it to the front, since what is before it would run \
             for a rejected request"
        );
        errors.on(argument, message);
    }
    if is_only_one(handler, resource, errors) {
        check_attributes(handler, resource, errors);
    }
}

// axum reads the body in the last argument.
fn check_is_last(handler: &Handler, resource: &Ident, position: usize, errors: &mut Errors) {
    let argument = handler.sig.inputs.get(position);
    let Some(last) = handler.sig.inputs.iter().skip(position.saturating_add(1)).next_back() else { return };
    // That an extractor of axum reads the body is reported for all handlers.
    if matches!(argument, Some(FnArg::Typed(typed)) if body_extractor(&typed.ty).is_some()) {
        return;
    }
    let FnArg::Typed(PatType { pat, .. }) = last else { return };
    let behind = token_text::tokens(pat);
    let message = format_args!(
        "`{resource}` is read from the body and must be the last argument; move it behind `{behind}`"
    );
    errors.on(argument, message);
}

// Alternatives under `cfg` would each need a guard, and the attribute adds only one.
fn is_only_one(handler: &Handler, resource: &Ident, errors: &mut Errors) -> bool {
    let named = handler.own_arguments().filter(|argument| names(argument, resource));
    let others: Vec<_> = named.skip(1).collect();
    for second in &others {
        let message = format_args!(
            "`{resource}` is the name of two arguments, and the guard protects one; write a handler for each, with \
             `cfg` on the whole handler"
        );
        errors.on(plain_name(second), message);
    }
    others.is_empty()
}

// An attribute that removes the argument removes its guard, and unknown attributes may be macros that do.
fn check_attributes(handler: &Handler, resource: &Ident, errors: &mut Errors) {
    for argument in handler.own_arguments().filter(|argument| names(argument, resource)) {
        let FnArg::Typed(PatType { attrs, .. }) = argument else { continue };
        for attribute in attrs.iter().filter(|attribute| !is_lint_level(attribute)) {
            let word = token_text::tokens(attribute.path());
            let remedy = match word.as_str() {
                "cfg" | "cfg_attr" => format!("put `{word}` on the whole handler"),
                _ => "remove it, since only lint levels such as `#[allow(…)]` are accepted here".to_owned(),
            };
            let message = format_args!(
                "`{word}` could remove the argument `{resource}` and its guard with it; {remedy} \
                 [an-argument-that-may-be-left-out]"
            );
            errors.on(attribute, message);
        }
    }
}

pub(crate) fn is_lint_level(attribute: &Attribute) -> bool {
    LINT_LEVELS.iter().any(|level| attribute.path().is_ident(level))
}

fn unknown(handler: &Handler, resource: &Ident, names: &[String], errors: &mut Errors) {
    let guarded = handler.sig.inputs.iter().filter(|argument| is_guarded(argument));
    if guarded.flat_map(words_of).any(|word| resource == word.as_str()) {
        errors.on(
            resource,
            format_args!(
                "`{resource}` is guarded already; put both permissions into one guard with `all(…)`"
            ),
        );
        return;
    }
    if handler.own_arguments().flat_map(words_of).any(|word| resource == word.as_str()) {
        let message = format_args!(
            "`{resource}` is only a part of an argument; name a whole one, such as `article: Article`"
        );
        errors.on(resource, message);
        return;
    }
    let name = handler.name();
    let word = resource.to_string();
    let remedy = nearest(&word, names.iter().map(String::as_str)).map_or_else(
        || format!("name an argument, or a constant ACL in capitals, as `{}`", word.to_uppercase()),
        |near| format!("did you mean `{near}`?"),
    );
    errors.on(resource, format_args!("`{resource}` is not an argument of `{name}`; {remedy}"));
}

/// Returns whether a type is this one, or has it inside, as `Json<Article>` has `Article`.
fn names_type(ty: TokenStream, word: &Ident) -> bool {
    ty.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *word,
        TokenTree::Group(group) => names_type(group.stream(), word),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Reports a resource that is named by its type.
pub(crate) fn check_not_a_type(handler: &Handler, context: &Expr, errors: &mut Errors) {
    let Expr::Path(path) = peel(context) else { return };
    let Some(word) = lone_word(path) else { return };
    let of_type = |argument: &&FnArg| match argument {
        FnArg::Typed(typed) => names_type(typed.ty.to_token_stream(), word),
        FnArg::Receiver(_) => false,
    };
    let Some(argument) = handler.own_arguments().find(of_type) else { return };
    let remedy = plain_name(argument).map_or_else(
        || format!("write `article` here and `article: {word}` among the arguments"),
        |name| format!("write `{name}`"),
    );
    errors.on(context, format_args!("a guard names the argument, not its type `{word}`; {remedy}"));
}

/// Returns the index of the resource among the arguments.
fn position(handler: &Handler, resource: &Ident) -> Option<usize> {
    handler.sig.inputs.iter().position(|argument| names(argument, resource))
}

/// Returns whether the argument is exactly this name.
fn names(argument: &FnArg, resource: &Ident) -> bool {
    plain_name(argument).is_some_and(|name| name == resource)
}

/// Returns the name of an argument without a pattern.
fn plain_name(argument: &FnArg) -> Option<&Ident> {
    let FnArg::Typed(PatType { pat, .. }) = argument else { return None };
    match &**pat {
        Pat::Ident(name) if name.subpat.is_none() && name.by_ref.is_none() => Some(&name.ident),
        _ => None,
    }
}

/// Returns the type of the resource, unless only the function knows it.
pub(crate) fn constant_type<'h>(handler: &'h Handler, requirement: &Requirement) -> Option<&'h Type> {
    let Requirement::Resource(_, resource) = requirement else { return None };
    let FnArg::Typed(argument) = handler.sig.inputs.get(position(handler, resource)?)? else { return None };
    (!handler_response_check::depends_on_function(&argument.ty, handler)).then_some(&*argument.ty)
}

/// The guard that is wrapped around an argument.
pub(crate) struct Around<'a> {
    /// The name of its type
    pub(crate) guard: &'a str,
    pub(crate) marker: &'a Ident,
    /// Whether the argument is read from the body
    pub(crate) from_body: bool,
}

/// An argument with a guard around it.
pub(crate) struct Wrapped {
    guard: TokenStream,
    of: TokenStream,
    span: Span,
}

impl Wrapped {
    /// Returns the type of the guard, with this requirement.
    pub(crate) fn guard(&self, spec: &impl ToTokens) -> TokenStream {
        let Self { guard, of, span } = self;
        quote_spanned!(*span=> #guard<#spec, #of>)
    }
}

/// Wraps the guard around the argument, and makes the body depend on it.
pub(crate) fn wrap(
    handler: &mut Handler,
    resource: &Ident,
    runtime: &Runtime,
    around: &Around<'_>,
) -> Option<Wrapped> {
    let position = position(handler, resource)?;
    let handler_name = handler.name();
    let FnArg::Typed(argument) = handler.sig.inputs.get_mut(position)? else { return None };
    // Errors about a type that is not a `Resource` are shown at that type.
    let span = argument.ty.span();
    let guard = runtime.at(span).guard(&Ident::new(around.guard, span));
    let wrapped = Wrapped { guard, of: argument.ty.to_token_stream(), span };
    let (pattern, guard) = (argument.pat.to_token_stream(), &wrapped.guard);
    // The parentheses hide the seal from macros below that record arguments, such as `#[instrument]`.
    let seal = format_ident!("__auth_seal_{}", handler_name, span = Span::mixed_site());
    let inner = quote!(#guard { value: #pattern, seal: (#seal) });
    let of_type = wrapped.guard(around.marker);
    let (pattern, of_type) = if around.from_body {
        let body = runtime.at(span).guard(&Ident::new("FromBody", span));
        (quote!(#body(#inner)), quote_spanned!(span=> #body<#of_type>))
    } else {
        (inner, of_type)
    };
    *argument.pat = Pat::Verbatim(pattern);
    *argument.ty = Type::Verbatim(of_type);
    let open = runtime.private("open_seal");
    handler.body = beginning_with(&handler.body, &quote!(#open(#seal);));
    Some(wrapped)
}

/// Returns the body with a statement before it. Inner attributes move to the front, because they belong to
/// the function.
fn beginning_with(body: &TokenTree, statement: &TokenStream) -> TokenTree {
    let TokenTree::Group(block) = body else { return body.clone() };
    if block.delimiter() == Delimiter::None {
        // A `$body:block` of a `macro_rules!`.
        return block
            .stream()
            .into_iter()
            .next()
            .map_or_else(|| body.clone(), |it| beginning_with(&it, statement));
    }
    let (attributes, rest) = split_inner_attributes(block.stream());
    let with_span = |stream: TokenStream, span: Span| {
        let mut group = Group::new(Delimiter::Brace, stream);
        group.set_span(span);
        TokenTree::Group(group)
    };
    // The lint `unused_braces` checks one-line blocks. With the macro's span the inner braces are exempt.
    // Longer bodies keep the user's span, for clearer type errors.
    let span = block.span();
    let is_one_line = span.source_text().is_some_and(|text| !text.contains('\n'));
    let inner = with_span(rest, if is_one_line { span.resolved_at(Span::mixed_site()) } else { span });
    with_span(quote!(#attributes #statement #inner), span)
}

/// Splits `#![…]` off the beginning of a body.
fn split_inner_attributes(body: TokenStream) -> (TokenStream, TokenStream) {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let is = |token: &TokenTree, sign| matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign);
    let mut rest = tokens.as_slice();
    while let [hash, bang, TokenTree::Group(_), after @ ..] = rest
        && is(hash, '#')
        && is(bang, '!')
    {
        rest = after;
    }
    let length = tokens.len().saturating_sub(rest.len());
    (tokens.iter().take(length).cloned().collect(), rest.iter().cloned().collect())
}

/// Records in the type of the first guard that another guard follows: the one around the resource.
pub(crate) fn announce(handler: &mut Handler, around: &TokenStream, runtime: &Runtime) {
    let Some(FnArg::Typed(first)) = handler.sig.inputs.first_mut() else { return };
    let of = first.ty.to_token_stream();
    let Some(last) = words(of.clone()).filter(|word| word.starts_with(MARKER)).last() else { return };
    let with = runtime.private("With");
    *first.ty = Type::Verbatim(replace(of, &last, &|last| quote!(#with<#last, #around>)));
}

/// Returns the marker of a first guard, with the resource guards after it.
pub(crate) fn announced(handler: &Handler, runtime: &Runtime, marker: &Ident) -> TokenStream {
    match handler.sig.inputs.first() {
        Some(FnArg::Typed(first))
            if handler.guard_above().is_none() && is_guarded(&FnArg::Typed(first.clone())) =>
        {
            let (with, after) = (runtime.private("With"), &first.ty);
            quote!(#with<#marker, #after>)
        }
        _ => marker.to_token_stream(),
    }
}

fn replace(tokens: TokenStream, word: &str, with: &dyn Fn(&Ident) -> TokenStream) -> TokenStream {
    let replaced = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(ident) if ident == word => with(&ident),
        TokenTree::Group(group) => {
            let mut inside = Group::new(group.delimiter(), replace(group.stream(), word, with));
            inside.set_span(group.span());
            TokenTree::Group(inside).into()
        }
        token => token.into(),
    });
    replaced.collect()
}
