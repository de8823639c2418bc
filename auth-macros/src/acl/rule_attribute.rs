//! Parses `#[rule(id = "…", owner = "…", until = "…")]` in front of a rule.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use syn::{Attribute, Expr, Lit, LitStr, Meta};

use crate::{
    attribute_args::{self, Arg},
    calendar_day::is_day,
    errors::Errors,
    name::{is_hidden, peel},
    nearest_word::nearest,
    token_text,
};

const ARGUMENTS: &[&str] = &["id", "owner", "until"];

const EXAMPLE: &str = "write for example `#[rule(id = \"press-may-edit\")]`";

/// Returns the message about a text that is not valid.
type Check = fn(&str) -> Result<(), String>;

/// What the attribute says about a rule.
#[derive(Default)]
pub(crate) struct Label {
    attribute: Option<TokenStream>,
    pub(crate) id: Option<LitStr>,
    owner: Option<LitStr>,
    until: Option<LitStr>,
}

/// Returns whether it is the attribute `#[rule(…)]`.
pub(super) fn is_rule(attribute: &Attribute) -> bool {
    attribute.path().is_ident("rule")
}

/// Reports an attribute that is probably meant to be `#[rule]`. Returns whether there was one.
pub(super) fn report(attribute: &Attribute, errors: &mut Errors) -> bool {
    let Some(name) = attribute.path().get_ident() else { return false };
    let text = name.to_string();
    if is_rule(attribute) {
        return false;
    }
    if ARGUMENTS.contains(&text.as_str()) {
        errors.on(name, format_args!("`{text}` is an argument of `rule`; write `#[rule({text} = \"…\")]`"));
    } else if nearest(&text, ["rule"]).is_some() {
        errors.unknown(name, "attribute", &["rule"]);
    } else {
        return false;
    }
    true
}

impl Label {
    /// Reads the arguments of the attribute.
    pub(super) fn read(&mut self, attribute: &Attribute, errors: &mut Errors) {
        if let Some(first) = &self.attribute {
            errors.duplicate(attribute.path(), "the attribute `rule` is repeated", first);
            return;
        }
        let path = attribute.path();
        self.attribute = Some(quote!(#path));
        let arguments = match &attribute.meta {
            Meta::List(list) => list.tokens.clone(),
            Meta::Path(_) | Meta::NameValue(_) => TokenStream::new(),
        };
        if arguments.is_empty() {
            errors.on(path, format_args!("the arguments are missing; {EXAMPLE}"));
        }
        let mut seen: Vec<Ident> = Vec::new();
        for argument in attribute_args::parse(arguments, errors) {
            match argument {
                Arg::Plain(expr) => {
                    let text = token_text::tokens(&expr);
                    errors.on(&expr, format_args!("`{text}` is not expected here; {EXAMPLE}"));
                }
                Arg::Assigned(key, value) => {
                    if let Some(first) = seen.iter().find(|first| **first == key) {
                        errors.duplicate(&key, format_args!("the argument `{key}` is repeated"), first);
                    } else {
                        self.store(&key, &value, errors);
                        seen.push(key);
                    }
                }
            }
        }
    }

    fn store(&mut self, key: &Ident, value: &Expr, errors: &mut Errors) {
        let (place, check): (_, Check) = match key.to_string().as_str() {
            "id" => (&mut self.id, is_id),
            "owner" => (&mut self.owner, is_owner),
            "until" => (&mut self.until, is_day),
            "note" => {
                errors.on(key, "the note of a rule is a doc comment; write `/// …` above the rule");
                return;
            }
            _ => {
                errors.unknown(key, "argument", ARGUMENTS);
                return;
            }
        };
        let Expr::Lit(literal) = peel(value) else {
            not_text(key, value, errors);
            return;
        };
        let Lit::Str(text) = &literal.lit else {
            not_text(key, value, errors);
            return;
        };
        match check(&text.value()) {
            Ok(()) => *place = Some(text.clone()),
            Err(message) => errors.on(text, message),
        }
    }

    /// Returns the calls that add the label to a rule.
    pub(super) fn calls(&self) -> TokenStream {
        let id = self.id.as_ref().map(|text| {
            let place = place(text).map(|place| quote!(.__at(#place)));
            quote!(.with_id(#text) #place)
        });
        let owner = self.owner.as_ref().map(|text| quote!(.with_owner(#text)));
        let until = self.until.as_ref().map(|text| quote!(.__until(#text)));
        quote!(#id #owner #until)
    }
}

/// Returns a number that differs for different places of the source, almost always; `None` outside of a
/// compiler.
///
/// Rows of two files can be on the same line, and those of two lists in the same one.
fn place(id: &LitStr) -> Option<Literal> {
    if !proc_macro::is_available() {
        return None;
    }
    let span = id.span().unwrap();
    let mut hasher = DefaultHasher::new();
    (span.file(), span.line(), span.column()).hash(&mut hasher);
    let number = hasher.finish();
    u32::try_from(number >> 32).ok().map(Literal::u32_unsuffixed)
}

fn not_text(key: &Ident, value: &Expr, errors: &mut Errors) {
    errors.on(value, format_args!("a string is expected here; write `{key} = \"…\"`"));
}

// Ids are searched for in logs and stand in tables.
pub(super) fn is_id(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("the id is empty; write for example `\"press-may-edit\"`".to_owned());
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/#".contains(c);
    if text.chars().all(is_plain) {
        return Ok(());
    }
    Err(format!("`{text}` is not an id; write ASCII letters, digits and `-`, `_`, `.`, `:`, `/` or `#`"))
}

fn is_owner(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("the owner is empty; write for example `\"press-team\"`".to_owned());
    }
    match text.chars().find(|c| is_hidden(*c)) {
        Some(hidden) => {
            let code = u32::from(hidden);
            Err(format!("the owner holds the invisible character U+{code:04X}; remove it"))
        }
        None => Ok(()),
    }
}
