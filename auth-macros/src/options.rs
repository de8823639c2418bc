//! Parses the options of an attribute: `anonymous`, `fresh = …`, `hide`, `refusal = …`, `shadow = …`, `reason
//! = …`, `until = …` and `crate = …`, in any order after the requirement.

use proc_macro2::Ident;
use syn::{Expr, ExprLit, Lit, LitStr, Path};

use crate::{
    args::Arg,
    date::is_day,
    duration,
    errors::Errors,
    name::{bare_word, is_lower, peel},
    paths::Runtime,
    requirement::{self, Kind},
    suggest::nearest,
};

/// The options of a guard.
#[derive(Default)]
pub(crate) struct Options {
    /// The keyword itself: the resource is loaded for anonymous requests too.
    pub(crate) anonymous: Option<Ident>,
    /// In seconds.
    pub(crate) fresh: Option<u64>,
    pub(crate) hide: bool,
    pub(crate) refusal: Option<Path>,
    pub(crate) reason: Option<LitStr>,
    pub(crate) until: Option<LitStr>,
    /// A second ACL that is evaluated and logged, but does not decide.
    pub(crate) shadow: Option<Box<Expr>>,
    pub(crate) runtime: Runtime,
}

/// Separates the options from the arguments of the requirement.
pub(crate) fn read(kind: Kind, args: Vec<Arg>, errors: &mut Errors) -> (Vec<Expr>, Options) {
    let mut reader = Reader { kind, errors, seen: Vec::new(), options: Options::default() };
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
    errors: &'a mut Errors,
    seen: Vec<(String, Ident, usize)>,
    options: Options,
}

impl Reader<'_> {
    /// Consumes an option, or returns an argument of the requirement. `before` counts those so far.
    fn option(&mut self, arg: Arg, before: usize) -> Option<Expr> {
        let flag = arg.word().filter(|word| self.is_option(word, before)).cloned();
        match (arg, flag) {
            (Arg::Assigned(key, value), _) => self.assigned(&key, &value, before),
            (Arg::Plain(_), Some(flag)) => self.flag(&flag, before),
            (Arg::Plain(expr), None) => return Some(expr),
        }
        None
    }

    /// Returns whether a single word is an option: it has the name of one, or no other argument can be at
    /// this position.
    fn is_option(&self, word: &Ident, before: usize) -> bool {
        let text = word.to_string();
        let known = Kind::Auth.options().contains(&text.as_str());
        let context = self.kind == Kind::Acl && before == 1 || self.kind == Kind::Scope && before > 0;
        let near = nearest(&text, self.kind.options().iter().copied()).is_some();
        known || is_lower(word) && (before >= self.kind.positions() || context && near)
    }

    fn flag(&mut self, key: &Ident, before: usize) {
        let word = key.to_string();
        if !self.is_known(&word, key, before) {
            return;
        }
        match word.as_str() {
            "anonymous" => self.options.anonymous = Some(key.clone()),
            "fresh" => self.errors.on(key, "`fresh` has no value; write `fresh = \"10m\"`"),
            "hide" => self.options.hide = true,
            "reason" => self.errors.on(key, "`reason` has no value; write `reason = \"why everybody may\"`"),
            "refusal" => self.errors.on(key, "`refusal` has no value; write `refusal = path::to::function`"),
            "shadow" => self.errors.on(key, "`shadow` has no value; write `shadow = ARTICLES_NEXT`"),
            "until" => self.errors.on(key, "`until` has no value; write `until = \"2027-01-31\"`"),
            _ => self.errors.on(key, "`crate` has no value; write `crate = path::to::auth_runtime`"),
        }
    }

    fn assigned(&mut self, key: &Ident, value: &Expr, before: usize) {
        let word = key.to_string();
        if !self.is_known(&word, key, before) {
            return;
        }
        match word.as_str() {
            "fresh" => {
                let text = self.text(&word, value, "10m", |text| duration::seconds(text).map(drop));
                self.options.fresh = text.and_then(|text| duration::seconds(&text.value()).ok());
            }
            "anonymous" | "hide" => {
                self.errors.on(value, format_args!("`{word}` takes no value; write `{word}` alone"));
            }
            "reason" => self.options.reason = self.text(&word, value, "why everybody may", is_reason),
            "shadow" => self.options.shadow = self.list(value),
            "until" => self.options.until = self.text(&word, value, "2027-01-31", is_until),
            "refusal" => {
                self.options.refusal = self.path(value, "name a function such as `pages::not_for_you`");
            }
            _ => {
                if let Some(path) = self.path(value, "write for example `crate = renamed_runtime`") {
                    self.options.runtime = path.into();
                }
            }
        }
    }

    // An option must be known, belong to this attribute, and be given once.
    fn is_known(&mut self, word: &str, key: &Ident, before: usize) -> bool {
        let attribute = self.kind.attribute();
        if !self.kind.options().contains(&word) {
            if self.kind == Kind::Anonymous && Kind::Auth.options().contains(&word) {
                let message =
                    format_args!("`{word}` is not expected here; `#[{attribute}]` never rejects a request");
                self.errors.on(key, message);
            } else if matches!(word, "anonymous" | "shadow") {
                let message = format_args!("`{word}` is not expected here; it belongs to `#[acl_required]`");
                self.errors.on(key, message);
            } else if Kind::Anonymous.options().contains(&word) {
                let message =
                    format_args!("`{word}` is not expected here; it belongs to `#[allow_anonymous]`");
                self.errors.on(key, message);
            } else {
                self.errors.unknown(key, "option", self.kind.options());
            }
            return false;
        }
        if let Some((_, first, _)) = self.seen.iter().find(|(seen, ..)| seen == word) {
            self.errors.duplicate(key, format_args!("the option `{word}` is repeated"), first);
            return false;
        }
        self.seen.push((word.to_owned(), key.clone(), before));
        true
    }

    /// Reads an ACL, by name or as a constant expression.
    fn list(&mut self, value: &Expr) -> Option<Box<Expr>> {
        if let Expr::Path(path) = peel(value)
            && let Some(word) = bare_word(path)
        {
            let message = format_args!(
                "a shadow is a constant list; `{word}` is none, so name an ACL such as `ARTICLES_NEXT`"
            );
            self.errors.on(value, message);
            return None;
        }
        requirement::check_context(value, self.errors).then(|| Box::new(peel(value).clone()))
    }

    /// Reads a string literal that passes `check`.
    fn text(
        &mut self,
        word: &str,
        value: &Expr,
        example: &str,
        check: fn(&str) -> Result<(), String>,
    ) -> Option<LitStr> {
        let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = peel(value) else {
            let message = format_args!("a string is expected here; write `{word} = \"{example}\"`");
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

    fn path(&mut self, value: &Expr, expected: &str) -> Option<Path> {
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

fn is_reason(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("the reason is empty; say why everybody may call this handler".to_owned());
    }
    Ok(())
}

fn is_until(text: &str) -> Result<(), String> {
    if is_day(text) { Ok(()) } else { Err(format!("`{text}` is not a date; write it as `2027-01-31`")) }
}

// `until` ends a reason, so it needs one.
fn check_until(seen: &[(String, Ident, usize)], errors: &mut Errors) {
    let find = |option: &str| seen.iter().find(|(word, ..)| word == option);
    if let (Some((_, until, _)), None) = (find("until"), find("reason")) {
        errors.on(
            until,
            "`until` says when a reason ends, and there is none; write `reason = \"…\"` beside it",
        );
    }
}

// Options come last, so that the requirement is read first.
fn check_order(kind: Kind, asked: usize, seen: &[(String, Ident, usize)], errors: &mut Errors) {
    let all = asked.min(kind.positions());
    let what = match kind {
        Kind::Acl => "the permission and the context",
        Kind::Scope => "the scopes",
        Kind::Anonymous | Kind::Auth | Kind::Permission => "the permission",
    };
    for (word, key, before) in seen {
        if *before < all {
            errors.on(key, format_args!("`{word}` is not expected here; options come after {what}"));
        }
    }
}
