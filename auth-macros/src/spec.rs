//! Expands a requirement and its options to the `Spec` constant that the runtime evaluates; this step cannot
//! fail.

use proc_macro2::{Delimiter, Group, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Expr;

use crate::{
    handler::Handler,
    name::{Name, Noun, ends},
    options::Options,
    paths::Runtime,
    permission::Permission,
    requirement::Requirement,
    short_circuit::{Branch, Step, lower},
    text,
};

/// Returns the `Spec` constant of a guard.
pub(crate) fn spec(requirement: &Requirement, options: &Options, handler: &Handler) -> TokenStream {
    let runtime = &options.runtime;
    let (spec, site) = (runtime.private("Spec"), site(runtime, handler));
    let adjust = options.calls();
    match requirement {
        Requirement::Acl(permission, context) => {
            let shadow = options.shadow.as_ref().map(|list| shadow(permission, list, runtime));
            acl_spec(permission, context, runtime, &site, &quote!(#adjust #shadow))
        }
        Requirement::Anonymous => quote!(#spec::anonymous(#site) #adjust),
        Requirement::Authenticated => quote!(#spec::authenticated(#site) #adjust),
        Requirement::Permission(permission) => permission_spec(permission, runtime, &site, &adjust),
        Requirement::Resource(permission, resource) => {
            resource_spec(permission, &resource.to_string(), runtime, &site, &adjust)
        }
        Requirement::Scope(scopes) => scope_spec(scopes, runtime, &site, &adjust),
    }
}

fn site(runtime: &Runtime, handler: &Handler) -> TokenStream {
    let (site, name) = (runtime.private("Site"), handler.name());
    quote!(#site::new(#name, ::core::file!(), ::core::line!()))
}

pub(crate) fn acl_spec(
    permission: &Permission,
    context: &Expr,
    runtime: &Runtime,
    site: &TokenStream,
    adjust: &TokenStream,
) -> TokenStream {
    let (acl, spec) = (runtime.acl(), runtime.private("Spec"));
    let (text, context_text) = (permission.text(), text::tokens(context));
    let steps = lower(permission);
    let names = steps.iter().enumerate().map(|(number, step)| named(number, step.name, runtime));
    let checks = steps.iter().enumerate().map(|(number, step)| {
        let helper = if is_variant(step.name) { "check_variant" } else { "check_literal" };
        checked(number, helper, step.name.ends(), &context_text, runtime)
    });
    let steps = steps.iter().enumerate().map(|(number, step)| acl_step(number, step, runtime));
    quote!({
        const __AUTH_ACL: #acl = #context;
        const __AUTH_CONTEXT: &#acl = &__AUTH_ACL;
        #(#names #checks)*
        #spec::acl(#site, #text, #context_text, __AUTH_CONTEXT, &[#(#steps),*]) #adjust
    })
}

/// Returns the shadow: the same names, evaluated against a second ACL.
fn shadow(permission: &Permission, list: &Expr, runtime: &Runtime) -> TokenStream {
    let (acl, shadow, text) = (runtime.acl(), runtime.private("Shadow"), text::tokens(list));
    let steps = lower(permission);
    let checks = steps.iter().enumerate().map(|(number, step)| {
        let helper = if is_variant(step.name) { "check_shadow_variant" } else { "check_shadow_literal" };
        checked(number, helper, ends(list), &text, runtime)
    });
    let steps = steps.iter().enumerate().map(|(number, step)| acl_step(number, step, runtime));
    quote!(.shadow({
        const __AUTH_ACL: #acl = #list;
        const __AUTH_CONTEXT: &#acl = &__AUTH_ACL;
        #(#checks)*
        const __AUTH_SHADOW: #shadow = #shadow::new(#text, __AUTH_CONTEXT, &[#(#steps),*]);
        &__AUTH_SHADOW
    }))
}

const fn is_variant(name: &Name) -> bool {
    matches!(name, Name::Variant(_))
}

/// Returns one constant per name, so that a wrong variant is reported once.
fn named(number: usize, name: &Name, runtime: &Runtime) -> TokenStream {
    let (constant, name_type) = (format_ident!("__AUTH_P{number}"), runtime.name());
    let value = name.expand(runtime, Noun::Permission);
    quote!(const #constant: #name_type<'static> = #value;)
}

/// Returns the check of a permission against its ACL, underlined from `start` to `end`, and the table of the
/// rules that match the permission, so that requests evaluate only those.
fn checked(
    number: usize,
    helper: &str,
    (start, end): (Span, Span),
    context: &str,
    runtime: &Runtime,
) -> TokenStream {
    let (constant, table) = (format_ident!("__AUTH_P{number}"), format_ident!("__AUTH_T{number}"));
    let check = runtime.private_at(helper, start);
    // Span the call from the first to the last token of the name, so that errors underline all of it.
    let mut arguments = Group::new(Delimiter::Parenthesis, quote!(__AUTH_CONTEXT, #context, #constant));
    arguments.set_span(end);
    let check = quote_spanned!(start=> const _: () = #check #arguments;);
    let (slot, slots) = (runtime.private("Slot"), runtime.private("slots"));
    let index = runtime.private("index");
    quote! {
        #check
        const #table: [#slot; #slots(__AUTH_CONTEXT, #constant)] = #index(__AUTH_CONTEXT, #constant);
    }
}

fn acl_step(number: usize, step: &Step<'_>, runtime: &Runtime) -> TokenStream {
    let (constant, table) = (format_ident!("__AUTH_P{number}"), format_ident!("__AUTH_T{number}"));
    let (step_type, index) = (runtime.private("AclStep"), runtime.private("Index"));
    let (granted, denied) = (branch(step.granted, runtime), branch(step.denied, runtime));
    quote!(#step_type::new(#constant, #index::new(__AUTH_CONTEXT, #constant, &#table), #granted, #denied))
}

fn permission_spec(
    permission: &Permission,
    runtime: &Runtime,
    site: &TokenStream,
    adjust: &TokenStream,
) -> TokenStream {
    let spec = runtime.private("Spec");
    let text = permission.text();
    with_steps(permission, runtime, adjust, |steps| quote!(#spec::permission(#site, #text, #steps)))
}

/// Returns the `Spec` of a resource guard; `resource` is the name of the argument.
pub(crate) fn resource_spec(
    permission: &Permission,
    resource: &str,
    runtime: &Runtime,
    site: &TokenStream,
    adjust: &TokenStream,
) -> TokenStream {
    let spec = runtime.private("Spec");
    let text = permission.text();
    with_steps(permission, runtime, adjust, |steps| quote!(#spec::resource(#site, #text, #resource, #steps)))
}

fn scope_spec(
    scopes: &Permission,
    runtime: &Runtime,
    site: &TokenStream,
    adjust: &TokenStream,
) -> TokenStream {
    let spec = runtime.private("Spec");
    let (text, fewest) = (scopes.text(), scopes.fewest().join(" "));
    with_steps(scopes, runtime, adjust, |steps| quote!(#spec::scope(#site, #text, #fewest, #steps)))
}

/// Wraps `made` in a block with a constant per name.
fn with_steps(
    permission: &Permission,
    runtime: &Runtime,
    adjust: &TokenStream,
    made: impl FnOnce(TokenStream) -> TokenStream,
) -> TokenStream {
    let step_type = runtime.private("PermissionStep");
    let steps = lower(permission);
    let names = steps.iter().enumerate().map(|(number, step)| named(number, step.name, runtime));
    let steps = steps.iter().enumerate().map(|(number, step)| {
        let constant = format_ident!("__AUTH_P{number}");
        let (granted, denied) = (branch(step.granted, runtime), branch(step.denied, runtime));
        quote!(#step_type::new(#constant, #granted, #denied),)
    });
    let made = made(quote!(&[#(#steps)*]));
    quote!({
        #(#names)*
        #made #adjust
    })
}

fn branch(branch: Branch, runtime: &Runtime) -> TokenStream {
    let branch_type = runtime.private("Branch");
    match branch {
        Branch::Allow => quote!(#branch_type::Allow),
        Branch::Deny => quote!(#branch_type::Deny),
        Branch::Step(next) => {
            let next = Literal::usize_unsuffixed(next);
            quote!(#branch_type::Step(#next))
        }
    }
}
