//! Parses permission expressions: `"edit"`, `any("edit", Can::Comment)`, `all("a", any("b", "c"))`.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{BinOp, Expr, ExprBinary, ExprCall, ExprPath, Token, punctuated::Punctuated};

use crate::{
    errors::Errors,
    name::{Name, Noun, lone_word, peel},
    nearest_word::nearest,
    token_text,
};

/// A permission, or a nested list of permissions.
#[derive(Clone)]
pub(crate) enum Permission {
    All(Vec<Self>),
    Any(Vec<Self>),
    One(Name),
}

impl Permission {
    /// Parses an expression. Returns `None` after reporting a mistake.
    pub(crate) fn from_expr(expr: &Expr, errors: &mut Errors) -> Option<Self> {
        Self::of(Noun::Permission, expr, errors)
    }

    /// Parses an expression of variants of an enum, which a policy answers for.
    pub(crate) fn declared(expr: &Expr, errors: &mut Errors) -> Option<Self> {
        Self::of(Noun::Declared, expr, errors)
    }

    /// Parses scopes: all that are listed, each of them a scope token or a list.
    pub(crate) fn of_scopes(listed: &[Expr], errors: &mut Errors) -> Option<Self> {
        let parts: Vec<_> = listed.iter().map(|part| Self::of(Noun::Scope, part, errors)).collect();
        let mut parts = parts.into_iter().collect::<Option<Vec<_>>>()?;
        if parts.len() == 1 { parts.pop() } else { Some(Self::All(parts)) }
    }

    fn of(noun: Noun, expr: &Expr, errors: &mut Errors) -> Option<Self> {
        match peel(expr) {
            Expr::Call(call) => Self::from_call(noun, call, errors),
            Expr::Path(path) => match lone_word(path) {
                Some(word) if word == "any" || word == "all" => empty_list(noun, word, path, errors),
                Some(word) if word == "ALL" => {
                    let (example, what) = (noun.example_code(), noun.singular());
                    errors.on(path, format_args!("`ALL` is not a {what}; write one, such as `{example}`"));
                    None
                }
                Some(word) if is_user_or_group(word) => user_or_group(noun, path, errors),
                _ => Name::from_expr(expr, noun, errors).map(Self::One),
            },
            Expr::Array(array) => written_together(&array.elems, array, errors),
            Expr::Tuple(tuple) => written_together(&tuple.elems, tuple, errors),
            Expr::Binary(binary) => written_with_operators(binary, errors),
            expr => Name::from_expr(expr, noun, errors).map(Self::One),
        }
    }

    fn from_call(noun: Noun, call: &ExprCall, errors: &mut Errors) -> Option<Self> {
        let Expr::Path(function) = peel(&call.func) else { return not_a_list(noun, call, errors) };
        let Some(word) = lone_word(function) else { return not_a_list(noun, call, errors) };
        if is_user_or_group(word) {
            return user_or_group(noun, call, errors);
        }
        let combine = match word.to_string().as_str() {
            "all" => Self::All,
            "any" => Self::Any,
            other => return misspelt_list(noun, other, function, call, errors),
        };
        if call.args.is_empty() {
            return empty_list(noun, word, call, errors);
        }
        let parts: Vec<_> = call.args.iter().map(|part| Self::of(noun, part, errors)).collect();
        parts.into_iter().collect::<Option<_>>().map(combine)
    }

    /// Returns the smallest set of names that satisfies the expression; the first of several.
    pub(crate) fn fewest(&self) -> Vec<String> {
        match self {
            Self::All(parts) => {
                let mut names: Vec<String> = Vec::new();
                for name in parts.iter().flat_map(Self::fewest) {
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
                names
            }
            Self::Any(parts) => parts.iter().map(Self::fewest).min_by_key(Vec::len).unwrap_or_default(),
            Self::One(name) => vec![name.bare()],
        }
    }

    /// Returns the names from left to right.
    pub(crate) fn names(&self) -> Vec<&Name> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::names).collect(),
            Self::One(name) => vec![name],
        }
    }

    /// Returns the expression as source text, for the access table.
    pub(crate) fn text(&self) -> String {
        let list = |parts: &[Self]| parts.iter().map(Self::text).collect::<Vec<_>>().join(", ");
        match self {
            Self::All(parts) => format!("all({})", list(parts)),
            Self::Any(parts) => format!("any({})", list(parts)),
            Self::One(name) => token_text::tokens(name),
        }
    }
}

fn empty_list(noun: Noun, word: &Ident, found: &impl ToTokens, errors: &mut Errors) -> Option<Permission> {
    let (names, examples) = (noun.plural(), noun.examples());
    errors.on(found, format_args!("`{word}` is empty; list {names}, as in `{word}({examples})`"));
    None
}

fn is_user_or_group(word: &Ident) -> bool {
    ["Everyone", "Authenticated", "User", "Group", "Service"].iter().any(|known| word == known)
}

/// Reports a user or group in place of a permission.
fn user_or_group(noun: Noun, found: &impl ToTokens, errors: &mut Errors) -> Option<Permission> {
    let text = token_text::tokens(found);
    if noun == Noun::Declared {
        errors.on(found, format_args!("`{text}` is not a permission; write one, such as `Can::Edit`"));
        return None;
    }
    let message = format_args!(
        "`{text}` is not a permission; write the rule `(Allow, {text}, [\"edit\"])` in the ACL, and `\"edit\"` here"
    );
    errors.on(found, message);
    None
}

/// Reports `["view", "edit"]`.
fn written_together(
    parts: &Punctuated<Expr, Token![,]>,
    found: &impl ToTokens,
    errors: &mut Errors,
) -> Option<Permission> {
    let text = parts.iter().map(token_text::tokens).collect::<Vec<_>>().join(", ");
    let remedy = if parts.len() == 1 {
        format!("write `{text}` without brackets")
    } else {
        format!("write `any({text})` or `all({text})`")
    };
    errors.on(found, format_args!("a guard has no lists in brackets; {remedy}"));
    None
}

/// Reports `"view" | "edit"`.
fn written_with_operators(binary: &ExprBinary, errors: &mut Errors) -> Option<Permission> {
    let function = match &binary.op {
        BinOp::BitOr(_) | BinOp::Or(_) => "any",
        _ => "all",
    };
    let mut parts = vec![token_text::tokens(&binary.right)];
    let mut left = &*binary.left;
    while let Expr::Binary(inner) = peel(left)
        && token_text::tokens(inner.op) == token_text::tokens(binary.op)
    {
        parts.push(token_text::tokens(&inner.right));
        left = &inner.left;
    }
    parts.push(token_text::tokens(left));
    parts.reverse();
    let (operator, parts) = (token_text::tokens(binary.op), parts.join(", "));
    errors.on(binary, format_args!("a guard has no operator `{operator}`; write `{function}({parts})`"));
    None
}

fn misspelt_list(
    noun: Noun,
    word: &str,
    function: &ExprPath,
    call: &ExprCall,
    errors: &mut Errors,
) -> Option<Permission> {
    match nearest(word, ["any", "all"]) {
        Some(near) => errors.on(function, format_args!("unknown list `{word}`; did you mean `{near}`?")),
        None if word == "not" && noun == Noun::Scope => {
            errors.on(function, "a guard cannot ask for a missing scope; list those that have to be there");
        }
        None if word == "not" && noun == Noun::Declared => {
            errors.on(function, "a guard cannot ask for a missing permission; let the policy deny it");
        }
        None if word == "not" => errors
            .on(function, "a guard cannot ask for a missing permission; write a `Deny` rule into the ACL"),
        None => return not_a_list(noun, call, errors),
    }
    // Report mistakes in the parts as well.
    for part in &call.args {
        let _ = Permission::of(noun, part, errors);
    }
    None
}

fn not_a_list(noun: Noun, call: &ExprCall, errors: &mut Errors) -> Option<Permission> {
    let (function, names) = (&call.func, noun.plural());
    let text = token_text::tokens(function);
    let message = format_args!("`{text}` is not a list of {names}; expected `any(…)` or `all(…)`");
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

    fn read_scopes(code: &str) -> Result<(String, String), Vec<String>> {
        let list = syn::parse_str::<syn::ExprTuple>(&format!("({code},)")).unwrap();
        let mut errors = Errors::default();
        let scopes = Permission::of_scopes(&list.elems.into_iter().collect::<Vec<_>>(), &mut errors);
        scopes.map(|scopes| (scopes.text(), scopes.fewest().join(" "))).ok_or_else(|| errors.messages())
    }

    #[test]
    fn scopes_are_listed_and_the_fewest_that_suffice_are_asked_for() {
        for (code, text, fewest) in [
            ("\"a\"", "\"a\"", "a"),
            ("\"a\", \"b\"", "all(\"a\", \"b\")", "a b"),
            ("any(all(\"a\", \"b\"), \"c\", \"d\")", "any(all(\"a\", \"b\"), \"c\", \"d\")", "c"),
            ("any(\"b\", \"a\"), \"b\"", "all(any(\"b\", \"a\"), \"b\")", "b"),
            ("\"a-b:c/d?e=f~!\"", "\"a-b:c/d?e=f~!\"", "a-b:c/d?e=f~!"),
        ] {
            assert_eq!(read_scopes(code), Ok((text.to_owned(), fewest.to_owned())), "{code}");
        }
    }

    #[test]
    fn an_invalid_scope_is_reported() {
        let no_scope =
            |text: &str| format!("`{text}` is not a scope; write visible ASCII without `\"` and `\\`");
        for (code, message) in [
            ("\"\"", "the scope is empty; write a name such as `\"articles:read\"`".to_owned()),
            ("\"a b\"", "the scope `a b` holds a blank; list scopes by themselves: \"a\", \"b\"".to_owned()),
            ("\" a\"", "the scope begins or ends with a blank; write `\"a\"`".to_owned()),
            ("\"a\\tb\"", "the scope holds the invisible character U+0009; remove it".to_owned()),
            ("\"a\\\"b\"", no_scope("a\"b")),
            ("\"a\\\\b\"", no_scope("a\\b")),
            ("\"größe\"", no_scope("größe")),
            ("read", "scopes are strings; write `\"read\"`".to_owned()),
            ("7", "scopes are strings; write `\"7\"`".to_owned()),
            ("Can::Read", "scopes are strings; write for example `\"articles:read\"`".to_owned()),
            (
                "any()",
                "`any` is empty; list scopes, as in `any(\"articles:read\", \"articles:write\")`".to_owned(),
            ),
            (
                "not(\"a\")",
                "a guard cannot ask for a missing scope; list those that have to be there".to_owned(),
            ),
            ("few(\"a\")", "`few` is not a list of scopes; expected `any(…)` or `all(…)`".to_owned()),
        ] {
            assert_eq!(read_scopes(code), Err(vec![message]), "{code}");
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
            (
                "[\"a\", Can::B]",
                &["a guard has no lists in brackets; write `any(\"a\", Can::B)` or `all(\"a\", Can::B)`"],
            ),
            ("(\"a\",)", &["a guard has no lists in brackets; write `\"a\"` without brackets"]),
            ("\"a\" || \"b\" || \"c\"", &["a guard has no operator `||`; write `any(\"a\", \"b\", \"c\")`"]),
            ("\"a\" & B", &["a guard has no operator `&`; write `all(\"a\", B)`"]),
            ("ALL", &["`ALL` is not a permission; write one, such as `\"edit\"`"]),
            (
                "any(User(\"bob\"))",
                &[
                    "`User(\"bob\")` is not a permission; write the rule `(Allow, User(\"bob\"), [\"edit\"])` \
                   in the ACL, and `\"edit\"` here",
                ],
            ),
        ] {
            assert_eq!(read(code), Err(messages.iter().map(|m| (*m).to_owned()).collect()), "{code}");
        }
    }
}
