//! Rejects the text of a name that is invisible, not a scope, or can be mistaken for another name.

use syn::LitStr;

use super::Noun;
use crate::{confusables::foreign_letter, errors::Errors};

// Reject names that are invisible or can be mistaken for another name.
pub(crate) fn checked_text(literal: &LitStr, noun: Noun, errors: &mut Errors) -> bool {
    let text = literal.value();
    let what = noun.singular();
    if text.is_empty() {
        let example = noun.example();
        errors.on(literal, format_args!("the {what} is empty; write a name such as `\"{example}\"`"));
    } else if text.trim() != text {
        let trimmed = text.trim();
        let message = format_args!("the {what} begins or ends with a blank; write `\"{trimmed}\"`");
        errors.on(literal, message);
    } else if let Some(hidden) = text.chars().find(|c| is_hidden(*c)) {
        let code = u32::from(hidden);
        errors.on(literal, format_args!("the {what} holds the invisible character U+{code:04X}; remove it"));
    } else if let Some(remedy) = noun.instead_of_pattern(&text) {
        errors.on(literal, format_args!("the {what} `{text}` matches no other; {remedy}"));
    } else if noun == Noun::Scope && !is_scope(&text) {
        check_scope(literal, &text, errors);
    } else if let Some((letter, script)) = foreign_letter(&text) {
        let code = u32::from(letter);
        let message = format_args!(
            "the {what} `{text}` mixes scripts: U+{code:04X} is {script}; retype it with the letters of one script"
        );
        errors.on(literal, message);
    } else {
        return true;
    }
    false
}

/// RFC 6749, section 3.3.
fn is_scope(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'))
}

// No access token can hold such a scope, so the guard would deny every request.
fn check_scope(literal: &LitStr, text: &str, errors: &mut Errors) {
    if text.contains(' ') && is_scope(&text.replace(' ', "")) {
        let tokens = text.split_whitespace().map(|token| format!("\"{}\"", token.trim_matches(',')));
        let tokens: Vec<String> = tokens.collect();
        let tokens = tokens.join(", ");
        errors.on(
            literal,
            format_args!("the scope `{text}` holds a blank; list scopes by themselves: {tokens}"),
        );
    } else {
        let message = format_args!("`{text}` is not a scope; write visible ASCII without `\"` and `\\`");
        errors.on(literal, message);
    }
}

pub(crate) fn is_hidden(c: char) -> bool {
    let formats = matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    );
    formats || c.is_control() || (c.is_whitespace() && c != ' ')
}
