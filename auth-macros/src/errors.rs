//! Collects all error messages of one expansion in [`Errors`].
//!
//! A message is one line in lower case without a full stop. It quotes the user's code in backticks and states
//! the problem first, the remedy after a semicolon.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{Attribute, Error, spanned::Spanned as _};

use crate::nearest_word::nearest;

/// Every mistake in one input. They are reported together, after the whole input has been read.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct Errors {
    found: Vec<Error>,
    /// A token of the user's, if the input has one.
    user: Option<Span>,
    /// The part of the input that the errors are about, if it is not the whole macro.
    attribute: Option<Span>,
    /// The first argument of the attribute.
    argument: Option<Span>,
}

impl Errors {
    /// Returns no errors, for an attribute on an item.
    pub(crate) fn about(item: &TokenStream) -> Self {
        let user = item.clone().into_iter().next().map(|token| token.span());
        Self { user, ..Self::default() }
    }

    /// Returns no errors, for an attribute that another one expands.
    pub(crate) fn about_attribute(attribute: &Attribute) -> Self {
        Self { attribute: Some(attribute.path().span()), ..Self::default() }
    }

    /// Returns no errors, for the arguments of a macro that another macro calls. What is missing is reported at the
    /// first of them, because the call is not the user's.
    pub(crate) fn within(arguments: &TokenStream) -> Self {
        let first = arguments.clone().into_iter().next().map(|token| token.span());
        Self { attribute: first, ..Self::default() }
    }

    /// Adds the errors of a part.
    pub(crate) fn extend(&mut self, part: Self) {
        self.found.extend(part.found);
    }

    /// Remembers the first argument, in front of which others may be missing.
    pub(crate) fn remember_first(&mut self, args: &TokenStream) {
        self.argument = args.clone().into_iter().next().map(|token| token.span());
    }

    /// Reports something that is missing. It has no span, so what comes after it is underlined; if nothing does, the
    /// whole macro is, as written by the user: otherwise the compiler adds a note about the macro.
    pub(crate) fn missing(&mut self, message: impl Display) {
        self.at(self.argument.unwrap_or_else(|| self.whole()), message);
    }

    /// Returns the span of the whole macro.
    pub(crate) fn whole(&self) -> Span {
        let whole = || self.user.map_or_else(Span::call_site, |user| Span::call_site().resolved_at(user));
        self.attribute.unwrap_or_else(whole)
    }

    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.found.push(Error::new(span, message));
    }

    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.found.push(Error::new_spanned(tokens, message));
    }

    /// Adds a syntax error of `syn`.
    pub(crate) fn syntax(&mut self, error: Error) {
        if error.to_string() == "expected `,`" {
            self.at(error.span(), "items are separated by commas; write a `,` before this one");
        } else {
            self.found.push(error);
        }
    }

    /// Reports a repetition at its second place, which is the mistake.
    pub(crate) fn duplicate(&mut self, second: impl ToTokens, message: impl Display, first: impl ToTokens) {
        match other_line(&first, &second) {
            Some(line) => {
                self.on(second, format_args!("{message}; remove this one or the one on line {line}"));
            }
            None => self.on(second, format_args!("{message}; remove one")),
        }
    }

    /// Reports a word that is not one of `known`, with the nearest of them.
    pub(crate) fn unknown(&mut self, word: impl ToTokens, what: &str, known: &[&str]) {
        let name = crate::token_text::tokens(&word);
        let remedy = match nearest(&name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("expected {}", alternatives(known)),
        };
        self.on(word, format_args!("unknown {what} `{name}`; {remedy}"));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Returns one `compile_error!` per mistake, in the order of discovery.
    pub(crate) fn into_compile_errors(self) -> TokenStream {
        self.found.into_iter().map(Error::into_compile_error).collect()
    }

    #[cfg(test)]
    pub(crate) fn messages(&self) -> Vec<String> {
        self.found.iter().map(ToString::to_string).collect()
    }
}

/// Returns the line of the first of two places, unless a reader sees both on one line.
pub(crate) fn other_line(first: &impl ToTokens, second: &impl ToTokens) -> Option<usize> {
    let line = |tokens: &dyn ToTokens| {
        let span = tokens.to_token_stream().into_iter().next()?.span();
        proc_macro::is_available().then(|| span.unwrap().line())
    };
    line(first).filter(|first| line(second) != Some(*first))
}

/// Joins words to "`a`, `b` or `c`".
pub(crate) fn alternatives(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::alternatives;

    #[test]
    fn alternatives_read_as_a_sentence() {
        assert_eq!(alternatives(&[]), "");
        assert_eq!(alternatives(&["a"]), "`a`");
        assert_eq!(alternatives(&["a", "b"]), "`a` or `b`");
        assert_eq!(alternatives(&["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
