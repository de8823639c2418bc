//! Parses names of permissions, groups and users: `"edit"`, `7` or `Can::Edit`.

mod expression_shape;
mod kind_of_name;
mod text_check;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, ExprPath, ExprUnary, Lit, LitInt, LitStr, UnOp, ext::IdentExt as _};

pub(crate) use expression_shape::{bare_word, ends, is_constant, is_lower, is_upper, lone_word, peel};
pub(crate) use kind_of_name::Noun;
pub(crate) use text_check::{checked_text, is_hidden};

use crate::{
    errors::Errors,
    runtime_paths::{Runtime, constant_of},
    token_text,
};

/// A name as the user wrote it.
#[derive(Clone)]
pub(crate) enum Name {
    /// `EDIT`: a constant of text, or of an enum.
    Constant(ExprPath),
    Number(Number),
    Text(LitStr),
    Variant(ExprPath),
}

/// An integer literal, with its sign.
#[derive(Clone)]
pub(crate) struct Number {
    value: i64,
    tokens: TokenStream,
}

impl Name {
    /// Parses a name; reports an expression that is not a valid name.
    pub(crate) fn from_expr(expr: &Expr, noun: Noun, errors: &mut Errors) -> Option<Self> {
        if noun == Noun::Declared {
            return Self::declared(peel(expr), errors);
        }
        match peel(expr) {
            Expr::Lit(literal) => Self::from_literal(&literal.lit, noun, errors),
            Expr::Unary(ExprUnary { op: UnOp::Neg(minus), expr: positive, .. }) => match peel(positive) {
                Expr::Lit(literal) => match &literal.lit {
                    Lit::Int(digits) => number(digits, quote!(#minus #digits), noun, errors),
                    _ => wrong_kind(expr, noun, errors),
                },
                _ => wrong_kind(expr, noun, errors),
            },
            Expr::Path(path) => match bare_word(path) {
                Some(word) => unquoted(word, path, noun, errors),
                None if noun == Noun::Scope => wrong_kind(path, noun, errors),
                None if is_constant(path) => Some(Self::Constant(path.clone())),
                None => Some(Self::Variant(path.clone())),
            },
            _ => wrong_kind(expr, noun, errors),
        }
    }

    /// Parses `Can::Edit`, or the name of a constant.
    fn declared(expr: &Expr, errors: &mut Errors) -> Option<Self> {
        let text = match expr {
            Expr::Path(path) => match bare_word(path) {
                None if is_constant(path) => return Some(Self::Constant(path.clone())),
                None => return Some(Self::Variant(path.clone())),
                Some(word) => Some(word.unraw().to_string()),
            },
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        };
        let variant = text.as_deref().and_then(in_camel_case).unwrap_or_else(|| "Edit".to_owned());
        let found = token_text::tokens(expr);
        let message = format_args!(
            "`{found}` is not checked by the compiler; write `Can::{variant}`, a variant of an enum with \
             `#[derive(Permission)]`"
        );
        errors.on(expr, message);
        None
    }

    fn from_literal(literal: &Lit, noun: Noun, errors: &mut Errors) -> Option<Self> {
        match literal {
            Lit::Str(text) => checked_text(text, noun, errors).then(|| Self::Text(text.clone())),
            Lit::Int(digits) => number(digits, digits.to_token_stream(), noun, errors),
            _ => wrong_kind(literal, noun, errors),
        }
    }

    /// Returns `Name::Text("edit")`, `Name::Number(7)`, or a call that returns a variant's name, where the module of
    /// helpers is [imported](Runtime::import).
    pub(crate) fn expand(&self, runtime: &Runtime, noun: Noun) -> TokenStream {
        let name = runtime.name();
        match self {
            Self::Number(number) => {
                let literal = &number.tokens;
                quote!(#name::Number(#literal))
            }
            Self::Text(text) => quote!(#name::Text(#text)),
            Self::Constant(path) => {
                let constant = constant(path, noun);
                quote!(#constant.name(#constant.variant() as ::core::primitive::i128))
            }
            Self::Variant(path) => {
                let variants = variants(path, noun);
                quote!(__auth::variant(#variants, #path, #path as ::core::primitive::i128))
            }
        }
    }

    /// Returns whether its expansion needs the module of helpers.
    pub(crate) const fn is_imported(&self) -> bool {
        matches!(self, Self::Constant(_) | Self::Variant(_))
    }

    /// Returns a call that returns a variant with its enum, where the module of helpers is
    /// [imported](Runtime::import).
    pub(crate) fn expand_declared(&self) -> TokenStream {
        let variants = constant_of("Vocabulary", "DECLARED", self.ends());
        let discriminant = match self {
            Self::Constant(path) => {
                let constant = constant(path, Noun::Permission);
                quote!(#constant.variant())
            }
            Self::Number(_) | Self::Text(_) | Self::Variant(_) => quote!(#self),
        };
        quote!(__auth::declared(#variants, #self, #discriminant as ::core::primitive::i128))
    }

    /// Returns a key that is equal for names that the macro can tell to be equal.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Number(number) => number.value.to_string(),
            Self::Text(text) => format!("{:?}", text.value()),
            Self::Constant(path) | Self::Variant(path) => token_text::tokens(path),
        }
    }

    /// Returns whether the name is a variant of an enum, as an expression: only the compiler knows the type of a
    /// constant.
    pub(crate) fn is_variant(&self) -> TokenStream {
        match self {
            Self::Number(_) | Self::Text(_) => quote!(false),
            Self::Variant(_) => quote!(true),
            Self::Constant(path) => {
                let constant = constant(path, Noun::Permission);
                quote!(#constant.is_variant())
            }
        }
    }

    /// Returns the name without quotation marks.
    pub(crate) fn bare(&self) -> String {
        match self {
            Self::Text(text) => text.value(),
            Self::Constant(_) | Self::Number(_) | Self::Variant(_) => self.key(),
        }
    }

    /// Returns the spans of the first and the last token.
    pub(crate) fn ends(&self) -> (Span, Span) {
        ends(self)
    }
}

impl ToTokens for Name {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Number(number) => number.tokens.to_tokens(tokens),
            Self::Text(text) => text.to_tokens(tokens),
            Self::Constant(path) | Self::Variant(path) => path.to_tokens(tokens),
        }
    }
}

/// Converts `read_all` to `ReadAll`, if the result is an identifier.
fn in_camel_case(text: &str) -> Option<String> {
    let parts = text.split(['_', '-', ' ', ':', '.']);
    let camel: String = parts
        .flat_map(|part| {
            let mut letters = part.chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters.collect::<Vec<_>>())
        })
        .collect();
    syn::parse_str::<Ident>(&camel).is_ok().then_some(camel)
}

/// Returns the variants of the enum that the path is a variant of.
pub(crate) fn variants(path: &ExprPath, noun: Noun) -> TokenStream {
    let of = if noun == Noun::Group { "GroupWords" } else { "PermissionWords" };
    constant_of(of, "VARIANTS", ends(path))
}

fn constant(path: &ExprPath, noun: Noun) -> TokenStream {
    let of = if noun == Noun::Group { "ConstantGroup" } else { "ConstantPermission" };
    let constants = constant_of(of, "CONSTANTS", ends(path));
    quote!(__auth::constant(#constants, #path))
}

fn number(digits: &LitInt, tokens: TokenStream, noun: Noun, errors: &mut Errors) -> Option<Name> {
    if matches!(noun, Noun::Scope | Noun::User) {
        errors.on(&tokens, format_args!("{}; write `\"{}\"`", noun.kinds(), token_text::tokens(&tokens)));
        return None;
    }
    let sign = if token_text::tokens(&tokens).starts_with('-') { "-" } else { "" };
    if !digits.suffix().is_empty() {
        let plain = digits.base10_digits();
        errors.on(&tokens, format_args!("numbers are written without a type; write `{sign}{plain}`"));
        return None;
    }
    let Ok(value) = format!("{sign}{}", digits.base10_digits()).parse() else {
        let what = noun.singular();
        errors.on(&tokens, format_args!("this {what} does not fit into 64 bits; use a smaller number"));
        return None;
    };
    Some(Name::Number(Number { value, tokens }))
}

fn unquoted(word: &Ident, path: &ExprPath, noun: Noun, errors: &mut Errors) -> Option<Name> {
    let word = word.unraw();
    errors.on(path, format_args!("{}; write `\"{word}\"`", noun.kinds()));
    None
}

fn wrong_kind(found: &impl ToTokens, noun: Noun, errors: &mut Errors) -> Option<Name> {
    let (kinds, example) = (noun.kinds(), noun.example());
    errors.on(found, format_args!("{kinds}; write for example `\"{example}\"`"));
    None
}

#[cfg(test)]
mod tests {
    use super::{Errors, Name, Noun};

    fn read(code: &str) -> Result<String, Vec<String>> {
        let expr = syn::parse_str(code).unwrap();
        let mut errors = Errors::default();
        let name = Name::from_expr(&expr, Noun::Permission, &mut errors);
        name.map(|name| name.key()).ok_or_else(|| errors.messages())
    }

    #[test]
    fn strings_integers_and_variants_are_names() {
        for (code, key) in [
            ("\"edit\"", "\"edit\""),
            ("\"read users\"", "\"read users\""),
            ("r#\"edit\"#", "\"edit\""),
            ("7", "7"),
            ("0x10", "16"),
            ("-3", "-3"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("Can::Edit", "Can::Edit"),
            ("Edit", "Edit"),
            ("::rights::Can::Edit", "::rights::Can::Edit"),
        ] {
            assert_eq!(read(code).as_deref(), Ok(key), "{code}");
        }
    }

    #[test]
    fn an_invalid_name_gets_a_hint() {
        for (code, message) in [
            ("edit", "permissions are strings, integers or enum variants; write `\"edit\"`"),
            ("true", "permissions are strings, integers or enum variants; write for example `\"edit\"`"),
            ("1.5", "permissions are strings, integers or enum variants; write for example `\"edit\"`"),
            ("b\"edit\"", "permissions are strings, integers or enum variants; write for example `\"edit\"`"),
            ("-x", "permissions are strings, integers or enum variants; write for example `\"edit\"`"),
            ("\"\"", "the permission is empty; write a name such as `\"edit\"`"),
            ("\" edit\"", "the permission begins or ends with a blank; write `\"edit\"`"),
            ("\"ed\\u{200b}it\"", "the permission holds the invisible character U+200B; remove it"),
            ("\"ed\\nit\"", "the permission holds the invisible character U+000A; remove it"),
            ("\"ed\\u{a0}it\"", "the permission holds the invisible character U+00A0; remove it"),
            ("7u8", "numbers are written without a type; write `7`"),
            ("9223372036854775808", "this permission does not fit into 64 bits; use a smaller number"),
        ] {
            assert_eq!(read(code), Err(vec![message.to_owned()]), "{code}");
        }
    }
}
