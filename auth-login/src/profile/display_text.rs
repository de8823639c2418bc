//! Cleans texts of a profile for display.

use serde_json::Value;
use url::Url;

/// The longest text, in characters.
const LONGEST: usize = 200;

/// Returns the first of these members that is a text with content, or an integer, without control and
/// invisible formatting characters and cut to 200 characters.
pub(super) fn first(document: &Value, pointers: &[&str]) -> Option<String> {
    pointers.iter().find_map(|pointer| match document.pointer(pointer)? {
        Value::String(text) => clean(text),
        Value::Number(number) => number.as_u64().map(|number| number.to_string()),
        _ => None,
    })
}

fn clean(text: &str) -> Option<String> {
    let is_seen = |c: &char| !c.is_control() && !is_format(*c);
    let text: String = text.trim().chars().filter(is_seen).take(LONGEST).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Characters that are not seen, or turn the direction of those that are.
const fn is_format(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
    )
}

/// Returns the first of these members that is an `https` address: others, such as `javascript:`, could run
/// code in a page that links them.
pub(super) fn first_address(document: &Value, pointers: &[&str]) -> Option<String> {
    pointers.iter().find_map(|pointer| address(document.pointer(pointer)?.as_str()?))
}

pub(super) fn address(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_plain = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    (is_plain && text.len() <= 2048).then(|| url.into())
}

/// Splits a full name at its first space.
pub(super) fn split(name: &str) -> (Option<String>, Option<String>) {
    match name.split_once(' ') {
        Some((first, last)) => (clean(first), clean(last)),
        None => (clean(name), None),
    }
}
