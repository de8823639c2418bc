//! Composes ACLs of other lists (`..ARTICLES`), with hierarchies of groups and permissions.

use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Expr, spanned::Spanned as _};

use super::{
    expand::{check, rule_of},
    name_as_literal_and_variant,
    overlay_setting::Overlay,
    parse_rules::Row,
    settings::{self, Settings},
};
use crate::{
    acl_argument::looks_like_context,
    errors::Errors,
    expected_type::expected_acl,
    name::{ends, peel},
    runtime_paths::{Runtime, imported},
    token_text,
};

/// The parsed content of `acl![…]`.
#[derive(Default)]
pub(crate) struct Input {
    pub(crate) rows: Vec<Row>,
    /// Other ACLs, each with the number of rules before it.
    bases: Vec<(usize, Expr)>,
    pub(super) settings: Settings,
}

impl Input {
    /// Returns whether the input has rules only.
    pub(super) fn is_plain(&self) -> bool {
        self.bases.is_empty() && !self.settings.has_hierarchy()
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
            _ => {
                let comes_first = self.rows.is_empty() && self.bases.is_empty();
                self.settings.take(chunk, comes_first, errors)
            }
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

    /// Returns the import of the helpers that check rules, if there is something to check.
    pub(super) fn import(&self, runtime: &Runtime) -> Option<TokenStream> {
        let is_used = !self.rows.is_empty() || !self.bases.is_empty() || self.settings.need_helpers();
        is_used.then(|| runtime.import())
    }
}

/// Expands a composed ACL to a block.
pub(super) fn acl(input: &Input, runtime: &Runtime) -> TokenStream {
    let (acl, rule, name) = (runtime.acl(), runtime.rule(), runtime.name());
    let (composition, first) = (runtime.private("Composition"), runtime.private("First"));
    let (places, firsts) = (runtime.private("places"), runtime.private("firsts"));
    let parts = parts(input, runtime);
    let spelling = name_as_literal_and_variant::checks(&input.rows, runtime);
    let (count, checks) = (Literal::usize_unsuffixed(parts.len()), checks(input));
    let (import, settings) = (input.import(runtime), &input.settings);
    let (anonymous_groups, budget) = (settings.anonymous_groups(runtime), settings.budget_check());
    let overlay_constant = settings.overlay().map(|overlay| overlay.constant(runtime));
    let overlay = settings.overlay().map_or_else(
        || quote!(::core::option::Option::None),
        |_| quote!(::core::option::Option::Some(__AUTH_OVERLAY)),
    );
    let (groups, implied) = (settings.groups(runtime), settings.implied(runtime));
    quote!({
        #import
        #overlay_constant
        const __AUTH_ANONYMOUS_GROUPS: &[#name<'static>] = #anonymous_groups;
        const __AUTH_COMPOSITION: #composition = #composition {
            parts: &[#(#parts),*],
            groups: #groups,
            implied: #implied,
            overlay: #overlay,
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
        #budget
        #acl::__composed(__AUTH_RULES, __AUTH_FIRSTS, ::core::file!()).__with_anonymous_groups(__AUTH_ANONYMOUS_GROUPS)
    })
}

/// Returns the parts of the composition: each other ACL, and each run of rules between two of them.
fn parts(input: &Input, runtime: &Runtime) -> Vec<TokenStream> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (until, base) in &input.bases {
        parts.push(own_part(input, from, *until, runtime));
        let (acl, list) = (runtime.acl(), expected_acl(base));
        parts.push(quote_spanned!(base.span()=> {
            const BASE: #acl = #list;
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

/// Returns the checks of each rule, at the index that the rule has in the composed list, and of each other ACL.
fn checks(input: &Input) -> Vec<TokenStream> {
    let mut part = 0_usize;
    let mut first = 0_usize;
    let mut bases = input.bases.iter().peekable();
    let mut checks = Vec::new();
    for (number, row) in input.rows.iter().enumerate() {
        while let Some((until, base)) = bases.next_if(|(until, _)| *until <= number) {
            checks.push(check_base(base, part.saturating_add(1), input));
            part = part.saturating_add(2);
            first = *until;
        }
        let index = rules_before(part, number.saturating_sub(first));
        let composition = quote!(::core::option::Option::Some(&__AUTH_COMPOSITION));
        checks.push(check(row, &index, &composition, &input.settings));
        if let Some(id) = &row.label.id {
            checks.push(imported(quote!(check_ids), ends(id), quote!(__AUTH_RULES, #index, #index + 1)));
        }
    }
    for (_, base) in bases {
        checks.push(check_base(base, part.saturating_add(1), input));
        part = part.saturating_add(2);
    }
    checks
}

/// Checks that another ACL has no id that occurs before it, and no overlay other than the list.
fn check_base(base: &Expr, part: usize, input: &Input) -> TokenStream {
    let (from, to) = (rules_before(part, 0), rules_before(part.saturating_add(1), 0));
    let ids = imported(quote!(check_ids), ends(base), quote!(__AUTH_RULES, #from, #to));
    let overlay = input.settings.overlay().map(|_| Overlay::check(base));
    quote!(#ids #overlay)
}

fn rules_before(part: usize, row: usize) -> TokenStream {
    let (part, row) = (Literal::usize_unsuffixed(part), Literal::usize_unsuffixed(row));
    quote!(__AUTH_COMPOSITION.rules_before(#part, #row))
}

/// Returns the remedy for tokens that are not a rule but resemble a setting or another ACL.
pub(super) fn hint(chunk: &[TokenTree]) -> Option<String> {
    match chunk {
        [TokenTree::Ident(word), ..] if settings::hint(word).is_some() => settings::hint(word),
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
