//! Reads the options of an attribute, in any order after the requirement.

use proc_macro2::Ident;
use syn::{Expr, ExprLit, Lit, LitStr, Path};

use super::{Opt, Options, words};
use crate::{
    acl_argument,
    attribute_args::Arg,
    attribute_kind::{Form, Kind},
    errors::Errors,
    name::{bare_word, is_constant, is_lower, peel},
    nearest_word::nearest,
    token_text,
};

/// Names that an argument of the requirement has in other libraries, where it is written with its name.
const REQUIREMENTS: &[&str] = &["acl", "context", "permission", "permissions", "resource", "scope", "scopes"];

/// Separates the options from the arguments of the requirement.
pub(crate) fn read(kind: Kind, form: Form, args: Vec<Arg>, errors: &mut Errors) -> (Vec<Expr>, Options) {
    let mut reader = Reader { kind, form, errors, seen: Vec::new(), options: Options::default() };
    let mut asked = Vec::new();
    for arg in args {
        if let Some(expr) = reader.option(arg, asked.len()) {
            asked.push(expr);
        }
    }
    let Reader { seen, options, .. } = reader;
    check_order(kind, asked.len(), &seen, errors);
    check_until(&seen, errors);
    (asked, options)
}

struct Reader<'a> {
    kind: Kind,
    form: Form,
    errors: &'a mut Errors,
    /// What was given, where, and after how many arguments of the requirement.
    seen: Vec<(Opt, Ident, usize)>,
    options: Options,
}

impl Reader<'_> {
    /// Consumes an option, or returns an argument of the requirement. `before` counts those so far.
    fn option(&mut self, arg: Arg, before: usize) -> Option<Expr> {
        let flag = arg.word().filter(|word| self.is_option(word, before)).cloned();
        match (arg, flag) {
            (Arg::Assigned(key, value), _) if self.is_requirement(&key, before) => {
                let text = token_text::tokens(&value);
                let message = format_args!("`{key}` is written without its name; write `{text}` alone");
                self.errors.on(&key, message);
                return Some(value);
            }
            (Arg::Assigned(key, value), _) => self.store(&key, Some(&value), before),
            (Arg::Plain(_), Some(flag)) => self.store(&flag, None, before),
            (Arg::Plain(expr), None) => return Some(expr),
        }
        None
    }

    /// Returns whether a single word is an option: it has the name of one, or no other argument can be at
    /// this position.
    fn is_option(&self, word: &Ident, before: usize) -> bool {
        let known = Opt::named(word).is_some_and(|option| option.belongs_to(Kind::Auth, self.form));
        let context = matches!(self.kind, Kind::Acl | Kind::Permission) && before == 1
            || self.kind == Kind::Scope && before > 0;
        let near = nearest(&word.to_string(), words(self.kind, self.form)).is_some();
        known || is_lower(word) && (before >= self.kind.positions() || context && near)
    }

    /// Returns whether `key = …` names an argument of the requirement.
    fn is_requirement(&self, key: &Ident, before: usize) -> bool {
        before < self.kind.positions() && REQUIREMENTS.iter().any(|known| key == known)
    }

    /// Stores an option, which has a value if it is written with `=`.
    fn store(&mut self, key: &Ident, value: Option<&Expr>, before: usize) {
        let Some(option) = self.known(key, before) else { return };
        let word = option.word();
        match (option.example(), value) {
            (Some(example), None) => {
                self.errors.on(key, format_args!("`{word}` has no value; write `{word} = {example}`"));
            }
            (None, Some(value)) => {
                self.errors.on(value, format_args!("`{word}` takes no value; write `{word}` alone"));
                // So that what depends on the option is not reported as well.
                let mut given = Given { option, key, value: None, errors: self.errors };
                self.options.store(option, &mut given);
            }
            _ => self.options.store(option, &mut Given { option, key, value, errors: self.errors }),
        }
    }

    /// Returns the option, if this attribute accepts it and it is given for the first time.
    fn known(&mut self, key: &Ident, before: usize) -> Option<Opt> {
        let Some(option) = Opt::named(key) else {
            self.errors.unknown(key, "option", &words(self.kind, self.form));
            return None;
        };
        let word = option.word();
        if !option.belongs_to(self.kind, self.form) {
            let reason = if self.kind == Kind::Anonymous && option.belongs_to(Kind::Auth, self.form) {
                format!("`{}` never rejects a request", self.kind.written(self.form, ""))
            } else if (option, self.form) == (Opt::Crate, Form::Layer) {
                "a layer finds the crate by itself".to_owned()
            } else {
                let form = if option.exists_in(self.form) { self.form } else { Form::Attribute };
                let owners: Vec<_> =
                    option.kinds().iter().map(|kind| format!("`{}`", kind.written(form, ""))).collect();
                format!("it belongs to {}", owners.join(", "))
            };
            self.errors.on(key, format_args!("`{word}` is not expected here; remove it, since {reason}"));
            return None;
        }
        if let Some((_, first, _)) = self.seen.iter().find(|(seen, ..)| *seen == option) {
            self.errors.duplicate(key, format_args!("the option `{word}` is repeated"), first);
            return None;
        }
        self.seen.push((option, key.clone(), before));
        Some(option)
    }
}

/// An option as it is written, and how its value is read.
pub(super) struct Given<'a> {
    option: Opt,
    pub(super) key: &'a Ident,
    value: Option<&'a Expr>,
    errors: &'a mut Errors,
}

impl Given<'_> {
    /// Reads an ACL, by name or as a constant expression.
    pub(super) fn list(&mut self) -> Option<Box<Expr>> {
        let value = self.value?;
        if let Expr::Path(path) = peel(value)
            && let Some(word) = bare_word(path)
        {
            let message = format_args!(
                "`{word}` is not written like a constant ACL; write for example `shadow = ARTICLES_NEXT`"
            );
            self.errors.on(value, message);
            return None;
        }
        acl_argument::check_context(value, self.errors).then(|| Box::new(peel(value).clone()))
    }

    /// Reads a string literal that passes `check`.
    pub(super) fn text(&mut self, check: fn(&str) -> Result<(), String>) -> Option<LitStr> {
        self.text_in(self.value?, check)
    }

    fn text_in(&mut self, value: &Expr, check: fn(&str) -> Result<(), String>) -> Option<LitStr> {
        let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = peel(value) else {
            let (word, example) = (self.option.word(), self.option.example().unwrap_or_default());
            let message = format_args!("a string is expected here; write `{word} = {example}`");
            self.errors.on(value, message);
            return None;
        };
        match check(&text.value()) {
            Ok(()) => Some(text.clone()),
            Err(message) => {
                self.errors.on(text, message);
                None
            }
        }
    }

    /// Reads one string literal, or a list of different ones, each of which passes `check`.
    pub(super) fn texts(&mut self, check: fn(&str) -> Result<(), String>, most: usize) -> Vec<LitStr> {
        let Some(Expr::Array(list)) = self.value.map(peel) else {
            return self.text(check).into_iter().collect();
        };
        let (word, example) = (self.option.word(), self.option.example().unwrap_or_default());
        if list.elems.is_empty() {
            self.errors.on(list, format_args!("the list is empty; write for example `{word} = {example}`"));
        }
        if let Some(first_too_many) = list.elems.get(most) {
            self.errors.on(first_too_many, format_args!("the list is too long; write at most {most} values"));
        }
        let mut texts: Vec<LitStr> = Vec::new();
        for value in &list.elems {
            let Some(text) = self.text_in(value, check) else { continue };
            match texts.iter().find(|other| other.value() == text.value()) {
                Some(_) => {
                    let message = format_args!("`{}` is there twice; remove one", text.value());
                    self.errors.on(&text, message);
                }
                None => texts.push(text),
            }
        }
        texts
    }

    /// Reads the path of a function that makes responses.
    pub(super) fn function(&mut self) -> Option<Path> {
        let value = peel(self.value?);
        let is_status = match value {
            Expr::Path(path) => is_constant(path),
            Expr::Lit(literal) => matches!(literal.lit, Lit::Int(_)),
            _ => false,
        };
        if !is_status {
            return self.path("name a function such as `pages::not_for_you`");
        }
        let text = token_text::tokens(value);
        let remedy = if text == "404" || text.ends_with("NOT_FOUND") {
            "write `hide` in place of `refusal = …`"
        } else {
            "write `refusal = refused`, with `fn refused(_: &Refusal) -> StatusCode`"
        };
        self.errors.on(value, format_args!("`{text}` is not a function; {remedy}"));
        None
    }

    /// Reads a path; the message about another value ends with `expected`.
    pub(super) fn path(&mut self, expected: &str) -> Option<Path> {
        let value = self.value?;
        match peel(value) {
            Expr::Path(path) if path.qself.is_none() => Some(path.path.clone()),
            Expr::Lit(ExprLit { lit: Lit::Str(quoted), .. }) if quoted.parse::<Path>().is_ok() => {
                let path = quoted.value();
                let message = format_args!("a path is expected here; write `{path}` without quotation marks");
                self.errors.on(value, message);
                None
            }
            _ => {
                self.errors.on(value, format_args!("a path is expected here; {expected}"));
                None
            }
        }
    }
}

// `until` ends a reason, so there must be one.
fn check_until(seen: &[(Opt, Ident, usize)], errors: &mut Errors) {
    let find = |option| seen.iter().find(|(seen, ..)| *seen == option);
    if let (Some((_, until, _)), None) = (find(Opt::Until), find(Opt::Reason)) {
        errors.on(
            until,
            "`until` says when a reason ends, and there is none; write `reason = \"…\"` beside it",
        );
    }
}

// Options come last, so that the requirement is read first.
fn check_order(kind: Kind, asked: usize, seen: &[(Opt, Ident, usize)], errors: &mut Errors) {
    let all = asked.min(kind.positions());
    let what = match kind {
        Kind::Acl => "the permission and the ACL",
        Kind::Scope => "the scopes",
        Kind::Anonymous | Kind::Auth | Kind::Permission => "the permission",
    };
    for (option, key, before) in seen {
        if *before < all {
            let word = option.word();
            errors.on(key, format_args!("`{word}` is not expected here; move it behind {what}"));
        }
    }
}
