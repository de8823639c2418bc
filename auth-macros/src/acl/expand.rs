//! Expands parsed rules to a block that holds them as a constant.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use super::{
    included_acls::{self, Input},
    name_as_literal_and_variant,
    parse_rules::Row,
    rule_conditions,
    rule_permissions::Permissions,
    rule_principal::{Principal, service_id},
    settings::Settings,
};
use crate::{
    name::{Noun, ends},
    runtime_paths::{Runtime, imported},
};

pub(crate) fn acl(list: &Input, runtime: &Runtime) -> TokenStream {
    if !list.is_plain() {
        return included_acls::acl(list, runtime);
    }
    let (acl, rule, first) = (runtime.acl(), runtime.rule(), runtime.private("First"));
    let (places, firsts) = (runtime.private("places"), runtime.private("firsts"));
    let overlaid = list.settings.overlay().map(|_| quote!(.__overlaid(__AUTH_OVERLAY)));
    let overlay = list.settings.overlay().map(|overlay| overlay.constant(runtime));
    let rules = list.rows.iter().map(|row| {
        let rule = rule_of(row, runtime);
        quote!(#rule #overlaid)
    });
    let checks = list.rows.iter().enumerate().map(|(at, row)| {
        let at = Literal::usize_unsuffixed(at);
        check(row, &quote!(#at), &quote!(::core::option::Option::None), &list.settings)
    });
    let (import, name) = (list.import(runtime), runtime.name());
    let (anonymous_groups, budget) = (list.settings.anonymous_groups(runtime), list.settings.budget_check());
    let spelling = name_as_literal_and_variant::checks(&list.rows, runtime);
    quote!({
        #import
        #overlay
        const __AUTH_ANONYMOUS_GROUPS: &[#name<'static>] = #anonymous_groups;
        const __AUTH_RULES: &[#rule<'static>] = &[#(#rules),*];
        const __AUTH_FIRSTS: &[#first] = &#firsts::<{ #places(__AUTH_RULES) }>(__AUTH_RULES);
        #(#checks)*
        #spelling
        #budget
        #acl::__new(__AUTH_RULES, __AUTH_FIRSTS, ::core::file!()).__with_anonymous_groups(__AUTH_ANONYMOUS_GROUPS)
    })
}

/// Checks one rule against the others; the compiler underlines that rule.
pub(super) fn check(
    row: &Row,
    index: &TokenStream,
    composition: &TokenStream,
    settings: &Settings,
) -> TokenStream {
    let arguments = quote!(__AUTH_RULES, __AUTH_FIRSTS, __AUTH_ANONYMOUS_GROUPS, #index, #composition);
    let redundant = settings
        .denies_redundant()
        .then(|| imported(quote!(check_redundant), ends(&row.group), arguments.clone()));
    let reachable = imported(quote!(check_rule), ends(&row.group), arguments);
    quote!(#reachable #redundant)
}

pub(super) fn rule_of(row: &Row, runtime: &Runtime) -> TokenStream {
    let (rule, action) = (runtime.rule(), runtime.action(&row.action));
    let principal = principal(&row.principal, runtime);
    let permissions = permissions(&row.permissions, runtime);
    let line = Literal::u32_unsuffixed(line(row.group.span_open()));
    let note = row.note.as_ref().map(|text| quote!(.with_note(#text)));
    let label = row.label.calls();
    let conditions = rule_conditions::call(&row.conditions);
    quote!(#rule::__new(#action, #principal, #permissions, #line) #conditions #note #label)
}

fn principal(principal: &Principal, runtime: &Runtime) -> TokenStream {
    match principal {
        Principal::Authenticated(word) | Principal::Everyone(word) => runtime.principal(word),
        Principal::Group(word, name) => {
            let (group, name) = (runtime.principal(word), name.expand(runtime, Noun::Group));
            quote!(#group(#name))
        }
        Principal::Service(word, name) => {
            // Spanned like the author's word, so that messages about the rule underline it.
            let (user, id) = (runtime.principal(&Ident::new("User", word.span())), service_id(name));
            quote!(#user(#id))
        }
        Principal::User(word, id) => {
            let user = runtime.principal(word);
            quote!(#user(#id))
        }
    }
}

fn permissions(permissions: &Permissions, runtime: &Runtime) -> TokenStream {
    match permissions {
        Permissions::All(span) => runtime.permissions(&Ident::new("All", *span)),
        Permissions::Names(names) => {
            let variant = runtime.permissions(&Ident::new("Names", Span::call_site()));
            let names = names.iter().map(|name| name.expand(runtime, Noun::Permission));
            quote!(#variant(&[#(#names),*]))
        }
    }
}

/// Returns the source line of a rule, or 0 outside of a compiler.
fn line(span: Span) -> u32 {
    if !proc_macro::is_available() {
        return 0;
    }
    u32::try_from(span.unwrap().line()).unwrap_or_default()
}
