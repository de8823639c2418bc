//! Composition of ACLs: other lists (`..ARTICLES`) and the settings `groups = ROLES`, `implied = RIGHTS` and
//! `anonymous_groups = ["guests"]`.

use proc_macro2::{Ident, Literal, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Expr, spanned::Spanned as _};

use super::{expand::rule_of, literal_or_variant_check, parse_rules::Row};
use crate::{
    acl_argument::looks_like_context,
    errors::Errors,
    name::{Name, Noun, ends, peel},
    nearest_word::nearest,
    runtime_paths::{Runtime, imported},
    token_text,
};

const SETTINGS: &[&str] = &["anonymous_groups", "groups", "implied"];

/// The parsed content of `acl![…]`.
#[derive(Default)]
pub(crate) struct Input {
    pub(crate) rows: Vec<Row>,
    /// Other ACLs, each with the number of rules before it.
    bases: Vec<(usize, Expr)>,
    groups: Option<(Ident, Expr)>,
    implied: Option<(Ident, Expr)>,
    /// The groups that anonymous requests can be in.
    anonymous_groups: Option<(Ident, Expr)>,
    anonymous_names: Vec<Name>,
}

impl Input {
    /// Returns whether the input has rules only.
    pub(super) fn is_plain(&self) -> bool {
        self.bases.is_empty() && self.groups.is_none() && self.implied.is_none()
    }

    /// Reads another ACL or a setting. Returns `false` if the tokens are neither.
    pub(super) fn take(&mut self, chunk: &[TokenTree], errors: &mut Errors) -> bool {
        match chunk {
            [TokenTree::Punct(one), TokenTree::Punct(two), rest @ ..]
                if one.as_char() == '.' && two.as_char() == '.' =>
            {
                self.base(chunk, rest, errors);
                true
            }
            [TokenTree::Ident(word), TokenTree::Punct(sign), rest @ ..] if sign.as_char() == '=' => {
                self.setting(word, rest, errors);
                true
            }
            _ => false,
        }
    }

    fn base(&mut self, chunk: &[TokenTree], rest: &[TokenTree], errors: &mut Errors) {
        if let Ok(list) = syn::parse2::<Expr>(rest.iter().cloned().collect()) {
            self.bases.push((self.rows.len(), peel(&list).clone()));
        } else {
            let whole: TokenStream = chunk.iter().cloned().collect();
            errors.on(whole, "the name of another ACL is expected after `..`; write `..ARTICLES`");
        }
    }

    fn setting(&mut self, word: &Ident, rest: &[TokenTree], errors: &mut Errors) {
        let place = match word.to_string().as_str() {
            "anonymous_groups" => &mut self.anonymous_groups,
            "groups" => &mut self.groups,
            "implied" => &mut self.implied,
            _ => {
                errors.unknown(word, "setting", SETTINGS);
                return;
            }
        };
        let Ok(value) = syn::parse2::<Expr>(rest.iter().cloned().collect()) else {
            let (what, example) = match word.to_string().as_str() {
                "anonymous_groups" => ("a list of groups", ANONYMOUS_EXAMPLE),
                "groups" => ("the name of a hierarchy", "groups = ROLES"),
                _ => ("the name of a hierarchy", "implied = RIGHTS"),
            };
            errors.on(word, format_args!("{what} is expected after `{word} =`; write `{example}`"));
            return;
        };
        if let Some((first, _)) = place {
            errors.duplicate(word, format_args!("the setting `{word}` is repeated"), first.clone());
        } else if !self.rows.is_empty() || !self.bases.is_empty() {
            errors.on(word, format_args!("`{word}` is not expected here; move it before the rules"));
        } else {
            *place = Some((word.clone(), peel(&value).clone()));
            if word == "anonymous_groups" {
                self.anonymous_names = group_names(&value, errors);
            }
        }
    }

    /// Returns the import of the helpers that check rules, if there are rules to check.
    pub(super) fn import(&self, runtime: &Runtime) -> Option<TokenStream> {
        (!self.rows.is_empty()).then(|| runtime.import())
    }

    /// Returns the groups that anonymous requests can be in, as a slice of names.
    pub(super) fn anonymous_groups(&self, runtime: &Runtime) -> TokenStream {
        let names = self.anonymous_names.iter().map(|name| name.expand(runtime, Noun::Group));
        quote!(&[#(#names),*])
    }
}

const ANONYMOUS_EXAMPLE: &str = "anonymous_groups = [\"guests\"]";

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

/// Returns whether a word is a setting, perhaps misspelt, before its `=` has been read.
pub(super) fn is_setting(word: &str) -> bool {
    nearest(word, SETTINGS.iter().copied()).is_some()
}

/// Expands a composed ACL to a block.
pub(super) fn acl(input: &Input, runtime: &Runtime) -> TokenStream {
    let (acl, rule, name) = (runtime.acl(), runtime.rule(), runtime.name());
    let (composition, first) = (runtime.private("Composition"), runtime.private("First"));
    let (places, firsts) = (runtime.private("places"), runtime.private("firsts"));
    let parts = parts(input, runtime);
    let spelling = literal_or_variant_check::checks(&input.rows, runtime);
    let (count, checks) = (Literal::usize_unsuffixed(parts.len()), checks(input));
    let (import, anonymous_groups) = (input.import(runtime), input.anonymous_groups(runtime));
    let groups = hierarchy(input.groups.as_ref(), "GroupHierarchy", runtime);
    let implied = hierarchy(input.implied.as_ref(), "ImpliedPermissions", runtime);
    quote!({
        #import
        const __AUTH_ANONYMOUS_GROUPS: &[#name<'static>] = #anonymous_groups;
        const __AUTH_COMPOSITION: #composition = #composition {
            parts: &[#(#parts),*],
            groups: #groups,
            implied: #implied,
        };
        const __AUTH_NAMES: [#name<'static>; __AUTH_COMPOSITION.names_len()] = __AUTH_COMPOSITION.names();
        const __AUTH_RULES: &[#rule<'static>] = &{
            const RULES: [#rule<'static>; __AUTH_COMPOSITION.rules_before(#count, 0)] =
                __AUTH_COMPOSITION.rules(&__AUTH_NAMES);
            RULES
        };
        const __AUTH_FIRSTS: &[#first] = &#firsts::<{ #places(__AUTH_RULES) }>(__AUTH_RULES);
        #(#checks)*
        #spelling
        #acl::__composed(__AUTH_RULES, __AUTH_FIRSTS, ::core::file!()).__with_anonymous_groups(__AUTH_ANONYMOUS_GROUPS)
    })
}

/// Returns the parts of the composition: each other ACL, and each run of rules between two of them.
fn parts(input: &Input, runtime: &Runtime) -> Vec<TokenStream> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (until, base) in &input.bases {
        parts.push(own_part(input, from, *until, runtime));
        let acl = runtime.acl();
        parts.push(quote_spanned!(base.span()=> {
            const BASE: #acl = #base;
            BASE.rules()
        }));
        from = *until;
    }
    parts.push(own_part(input, from, input.rows.len(), runtime));
    parts
}

fn own_part(input: &Input, from: usize, until: usize, runtime: &Runtime) -> TokenStream {
    let rules = input.rows.iter().take(until).skip(from).map(|row| rule_of(row, runtime));
    quote!(&[#(#rules),*])
}

/// Returns one check per rule, at the index that the rule has in the composed list.
fn checks(input: &Input) -> Vec<TokenStream> {
    let mut part = 0_usize;
    let mut first = 0_usize;
    let mut bases = input.bases.iter().map(|(until, _)| *until).peekable();
    let mut checks = Vec::new();
    for (number, row) in input.rows.iter().enumerate() {
        while let Some(until) = bases.next_if(|until| *until <= number) {
            part = part.saturating_add(2);
            first = until;
        }
        let part = Literal::usize_unsuffixed(part);
        let row_number = Literal::usize_unsuffixed(number.saturating_sub(first));
        let arguments = quote!(
            __AUTH_RULES,
            __AUTH_FIRSTS,
            __AUTH_ANONYMOUS_GROUPS,
            __AUTH_COMPOSITION.rules_before(#part, #row_number),
            ::core::option::Option::Some(&__AUTH_COMPOSITION)
        );
        checks.push(imported(quote!(check_rule), ends(&row.group), arguments));
    }
    checks
}

fn hierarchy(setting: Option<&(Ident, Expr)>, kind: &str, runtime: &Runtime) -> TokenStream {
    if let Some((_, value)) = setting {
        return quote!(#value);
    }
    let kind = runtime.private(kind);
    quote!(#kind::NONE)
}

/// Returns the remedy for tokens that are not a rule but resemble a setting or another ACL.
pub(super) fn hint(chunk: &[TokenTree]) -> Option<String> {
    match chunk {
        [TokenTree::Ident(word), ..] if is_setting(&word.to_string()) => {
            let word = word.to_string();
            let near = nearest(&word, SETTINGS.iter().copied()).unwrap_or_default();
            Some(format!("a setting has a value; write `{near} = …`"))
        }
        [TokenTree::Punct(dot), rest @ ..] if dot.as_char() == '.' => {
            let name = token_text::tokens(rest.iter().cloned().collect::<TokenStream>());
            Some(format!("another ACL is put in with two dots; write `..{}`", name.trim_start_matches('.')))
        }
        _ => {
            let list = syn::parse2::<Expr>(chunk.iter().cloned().collect()).ok()?;
            let name = token_text::tokens(&list);
            looks_like_context(&list)
                .then(|| format!("another ACL is put in with two dots; write `..{name}`"))
        }
    }
}
