//! Prints tokens as source text, for messages and the access table.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// Returns the tokens without the blanks that a token stream prints around punctuation.
pub(crate) fn tokens(tokens: impl ToTokens) -> String {
    let mut text = String::new();
    write(&mut text, tokens.into_token_stream());
    text
}

fn write(text: &mut String, tokens: TokenStream) {
    let mut word_before = false;
    for token in tokens {
        let word = matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_));
        if word && word_before {
            text.push(' ');
        }
        word_before = word;
        match token {
            TokenTree::Group(group) => {
                let (open, close) = brackets(group.delimiter());
                text.push_str(open);
                write(text, group.stream());
                text.push_str(close);
            }
            TokenTree::Punct(punct) => {
                text.push(punct.as_char());
                if punct.as_char() == ',' || (punct.as_char() == '=' && punct.spacing() == Spacing::Alone) {
                    text.push(' ');
                }
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => text.push_str(&token.to_string()),
        }
    }
}

const fn brackets(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::None => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    #[test]
    fn code_is_shown_as_it_is_written() {
        let cases = [
            (quote!(rules::ARTICLES), "rules::ARTICLES"),
            (quote!(::a::B), "::a::B"),
            (quote!(<Article as Owned>::ACL), "<Article as Owned>::ACL"),
            (quote!(acl![(Allow, Everyone, ["view"])]), "acl![(Allow, Everyone, [\"view\"])]"),
            (quote!(Shelf::<3>::ACL), "Shelf::<3>::ACL"),
        ];
        for (tokens, expected) in cases {
            assert_eq!(super::tokens(tokens), expected);
        }
    }
}
