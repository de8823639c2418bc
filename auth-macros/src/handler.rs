//! Parses the item below the attribute; reports where the attribute belongs if the item is not a handler.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{
    Attribute, FnArg, Pat, PatType, Signature, Token, Visibility,
    ext::IdentExt as _,
    parse::{ParseStream, Parser as _},
};

use crate::{attribute_kind::Kind, errors::Errors};

/// Prefix of the generated marker types.
pub(crate) const MARKER: &str = "__only_a_router_calls_";

/// Where a handler is declared.
pub(crate) enum Place {
    Module,
    /// An `impl` block with `#[guards]`, of this type.
    Impl(String),
}

/// A function with a body. The body is kept as tokens and not parsed.
pub(crate) struct Handler {
    pub(crate) place: Place,
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: TokenTree,
}

impl Handler {
    /// Parses the annotated item; reports an item that is not a function with a body.
    pub(crate) fn parse(kind: Kind, item: TokenStream, place: Place, errors: &mut Errors) -> Option<Self> {
        let read = |input: ParseStream<'_>| read(kind, input, place, errors);
        match read.parse2(item) {
            Ok(handler) => handler,
            Err(error) => {
                errors.syntax(error);
                None
            }
        }
    }

    /// Returns the name of the function.
    pub(crate) fn name(&self) -> String {
        self.sig.ident.unraw().to_string()
    }

    /// Returns the name for logs and the access table: `edit`, or `Articles::edit`.
    pub(crate) fn full_name(&self) -> String {
        match &self.place {
            Place::Module => self.name(),
            Place::Impl(of) => format!("{of}::{}", self.name()),
        }
    }

    /// Returns the guard that an attribute above has put before the arguments.
    pub(crate) fn guard_above(&self) -> Option<&PatType> {
        match self.sig.inputs.first() {
            Some(FnArg::Typed(first)) if matches!(*first.pat, Pat::Wild(_)) && markers(first) > 0 => {
                Some(first)
            }
            _ => None,
        }
    }

    /// Returns the number of guards that attributes above have added.
    pub(crate) fn guards_above(&self) -> usize {
        self.sig.inputs.iter().map(markers_of).sum()
    }

    /// Returns the arguments that the user wrote.
    pub(crate) fn own_arguments(&self) -> impl Iterator<Item = &FnArg> {
        self.sig.inputs.iter().skip(usize::from(self.guard_above().is_some()))
    }

    /// Returns the guard attributes below this one, which expand later.
    pub(crate) fn guards_below(&self) -> impl Iterator<Item = (Kind, &Attribute)> {
        self.attrs.iter().filter_map(|attr| Some((Kind::of(attr)?, attr)))
    }
}

/// Returns whether the argument contains a guard.
pub(crate) fn is_guarded(argument: &FnArg) -> bool {
    markers_of(argument) > 0
}

/// Returns all identifiers of an argument.
pub(crate) fn words_of(argument: &FnArg) -> Box<dyn Iterator<Item = String>> {
    words(argument.to_token_stream())
}

fn markers_of(argument: &FnArg) -> usize {
    match argument {
        FnArg::Receiver(_) => 0,
        FnArg::Typed(argument) => markers(argument),
    }
}

fn markers(argument: &PatType) -> usize {
    words(argument.ty.to_token_stream()).filter(|word| word.starts_with(MARKER)).count()
}

/// Returns all identifiers, including those inside brackets.
pub(crate) fn words(tokens: TokenStream) -> Box<dyn Iterator<Item = String>> {
    Box::new(tokens.into_iter().flat_map(|token| -> Box<dyn Iterator<Item = String>> {
        match token {
            TokenTree::Group(group) => words(group.stream()),
            TokenTree::Ident(ident) => Box::new(std::iter::once(ident.to_string())),
            TokenTree::Literal(_) | TokenTree::Punct(_) => Box::new(std::iter::empty()),
        }
    }))
}

fn read(
    kind: Kind,
    input: ParseStream<'_>,
    place: Place,
    errors: &mut Errors,
) -> syn::Result<Option<Handler>> {
    let attrs = input.call(Attribute::parse_outer)?;
    let vis = input.parse()?;
    if !is_function(&input.fork()) {
        other_item(kind, input, errors)?;
        return Ok(None);
    }
    let sig: Signature = input.parse()?;
    if !input.peek(syn::token::Brace) {
        let message = format_args!(
            "`#[{}]` belongs on a function with a body; move it to the handler itself",
            kind.attribute()
        );
        errors.on(&sig.ident, message);
        input.parse::<TokenStream>()?;
        return Ok(None);
    }
    Ok(Some(Handler { place, attrs, vis, sig, body: input.parse()? }))
}

/// Returns whether only qualifiers come before `fn`.
fn is_function(ahead: ParseStream<'_>) -> bool {
    while !ahead.peek(Token![fn]) {
        let qualifier = ahead.peek(Token![async])
            || ahead.peek(Token![const])
            || ahead.peek(Token![unsafe])
            || ahead.peek(Token![safe])
            || ahead.peek(Token![extern])
            || ahead.peek(syn::LitStr);
        if !qualifier || ahead.parse::<TokenTree>().is_err() {
            return false;
        }
    }
    true
}

fn other_item(kind: Kind, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<()> {
    let (span, noun) = noun(input.parse()?);
    let attribute = kind.attribute();
    let remedy = match noun {
        IMPL_BLOCK => "write `#[guards]` there, and move it to the handlers inside",
        CLOSURE => "make an `async fn` of the closure",
        _ => "move it to the handler",
    };
    errors.at(span, format_args!("`#[{attribute}]` belongs on an `async fn`, not on {noun}; {remedy}"));
    Ok(())
}

const CLOSURE: &str = "a closure";
pub(crate) const IMPL_BLOCK: &str = "an `impl` block";

/// Names the kind of an item by its first keyword.
pub(crate) fn noun(item: TokenStream) -> (Span, &'static str) {
    let mut rest = item.into_iter().peekable();
    let mut found = (rest.peek().map_or_else(Span::call_site, TokenTree::span), "this");
    if is_closure(rest.clone()) {
        return (found.0, CLOSURE);
    }
    while let Some(TokenTree::Ident(word)) = rest.next() {
        let noun = match word.to_string().as_str() {
            "async" | "auto" | "unsafe" | "default" | "extern" => "this",
            "const" => "a constant",
            "enum" => "an enum",
            "fn" => "a function",
            "impl" => IMPL_BLOCK,
            "let" => "a `let` statement",
            "macro_rules" => "a macro",
            "mod" => "a module",
            "static" => "a static",
            "struct" => "a struct",
            "trait" => "a trait",
            "type" => "a type alias",
            "union" => "a union",
            "use" => "an import",
            _ => break,
        };
        found = (word.span(), noun);
        if noun != "this" {
            break;
        }
    }
    found
}

/// Returns whether tokens begin like a closure: `|`, after `async` and `move`.
pub(crate) fn is_closure(tokens: impl IntoIterator<Item = TokenTree>) -> bool {
    let mut words = tokens.into_iter();
    let first =
        words.find(|token| !matches!(token, TokenTree::Ident(word) if word == "async" || word == "move"));
    matches!(first, Some(TokenTree::Punct(punct)) if punct.as_char() == '|')
}
