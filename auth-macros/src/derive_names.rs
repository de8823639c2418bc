//! Expands `derive(Permission)` and `derive(Group)`: names for the variants of an enum.

use std::collections::HashMap;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use syn::{
    Attribute, Data, DataEnum, DeriveInput, Expr, Fields, Lit, LitStr, Meta, Variant, ext::IdentExt as _,
};

use crate::{
    attribute_args::{self, Arg},
    errors::Errors,
    name::{Noun, checked_text, peel},
    runtime_paths::Runtime,
};

pub(crate) fn expand(noun: Noun, input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let words = match syn::parse2(input) {
        Ok(input) => words(noun, &input, &mut errors).map(|words| words.expand(noun)),
        Err(error) => {
            errors.syntax(error);
            None
        }
    };
    // Emit the implementation even after a mistake in a name, so that uses of the enum are not reported as
    // well.
    let errors = errors.into_compile_errors();
    quote!(#words #errors)
}

/// A fieldless enum with a name for each variant.
struct Words<'a> {
    ident: &'a Ident,
    runtime: Runtime,
    names: Vec<(&'a Ident, LitStr)>,
}

impl Words<'_> {
    fn expand(&self, noun: Noun) -> TokenStream {
        let Words { ident, runtime, names } = self;
        let (words_trait, trait_) = match noun {
            Noun::Group => (runtime.private("GroupWords"), runtime.group_trait()),
            Noun::Declared | Noun::Permission | Noun::Scope | Noun::Service | Noun::User => {
                (runtime.private("PermissionWords"), runtime.permission_trait())
            }
        };
        let name = runtime.name();
        let (words_type, word) = (runtime.private("Words"), runtime.private("Word"));
        let words = names.iter().map(|(variant, text)| {
            let code = variant.to_string();
            quote!(#word::new(Self::#variant as ::core::primitive::i128, #code, #text))
        });
        let arms = names.iter().map(|(variant, text)| quote!(Self::#variant => #name::Text(#text),));
        // Groups are never looked up by name.
        let at = (noun != Noun::Group).then(|| {
            let option = quote!(::core::option::Option);
            let arms = names.iter().enumerate().map(|(index, (variant, _))| {
                let index = Literal::usize_unsuffixed(index);
                quote!(#index => #option::Some(Self::#variant),)
            });
            quote! {
                fn at(index: ::core::primitive::usize) -> #option<Self> {
                    match index { #(#arms)* _ => #option::None }
                }
            }
        });
        quote! {
            #[automatically_derived]
            impl #words_trait for #ident {
                const WORDS: #words_type = #words_type::new(
                    ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#ident)),
                    &[#(#words),*],
                );

                #at
            }

            #[automatically_derived]
            impl #trait_ for #ident {
                fn name(&self) -> #name<'_> {
                    match self { #(#arms)* }
                }
            }
        }
    }
}

fn words<'a>(noun: Noun, input: &'a DeriveInput, errors: &mut Errors) -> Option<Words<'a>> {
    let runtime = runtime(noun, &input.attrs, errors);
    let data = fieldless(noun, input, errors)?;
    let names: Vec<_> =
        data.variants.iter().map(|variant| (&variant.ident, name(noun, variant, errors))).collect();
    check_repeated_names(noun, &names, errors);
    Some(Words { ident: &input.ident, runtime, names })
}

/// Returns the enum if it has variants, no fields and no generics.
fn fieldless<'a>(noun: Noun, input: &'a DeriveInput, errors: &mut Errors) -> Option<&'a DataEnum> {
    let (derive, what) = (derive(noun), noun.singular());
    let data = match &input.data {
        Data::Enum(data) => data,
        Data::Struct(data) => {
            not_an_enum(derive, data.struct_token, "a struct", errors);
            return None;
        }
        Data::Union(data) => {
            not_an_enum(derive, data.union_token, "a union", errors);
            return None;
        }
    };
    if data.variants.is_empty() {
        errors.on(&input.ident, format_args!("`{}` has no variants; add one for each {what}", input.ident));
    }
    if !input.generics.params.is_empty() {
        let message = format_args!("an enum with `derive({derive})` has no generics; remove them");
        errors.on(&input.generics, message);
    }
    for variant in &data.variants {
        check_no_fields(variant, what, errors);
    }
    let plain = data.variants.iter().all(|variant| matches!(variant.fields, Fields::Unit));
    (plain && !data.variants.is_empty() && input.generics.params.is_empty()).then_some(data)
}

fn not_an_enum(derive: &str, keyword: impl quote::ToTokens, what: &str, errors: &mut Errors) {
    let message =
        format_args!("`derive({derive})` belongs on an enum, not on {what}; write one variant for each name");
    errors.on(keyword, message);
}

fn check_no_fields(variant: &Variant, what: &str, errors: &mut Errors) {
    if !matches!(variant.fields, Fields::Unit) {
        let ident = &variant.ident;
        errors.on(&variant.fields, format_args!("a {what} is a variant without fields; write `{ident}`"));
    }
}

// Rules could not tell two variants with one name apart.
fn check_repeated_names(noun: Noun, names: &[(&Ident, LitStr)], errors: &mut Errors) {
    let what = noun.singular();
    let mut seen: HashMap<String, &Ident> = HashMap::new();
    for (variant, name) in names {
        let text = name.value();
        if let Some(first) = seen.get(&text) {
            let message =
                format_args!("the {what} `{text}` is `{first}` already; give `{variant}` another `name`");
            errors.on(name, message);
        } else {
            seen.insert(text, variant);
        }
    }
}

/// Returns the path of the runtime from the enum's attributes.
fn runtime(noun: Noun, attrs: &[Attribute], errors: &mut Errors) -> Runtime {
    let mut runtime = Runtime::default();
    for (key, value) in options(noun, attrs, &["crate"], errors) {
        match peel(&value) {
            Expr::Path(path) if path.qself.is_none() => runtime = path.path.clone().into(),
            _ => errors.on(value, format_args!("`{key}` is a path; write `{key} = path::to::auth_runtime`")),
        }
    }
    runtime
}

/// Returns the name of a variant: the given one, or the variant in snake case.
fn name(noun: Noun, variant: &Variant, errors: &mut Errors) -> LitStr {
    let mut name = LitStr::new(&snake_case(&variant.ident.unraw().to_string()), variant.ident.span());
    for (_, value) in options(noun, &variant.attrs, &["name"], errors) {
        match peel(&value) {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) if checked_text(text, noun, errors) => name = text.clone(),
                Lit::Str(_) => {}
                other => not_a_string(noun, other, errors),
            },
            other => not_a_string(noun, other, errors),
        }
    }
    name
}

fn not_a_string(noun: Noun, found: impl quote::ToTokens, errors: &mut Errors) {
    let attribute = attribute(noun);
    errors.on(found, format_args!("a name is a string; write `#[{attribute}(name = \"…\")]`"));
}

/// Returns the options of the helper attribute, each known and given once.
fn options(noun: Noun, attrs: &[Attribute], known: &[&str], errors: &mut Errors) -> Vec<(Ident, Expr)> {
    let mut found: Vec<(Ident, Expr)> = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(attribute(noun))) {
        let Meta::List(list) = &attr.meta else {
            let (attribute, key) = (attribute(noun), known.first().copied().unwrap_or_default());
            errors.on(
                &attr.meta,
                format_args!("this attribute lacks its option; write `#[{attribute}({key} = …)]`"),
            );
            continue;
        };
        for arg in attribute_args::parse(list.tokens.clone(), errors) {
            if let Some((key, value)) = option(noun, arg, known, errors) {
                if let Some((first, _)) = found.iter().find(|(seen, _)| *seen == key) {
                    errors.duplicate(&key, format_args!("the option `{key}` is repeated"), first);
                } else {
                    found.push((key, value));
                }
            }
        }
    }
    found
}

fn option(noun: Noun, arg: Arg, known: &[&str], errors: &mut Errors) -> Option<(Ident, Expr)> {
    let attribute = attribute(noun);
    match arg {
        Arg::Assigned(key, value) if known.iter().any(|known| key == known) => Some((key, value)),
        Arg::Assigned(key, _) if key == "name" => {
            errors.on(
                key,
                format_args!(
                    "`name` is not expected here; write `#[{attribute}(name = \"…\")]` on a variant"
                ),
            );
            None
        }
        Arg::Assigned(key, _) if key == "crate" => {
            errors.on(
                key,
                format_args!("`crate` is not expected here; write `#[{attribute}(crate = …)]` on the enum"),
            );
            None
        }
        Arg::Assigned(key, _) => {
            errors.unknown(key, "option", known);
            None
        }
        Arg::Plain(expr) => {
            let key = known.first().copied().unwrap_or_default();
            errors.on(expr, format_args!("an option is expected here; write `{key} = …`"));
            None
        }
    }
}

const fn derive(noun: Noun) -> &'static str {
    match noun {
        Noun::Group => "Group",
        Noun::Declared | Noun::Permission | Noun::Scope | Noun::Service | Noun::User => "Permission",
    }
}

const fn attribute(noun: Noun) -> &'static str {
    match noun {
        Noun::Group => "group",
        Noun::Declared | Noun::Permission | Noun::Scope | Noun::Service | Noun::User => "permission",
    }
}

/// Converts `ReadAll` to `read_all` and `HTMLPage` to `html_page`.
fn snake_case(camel: &str) -> String {
    let letters: Vec<char> = camel.chars().collect();
    let mut snake = String::with_capacity(camel.len());
    let mut before = None;
    for (index, &letter) in letters.iter().enumerate() {
        let next_is_small = letters.get(index.saturating_add(1)).is_some_and(|next| next.is_lowercase());
        let starts_word = match before {
            None | Some('_') => false,
            Some(before) => char::is_lowercase(before) || char::is_numeric(before) || next_is_small,
        };
        if letter.is_uppercase() && starts_word {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
        before = Some(letter);
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn variants_are_named_in_snake_case() {
        for (camel, snake) in [
            ("View", "view"),
            ("ReadAll", "read_all"),
            ("HTMLPage", "html_page"),
            ("OAuth", "o_auth"),
            ("Level2Access", "level2_access"),
            ("V2", "v2"),
            ("A", "a"),
            ("AB", "ab"),
            ("snake_Already", "snake_already"),
            ("Größe", "größe"),
        ] {
            assert_eq!(snake_case(camel), snake, "{camel}");
        }
    }
}
