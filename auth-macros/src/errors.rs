//! What is told to the user: one collector for a whole run, and the fixed verbs of its messages.
//!
//! The grammar of a message: lower case, no full stop, one line, the user's words in backticks, the
//! problem first and the remedy after a semicolon.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Error;

use crate::suggest::nearest;

/// Everything that is wrong with one input; nothing is reported until the whole input has been read.
#[derive(Debug, Default)]
#[must_use]
pub(crate) struct Errors(Vec<Error>);

impl Errors {
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.0.push(Error::new(span, message));
    }

    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.0.push(Error::new_spanned(tokens, message));
    }

    /// What the parser of the language itself had to say.
    pub(crate) fn syntax(&mut self, error: Error) {
        if error.to_string() == "expected `,`" {
            self.at(error.span(), "items are separated by commas; write a `,` before this one");
        } else {
            self.0.push(error);
        }
    }

    /// Two culprits, two spans: the second is the mistake, the first is where it is repeated from.
    pub(crate) fn duplicate(&mut self, second: impl ToTokens, message: impl Display, first: impl ToTokens) {
        self.on(second, format_args!("{message}; remove one"));
        self.on(first, "first listed here");
    }

    /// A word that is none of `known`, with the nearest of them.
    pub(crate) fn unknown(&mut self, word: impl ToTokens, what: &str, known: &[&str]) {
        let name = crate::text::tokens(&word);
        let remedy = match nearest(&name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("expected {}", alternatives(known)),
        };
        self.on(word, format_args!("unknown {what} `{name}`; {remedy}"));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One `compile_error!` for each mistake, in the order in which they were found.
    pub(crate) fn into_compile_errors(self) -> TokenStream {
        self.0.into_iter().map(Error::into_compile_error).collect()
    }

    #[cfg(test)]
    pub(crate) fn messages(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

/// "`a`, `b` or `c`".
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
