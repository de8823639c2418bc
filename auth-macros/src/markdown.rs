//! Writes text as Markdown, for rustdoc.

/// Formats text as Markdown code, with a fence longer than any run of backticks in it.
pub(crate) fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    if longest == 0 {
        return format!("`{text}`");
    }
    let fence = "`".repeat(longest.saturating_add(1));
    format!("{fence} {text} {fence}")
}

/// Escapes Markdown punctuation and puts the text on one line.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | ';' | ':' | '?' | '\'' | '/' | '-') {
            plain.push('\\');
        }
        plain.push(if c.is_control() { ' ' } else { c });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{code, plain};

    #[test]
    fn code_survives_backticks() {
        assert_eq!(code("edit"), "`edit`");
        assert_eq!(code("a`b``c"), "``` a`b``c ```");
    }

    #[test]
    fn reasons_are_no_markdown() {
        assert_eq!(plain("see [here] <b>*now*\nok"), "see \\[here\\] \\<b\\>\\*now\\* ok");
    }
}
