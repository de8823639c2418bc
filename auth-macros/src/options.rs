//! The options of an attribute: `hide`, `refusal = …`, `crate = …`, in any order after what is asked for.

use proc_macro2::Ident;
use syn::{Expr, ExprLit, Lit, Path};

use crate::{
    args::Arg,
    errors::Errors,
    name::{is_lower, peel},
    paths::Runtime,
    rule::Kind,
    suggest::nearest,
};

/// How it is refused, and where the runtime is.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) hide: bool,
    pub(crate) refusal: Option<Path>,
    pub(crate) runtime: Runtime,
}

/// Takes the options out of the arguments; what is left says what is asked for.
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
    (asked, options)
}

struct Reader<'a> {
    kind: Kind,
    errors: &'a mut Errors,
    seen: Vec<(String, Ident, usize)>,
    options: Options,
}

impl Reader<'_> {
    /// Takes an option; gives back what is none. `before` is the number of arguments that were none so far.
    fn option(&mut self, arg: Arg, before: usize) -> Option<Expr> {
        let flag = arg.word().filter(|word| self.is_option(word, before)).cloned();
        match (arg, flag) {
            (Arg::Assigned(key, value), _) => self.assigned(&key, &value, before),
            (Arg::Plain(_), Some(flag)) => self.flag(&flag, before),
            (Arg::Plain(expr), None) => return Some(expr),
        }
        None
    }

    /// A lone word is an option if it is one of their names, or if nothing else can stand there.
    fn is_option(&self, word: &Ident, before: usize) -> bool {
        let text = word.to_string();
        let known = Kind::Auth.options().contains(&text.as_str());
        let context = self.kind == Kind::Acl && before == 1;
        let near = nearest(&text, self.kind.options().iter().copied()).is_some();
        known || is_lower(word) && (before >= self.kind.positions() || context && near)
    }

    fn flag(&mut self, key: &Ident, before: usize) {
        let word = key.to_string();
        if !self.is_known(&word, key, before) {
            return;
        }
        match word.as_str() {
            "hide" => self.options.hide = true,
            "refusal" => self.errors.on(key, "`refusal` has no value; write `refusal = path::to::function`"),
            _ => self.errors.on(key, "`crate` has no value; write `crate = path::to::auth_runtime`"),
        }
    }

    fn assigned(&mut self, key: &Ident, value: &Expr, before: usize) {
        let word = key.to_string();
        if !self.is_known(&word, key, before) {
            return;
        }
        match word.as_str() {
            "hide" => self.errors.on(value, "`hide` takes no value; write `hide` alone"),
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

    // An option is known, belongs to this attribute, and is given once.
    fn is_known(&mut self, word: &str, key: &Ident, before: usize) -> bool {
        let attribute = self.kind.attribute();
        if !self.kind.options().contains(&word) {
            if self.kind == Kind::Anonymous && Kind::Auth.options().contains(&word) {
                let message = format_args!("`{word}` is not expected here; `#[{attribute}]` refuses nobody");
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

// Options come last, so that the question can be read at a glance.
fn check_order(kind: Kind, asked: usize, seen: &[(String, Ident, usize)], errors: &mut Errors) {
    let all = asked.min(kind.positions());
    let what = if kind == Kind::Acl { "the permission and the context" } else { "the permission" };
    for (word, key, before) in seen {
        if *before < all {
            errors.on(key, format_args!("`{word}` is not expected here; options come after {what}"));
        }
    }
}
