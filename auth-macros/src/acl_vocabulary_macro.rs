//! Expands `acl_vocabulary!(Can: ARTICLES, COMMENTS)`: the ACLs use all variants of an enum, and no other
//! names.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{
    Expr, Path, Token,
    parse::{ParseStream, Parser as _},
};

use crate::{
    acl_argument::{check_context, looks_like_context},
    attribute_args::{self, Arg},
    errors::Errors,
    expected_type::expected_acl,
    name::{ends, peel},
    runtime_paths::{Runtime, imported, split_off},
    token_text,
};

const EXAMPLE: &str = "write for example `acl_vocabulary!(Can: ARTICLES, COMMENTS)`";

/// An enum and the ACLs that use it.
struct Vocabulary {
    runtime: Runtime,
    words: Path,
    contexts: Vec<Expr>,
}

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    match parse(input, &mut errors) {
        Some(vocabulary) if errors.is_empty() => tokens(&vocabulary),
        _ => errors.into_compile_errors(),
    }
}

/// Reads `$crate; Can: ARTICLES, COMMENTS`.
fn parse(input: TokenStream, errors: &mut Errors) -> Option<Vocabulary> {
    let (runtime, rest) = split_off(input, errors)?;
    let read = |input: ParseStream<'_>| Ok((words(input, errors), input.parse::<TokenStream>()?));
    let (words, rest) = read.parse2(rest).ok()?;
    let words = words?;
    let args = attribute_args::parse(rest, errors);
    let mut contexts = Vec::new();
    for arg in args {
        match arg {
            Arg::Assigned(key, _) => errors.on(&key, format_args!("`{key}` is not expected here; {EXAMPLE}")),
            Arg::Plain(expr) if check_context(&expr, errors) => contexts.push(peel(&expr).clone()),
            Arg::Plain(_) => {}
        }
    }
    if contexts.is_empty() && errors.is_empty() {
        errors.on(&words, format_args!("the ACLs are missing; {EXAMPLE}"));
    }
    check_repeated_contexts(&contexts, errors);
    Some(Vocabulary { runtime, words, contexts })
}

/// Parses `Can:`.
fn words(input: ParseStream<'_>, errors: &mut Errors) -> Option<Path> {
    if input.is_empty() {
        errors.at(Span::call_site(), format_args!("the enum and the ACLs are missing; {EXAMPLE}"));
        return None;
    }
    let span = input.span();
    let Ok(expr) = input.parse::<Expr>() else {
        errors.at(span, format_args!("an enum is expected here; {EXAMPLE}"));
        return None;
    };
    let Expr::Path(path) = peel(&expr) else {
        errors.on(&expr, format_args!("an enum is expected here; {EXAMPLE}"));
        return None;
    };
    if looks_like_context(&expr) {
        errors.on(&expr, format_args!("the enum comes first; {EXAMPLE}"));
        return None;
    }
    if input.is_empty() {
        errors.on(&expr, format_args!("the ACLs are missing; {EXAMPLE}"));
    } else if input.parse::<Token![:]>().is_err() {
        let name = token_text::tokens(&expr);
        errors.at(input.span(), format_args!("the enum ends with a colon; write `{name}:`"));
        return None;
    }
    Some(path.path.clone())
}

// A repeated ACL is usually a typing error for another one.
fn check_repeated_contexts(contexts: &[Expr], errors: &mut Errors) {
    let mut seen = HashMap::new();
    for context in contexts {
        let name = token_text::tokens(context);
        if let Some(first) = seen.get(&name) {
            errors.duplicate(context, format_args!("the ACL `{name}` is listed twice"), first);
        } else {
            seen.insert(name, context);
        }
    }
}

fn tokens(vocabulary: &Vocabulary) -> TokenStream {
    let Vocabulary { runtime, words, contexts } = vocabulary;
    let (acl, import, text) = (runtime.acl(), runtime.import(), token_text::tokens(words));
    let names: Vec<_> = (0..contexts.len()).map(|at| format_ident!("__AUTH_CONTEXT{at}")).collect();
    let (start, end) = ends(words);
    let constant = Ident::new("WORDS", end);
    let all = quote_spanned!(start=> <#words as __auth::PermissionWords>::#constant);
    let mentioned =
        imported(quote!(check_mentioned), ends(words), quote!(&__AUTH_WORDS, #text, &[#(#names),*]));
    let covered = contexts.iter().zip(&names).map(|(context, name)| {
        let context_text = token_text::tokens(context);
        let arguments = quote!(&__AUTH_WORDS, #text, &#name, #context_text);
        imported(quote!(check_covered), ends(context), arguments)
    });
    let contexts = contexts.iter().map(expected_acl);
    quote!(const _: () = {
        #import
        const __AUTH_WORDS: __auth::Words = #all;
        #(const #names: #acl = #contexts;)*
        #mentioned
        #(#covered)*
    };)
}
