//! Permission expressions: `"edit"`, `any("edit", Can::Comment)`, `all("a", any("b", "c"))`.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Expr, ExprCall, ExprPath};

use crate::{
    errors::Errors,
    name::{Name, Noun, lone_word, peel},
    suggest::nearest,
    text,
};

/// What a guard asks for.
#[derive(Clone)]
pub(crate) enum Permission {
    All(Vec<Self>),
    Any(Vec<Self>),
    One(Name),
}

impl Permission {
    /// Reads an expression. `None` means that something was wrong with it, and has been reported.
    pub(crate) fn from_expr(expr: &Expr, errors: &mut Errors) -> Option<Self> {
        match peel(expr) {
            Expr::Call(call) => Self::from_call(call, errors),
            Expr::Path(path) => match lone_word(path) {
                Some(word) if word == "any" || word == "all" => empty_list(word, path, errors),
                _ => Name::from_expr(expr, Noun::Permission, errors).map(Self::One),
            },
            expr => Name::from_expr(expr, Noun::Permission, errors).map(Self::One),
        }
    }

    fn from_call(call: &ExprCall, errors: &mut Errors) -> Option<Self> {
        let Expr::Path(function) = peel(&call.func) else { return not_a_list(call, errors) };
        let Some(word) = lone_word(function) else { return not_a_list(call, errors) };
        let combine = match word.to_string().as_str() {
            "all" => Self::All,
            "any" => Self::Any,
            other => return misspelt_list(other, function, call, errors),
        };
        if call.args.is_empty() {
            return empty_list(word, call, errors);
        }
        let parts: Vec<_> = call.args.iter().map(|part| Self::from_expr(part, errors)).collect();
        parts.into_iter().collect::<Option<_>>().map(combine)
    }

    /// The names from left to right.
    pub(crate) fn names(&self) -> Vec<&Name> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::names).collect(),
            Self::One(name) => vec![name],
        }
    }

    /// As the user would write it, for the access table.
    pub(crate) fn text(&self) -> String {
        let list = |parts: &[Self]| parts.iter().map(Self::text).collect::<Vec<_>>().join(", ");
        match self {
            Self::All(parts) => format!("all({})", list(parts)),
            Self::Any(parts) => format!("any({})", list(parts)),
            Self::One(name) => text::tokens(name),
        }
    }
}

fn empty_list(word: &Ident, found: &impl ToTokens, errors: &mut Errors) -> Option<Permission> {
    let message = format_args!("`{word}` is empty; list permissions, as in `{word}(\"edit\", \"comment\")`");
    errors.on(found, message);
    None
}

fn misspelt_list(
    word: &str,
    function: &ExprPath,
    call: &ExprCall,
    errors: &mut Errors,
) -> Option<Permission> {
    match nearest(word, ["any", "all"]) {
        Some(near) => errors.on(function, format_args!("unknown list `{word}`; did you mean `{near}`?")),
        None if word == "not" => errors
            .on(function, "a guard cannot ask for a missing permission; write a `Deny` rule into the ACL"),
        None => return not_a_list(call, errors),
    }
    // The parts may hold mistakes of their own.
    for part in &call.args {
        let _ = Permission::from_expr(part, errors);
    }
    None
}

fn not_a_list(call: &ExprCall, errors: &mut Errors) -> Option<Permission> {
    let function = &call.func;
    let text = text::tokens(function);
    let message = format_args!("`{text}` is not a list of permissions; expected `any(…)` or `all(…)`");
    errors.on(function, message);
    None
}

#[cfg(test)]
mod tests {
    use super::{Errors, Permission};

    fn read(code: &str) -> Result<String, Vec<String>> {
        let expr = syn::parse_str(code).unwrap();
        let mut errors = Errors::default();
        let permission = Permission::from_expr(&expr, &mut errors);
        permission.map(|permission| permission.text()).ok_or_else(|| errors.messages())
    }

    #[test]
    fn expressions_are_shown_as_they_are_written() {
        for (code, text) in [
            ("\"edit\"", "\"edit\""),
            ("Can :: Edit", "Can::Edit"),
            ("any(\"edit\",-3)", "any(\"edit\", -3)"),
            ("all(\"a\", any(\"b\", all(Can::C)))", "all(\"a\", any(\"b\", all(Can::C)))"),
        ] {
            assert_eq!(read(code).as_deref(), Ok(text), "{code}");
        }
    }

    #[test]
    fn every_mistake_of_an_expression_is_reported() {
        for (code, messages) in [
            ("anny(\"a\")", &["unknown list `anny`; did you mean `any`?"][..]),
            (
                "any(all(), edit, 1.5)",
                &[
                    "`all` is empty; list permissions, as in `all(\"edit\", \"comment\")`",
                    "permissions are strings, integers or enum variants; write `\"edit\"`",
                    "permissions are strings, integers or enum variants; write for example `\"edit\"`",
                ],
            ),
            (
                "not(\"a\")",
                &["a guard cannot ask for a missing permission; write a `Deny` rule into the ACL"],
            ),
            (
                "Can::Edit(\"a\")",
                &["`Can::Edit` is not a list of permissions; expected `any(…)` or `all(…)`"],
            ),
            ("any", &["`any` is empty; list permissions, as in `any(\"edit\", \"comment\")`"]),
        ] {
            assert_eq!(read(code), Err(messages.iter().map(|m| (*m).to_owned()).collect()), "{code}");
        }
    }
}
