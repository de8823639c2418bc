//! The line about access in a handler's documentation.
//!
//! It is there for rustdoc only. Whoever else reads the function's attributes, be it the lint about missing
//! documentation or a macro that makes a summary of it, finds what the user wrote and nothing else.

use std::fmt::Write as _;

use syn::{Attribute, parse_quote};

use crate::{options::Options, permission::Permission, rule::Rule, text};

/// Ends a paragraph of the user's, and says who may call the handler.
pub(crate) fn documented(rule: &Rule, options: &Options) -> [Attribute; 2] {
    let line = line(rule, options);
    [parse_quote!(#[cfg_attr(doc, doc = "")]), parse_quote!(#[cfg_attr(doc, doc = #line)])]
}

fn line(rule: &Rule, options: &Options) -> String {
    let mut line = format!("**Access:** {}", asked(rule));
    if options.anonymous.is_some() {
        line.push_str(", anonymous requests included");
    }
    if let Some(seconds) = options.fresh {
        let _ = write!(line, ", logged in at most {seconds} s ago");
    }
    if options.hide {
        line.push_str(", hidden from others");
    }
    if let Some(shadow) = &options.shadow {
        let _ = write!(line, ", with {} as its shadow", code(&text::tokens(shadow)));
    }
    if let Some(reason) = &options.reason {
        let _ = write!(line, ", because: {}", plain(&reason.value()));
    }
    if let Some(until) = &options.until {
        let _ = write!(line, " (until {})", until.value());
    }
    line
}

fn asked(rule: &Rule) -> String {
    match rule {
        Rule::Acl(permission, context) => {
            format!("{} in {}", named(permission), code(&text::tokens(context)))
        }
        Rule::Anonymous => "everybody".to_owned(),
        Rule::Authenticated => "any user".to_owned(),
        Rule::Permission(permission) => format!("{} by the application's policy", named(permission)),
        Rule::Resource(permission, resource) => {
            format!("{} by the rules of {}", named(permission), code(&resource.to_string()))
        }
        Rule::Scope(scopes) => format!("tokens with the scope {}", named(scopes)),
    }
}

/// One permission by its name; an expression of several as it stands in the source.
fn named(permission: &Permission) -> String {
    match permission {
        Permission::One(name) => code(&name.bare()),
        Permission::All(_) | Permission::Any(_) => code(&permission.text()),
    }
}

/// Code between more backticks than it has in a row.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    if longest == 0 {
        return format!("`{text}`");
    }
    let fence = "`".repeat(longest.saturating_add(1));
    format!("{fence} {text} {fence}")
}

/// Text in which nothing means anything to Markdown, on one line.
fn plain(text: &str) -> String {
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
