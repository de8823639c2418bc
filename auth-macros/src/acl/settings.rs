//! Parses the settings before the rules of a list: `anonymous_groups = ["guests"]`, `budget = 12`,
//! `deny(redundant)`, `groups = ROLES`, `implied = RIGHTS` and `overlay = "articles"`.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{Expr, Lit, LitInt};

use super::overlay_setting::{self, Overlay};
use crate::{
    errors::Errors,
    expected_type::expected,
    name::{Name, Noun, ends, peel},
    nearest_word::nearest,
    runtime_paths::{Runtime, imported},
    token_text,
};

const SETTINGS: &[&str] = &["anonymous_groups", "budget", "deny", "groups", "implied", "overlay"];

const ANONYMOUS_EXAMPLE: &str = "anonymous_groups = [\"guests\"]";

const DENY_EXAMPLE: &str = "write `deny(redundant)`";

/// The settings of a list.
#[derive(Default)]
pub(crate) struct Settings {
    groups: Option<(Ident, Expr)>,
    implied: Option<(Ident, Expr)>,
    /// The groups that anonymous requests can be in.
    anonymous_groups: Option<(Ident, Expr)>,
    anonymous_names: Vec<Name>,
    budget: Option<(Ident, Expr)>,
    grants: Option<LitInt>,
    denies_redundant: Option<Ident>,
    overlay: Option<(Ident, Expr)>,
    declared: Option<Overlay>,
}

impl Settings {
    /// Reads a setting. Returns `false` if the tokens are something else.
    pub(super) fn take(&mut self, chunk: &[TokenTree], comes_first: bool, errors: &mut Errors) -> bool {
        match chunk {
            [TokenTree::Ident(word), TokenTree::Punct(sign), rest @ ..] if sign.as_char() == '=' => {
                self.assigned(word, rest, comes_first, errors);
                true
            }
            [TokenTree::Ident(word), TokenTree::Group(group)]
                if word == "deny" && group.delimiter() == Delimiter::Parenthesis =>
            {
                self.deny(word, group, comes_first, errors);
                true
            }
            _ => false,
        }
    }

    fn assigned(&mut self, word: &Ident, rest: &[TokenTree], comes_first: bool, errors: &mut Errors) {
        let (place, what, example) = match word.to_string().as_str() {
            "anonymous_groups" => (&mut self.anonymous_groups, "a list of groups", ANONYMOUS_EXAMPLE),
            "budget" => (&mut self.budget, "the number of grants", "budget = 12"),
            "deny" => {
                errors.on(word, format_args!("`deny` takes parentheses; {DENY_EXAMPLE}"));
                return;
            }
            "groups" => (&mut self.groups, "the name of a hierarchy", "groups = ROLES"),
            "implied" => (&mut self.implied, "the name of a hierarchy", "implied = RIGHTS"),
            "overlay" => (&mut self.overlay, "the name of an overlay", overlay_setting::EXAMPLE),
            _ => {
                errors.unknown(word, "setting", SETTINGS);
                return;
            }
        };
        let Ok(value) = syn::parse2::<Expr>(rest.iter().cloned().collect()) else {
            errors.on(word, format_args!("{what} is expected after `{word} =`; write `{example}`"));
            return;
        };
        if let Some((first, _)) = place {
            repeated(word, first, errors);
        } else if comes_first {
            *place = Some((word.clone(), peel(&value).clone()));
            match word.to_string().as_str() {
                "anonymous_groups" => self.anonymous_names = group_names(&value, errors),
                "budget" => self.grants = number(&value, errors),
                "overlay" => self.declared = Overlay::read(&value, errors),
                _ => {}
            }
        } else {
            misplaced(word, errors);
        }
    }

    fn deny(&mut self, word: &Ident, group: &Group, comes_first: bool, errors: &mut Errors) {
        let what = group.stream();
        let lint = syn::parse2::<Ident>(what.clone()).ok();
        match (lint, &self.denies_redundant) {
            (Some(lint), _) if lint != "redundant" => errors.unknown(lint, "check", &["redundant"]),
            (None, _) if what.is_empty() => {
                errors.on(group, format_args!("a check is expected here; {DENY_EXAMPLE}"));
            }
            (None, _) => errors.on(what, format_args!("one check is expected here; {DENY_EXAMPLE}")),
            (Some(_), Some(first)) => repeated(word, first, errors),
            (Some(_), None) if comes_first => self.denies_redundant = Some(word.clone()),
            (Some(_), None) => misplaced(word, errors),
        }
    }

    pub(super) const fn has_hierarchy(&self) -> bool {
        self.groups.is_some() || self.implied.is_some()
    }

    /// Returns whether the expansion of the settings needs the module of helpers.
    pub(super) fn need_helpers(&self) -> bool {
        self.grants.is_some() || self.anonymous_names.iter().any(Name::is_imported)
    }

    /// Returns whether a redundant rule is an error.
    pub(super) const fn denies_redundant(&self) -> bool {
        self.denies_redundant.is_some()
    }

    /// Returns the overlay of the list, if it declares one.
    pub(super) const fn overlay(&self) -> Option<&Overlay> {
        self.declared.as_ref()
    }

    /// Returns the groups that anonymous requests can be in, as a slice of names.
    pub(super) fn anonymous_groups(&self, runtime: &Runtime) -> TokenStream {
        let names = self.anonymous_names.iter().map(|name| name.expand(runtime, Noun::Group));
        quote!(&[#(#names),*])
    }

    /// Returns the check that the list makes as many grants as its budget says.
    pub(super) fn budget_check(&self) -> Option<TokenStream> {
        let grants = self.grants.as_ref()?;
        let helper = quote!(check_budget::<{ 2 * __AUTH_RULES.len() + 1 }>);
        Some(imported(helper, ends(grants), quote!(__AUTH_RULES, __AUTH_FIRSTS, #grants)))
    }

    pub(super) fn groups(&self, runtime: &Runtime) -> TokenStream {
        hierarchy(self.groups.as_ref(), "GroupHierarchy", "same_group_hierarchy", runtime)
    }

    pub(super) fn implied(&self, runtime: &Runtime) -> TokenStream {
        hierarchy(self.implied.as_ref(), "ImpliedPermissions", "same_implied_permissions", runtime)
    }
}

fn repeated(word: &Ident, first: &Ident, errors: &mut Errors) {
    errors.duplicate(word, format_args!("the setting `{word}` is repeated"), first);
}

fn misplaced(word: &Ident, errors: &mut Errors) {
    errors.on(word, format_args!("`{word}` is not expected here; move it before the rules"));
}

fn group_names(value: &Expr, errors: &mut Errors) -> Vec<Name> {
    match peel(value) {
        Expr::Array(names) if !names.elems.is_empty() => {
            names.elems.iter().filter_map(|name| Name::from_expr(name, Noun::Group, errors)).collect()
        }
        _ => {
            errors.on(value, format_args!("a list of groups is expected here; write `{ANONYMOUS_EXAMPLE}`"));
            Vec::new()
        }
    }
}

fn number(value: &Expr, errors: &mut Errors) -> Option<LitInt> {
    if let Expr::Lit(literal) = peel(value)
        && let Lit::Int(number) = &literal.lit
        && number.suffix().is_empty()
        && number.base10_parse::<u32>().is_ok()
    {
        return Some(number.clone());
    }
    let text = token_text::tokens(value.to_token_stream());
    errors.on(value, format_args!("`{text}` is not a number of grants; write for example `budget = 12`"));
    None
}

fn hierarchy(setting: Option<&(Ident, Expr)>, kind: &str, same: &str, runtime: &Runtime) -> TokenStream {
    if let Some((_, value)) = setting {
        return expected(value, &format!("Is{kind}"), same);
    }
    let kind = runtime.private(kind);
    quote!(#kind::NONE)
}

/// Returns the remedy for tokens that are not a rule but resemble a setting.
pub(super) fn hint(word: &Ident) -> Option<String> {
    let near = nearest(&word.to_string(), SETTINGS.iter().copied())?;
    Some(if near == "deny" {
        format!("a check is in parentheses; {DENY_EXAMPLE}")
    } else {
        format!("a setting has a value; write `{near} = …`")
    })
}
