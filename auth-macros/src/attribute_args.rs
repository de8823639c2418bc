//! Parses the arguments of an attribute: first the requirement, then the options.
//!
//! [`crate::requirement`] decides whether they are the right ones.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::{
    Expr, Token,
    ext::IdentExt as _,
    parse::{Parse, ParseStream, Parser as _},
};

use crate::{
    errors::Errors,
    name::{lone_word, peel},
};

/// One argument.
pub(crate) enum Arg {
    /// `refusal = teapot`
    Assigned(Ident, Expr),
    /// `"edit"`, `ARTICLES`, `hide`
    Plain(Expr),
}

impl Arg {
    /// Returns the word of an argument that consists of one word.
    pub(crate) fn word(&self) -> Option<&Ident> {
        let Self::Plain(expr) = self else { return None };
        let Expr::Path(path) = peel(expr) else { return None };
        lone_word(path)
    }
}

impl Parse for Arg {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !(input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==])) {
            return Ok(Self::Plain(input.parse()?));
        }
        let key = input.call(Ident::parse_any)?;
        let equals: Token![=] = input.parse()?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(syn::Error::new(
                equals.span,
                format_args!("`{key}` has no value; write one after the `=`"),
            ));
        }
        Ok(Self::Assigned(key, input.parse()?))
    }
}

/// Reads all arguments; a syntax error in one does not hide mistakes in the others.
pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Vec<Arg> {
    reject_attributes(&tokens, errors);
    let read = |input: ParseStream<'_>| Ok(parse_list(input, errors));
    read.parse2(tokens).unwrap_or_default()
}

fn parse_list(input: ParseStream<'_>, errors: &mut Errors) -> Vec<Arg> {
    let mut args = Vec::new();
    while !input.is_empty() {
        match input.parse() {
            Ok(arg) => args.push(arg),
            Err(error) => {
                errors.syntax(error);
                skip_to_comma(input);
            }
        }
        if !input.is_empty() && !input.peek(Token![,]) {
            errors.syntax(input.error("expected `,`"));
        } else if input.parse::<Option<Token![,]>>().is_err() {
            break;
        }
    }
    args
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

/// The message about `#[rule]` in a wrong place.
const MISPLACED_RULE: &str = "`#[rule]` is not in front of a rule; move it above one";

// A dropped `cfg` would change who is allowed, so attributes inside the arguments are errors.
pub(crate) fn reject_attributes(tokens: &TokenStream, errors: &mut Errors) {
    let mut tokens = tokens.clone().into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => reject_attributes(&group.stream(), errors),
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                let span = tokens.peek().map_or_else(|| punct.span(), TokenTree::span);
                errors.at(
                    span,
                    match tokens.peek() {
                        Some(TokenTree::Group(group)) if begins_with("doc", group) => {
                            "a doc comment is not expected here; begin the comment with `//`"
                        }
                        Some(TokenTree::Group(group)) if begins_with("rule", group) => MISPLACED_RULE,
                        _ => "attributes are not expected here; put `cfg` on the whole item",
                    },
                );
            }
            _ => {}
        }
    }
}

fn begins_with(name: &str, attribute: &Group) -> bool {
    matches!(attribute.stream().into_iter().next(), Some(TokenTree::Ident(word)) if word == name)
}

#[cfg(test)]
mod tests {
    use super::{Arg, Errors, parse};

    fn read(code: &str) -> (Vec<String>, Vec<String>) {
        let mut errors = Errors::default();
        let args = parse(code.parse().unwrap(), &mut errors);
        let show = |arg: &Arg| match arg {
            Arg::Plain(expr) => crate::token_text::tokens(expr),
            Arg::Assigned(key, value) => format!("{key} = {}", crate::token_text::tokens(value)),
        };
        (args.iter().map(show).collect(), errors.messages())
    }

    #[test]
    fn arguments_are_read_in_order() {
        let (args, errors) = read("any(\"a\", \"b\"), Shelf::<1, 2>::ACL, hide, crate = a::b,");
        assert_eq!(args, ["any(\"a\", \"b\")", "Shelf::<1, 2>::ACL", "hide", "crate = a::b"]);
        assert!(errors.is_empty());
        assert_eq!(read(""), (vec![], vec![]));
    }

    #[test]
    fn one_mistake_does_not_hide_another() {
        let (args, errors) = read("\"edit\" ARTICLES, =, hide, refusal =, crate = renamed");
        assert_eq!(args, ["\"edit\"", "ARTICLES", "hide", "crate = renamed"]);
        assert_eq!(
            errors,
            [
                "items are separated by commas; write a `,` before this one",
                "expected an expression",
                "`refusal` has no value; write one after the `=`",
            ]
        );
    }

    #[test]
    fn attributes_are_never_dropped() {
        let (_, errors) = read("any(#[cfg(test)] \"a\", \"b\"), ARTICLES");
        assert_eq!(errors, ["attributes are not expected here; put `cfg` on the whole item"]);
    }
}
