//! The constant that the runtime judges by, as tokens. Nothing can fail here.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Expr, Path, spanned::Spanned as _};

use crate::{
    handler::Handler,
    name::{Name, Noun, ends},
    options::Options,
    paths::Runtime,
    permission::Permission,
    program::{Branch, Step, lower},
    rule::Rule,
    text,
};

/// The constant that the runtime judges by.
pub(crate) fn spec(rule: &Rule, options: &Options, handler: &Handler) -> TokenStream {
    let runtime = &options.runtime;
    let (spec, site) = (runtime.private("Spec"), site(runtime, handler));
    let adjust = adjustments(options);
    match rule {
        Rule::Acl(permission, context) => {
            let shadow = options.shadow.as_ref().map(|list| shadow(permission, list, runtime));
            acl_spec(permission, context, runtime, &site, &quote!(#adjust #shadow))
        }
        Rule::Anonymous => quote!(#spec::anonymous(#site) #adjust),
        Rule::Authenticated => quote!(#spec::authenticated(#site) #adjust),
        Rule::Permission(permission) => permission_spec(permission, runtime, &site, &adjust),
        Rule::Resource(permission, resource) => {
            resource_spec(permission, &resource.to_string(), runtime, &site, &adjust)
        }
        Rule::Scope(scopes) => scope_spec(scopes, runtime, &site, &adjust),
    }
}

fn site(runtime: &Runtime, handler: &Handler) -> TokenStream {
    let (site, name) = (runtime.private("Site"), handler.name());
    quote!(#site::new(#name, ::core::file!(), ::core::line!()))
}

fn adjustments(options: &Options) -> TokenStream {
    let fresh = options.fresh.map(|seconds| {
        let seconds = Literal::u64_unsuffixed(seconds);
        quote!(.fresh(#seconds))
    });
    let anonymous = options.anonymous.as_ref().map(|_| quote!(.for_anonymous()));
    let hide = options.hide.then(|| quote!(.hide()));
    let refusal = options.refusal.as_ref().map(|function| with_refusal(function, &options.runtime));
    let reason = options.reason.as_ref().map(|text| quote!(.because(#text)));
    let until = options.until.as_ref().map(|day| quote!(.until(#day)));
    quote!(#anonymous #fresh #hide #refusal #reason #until)
}

fn with_refusal(function: &Path, runtime: &Runtime) -> TokenStream {
    let span = function.span();
    let into_response = runtime.private_at("IntoResponse", span);
    // The name is ours alone: a function of the user's may well be called `refusal`.
    let refusal = Ident::new("refusal", Span::mixed_site().located_at(span));
    quote_spanned!(span=> .with_refusal(|#refusal| #into_response::into_response(#function(#refusal))))
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

/// What is asked as well: the same names, of another list.
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

/// A constant for each name, so that a wrong variant is reported once.
fn named(number: usize, name: &Name, runtime: &Runtime) -> TokenStream {
    let (constant, name_type) = (format_ident!("__AUTH_P{number}"), runtime.name());
    let value = name.expand(runtime, Noun::Permission);
    quote!(const #constant: #name_type<'static> = #value;)
}

/// What the compiler says about a permission and its context is underlined from `start` to `end`; the rules
/// that speak of the permission are picked out, so that no request looks at the others.
fn checked(
    number: usize,
    helper: &str,
    (start, end): (Span, Span),
    context: &str,
    runtime: &Runtime,
) -> TokenStream {
    let (constant, table) = (format_ident!("__AUTH_P{number}"), format_ident!("__AUTH_T{number}"));
    let check = runtime.private_at(helper, start);
    // The call reaches from the first to the last token of the name, and so does what is said about it.
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
    let (granted, refused) = (branch(step.granted, runtime), branch(step.refused, runtime));
    quote!(#step_type::new(#constant, #index::new(__AUTH_CONTEXT, #constant, &#table), #granted, #refused))
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

/// `resource` is the argument's name.
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

/// The names as constants, and what is made with the steps that ask for them.
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
        let (granted, refused) = (branch(step.granted, runtime), branch(step.refused, runtime));
        quote!(#step_type::new(#constant, #granted, #refused),)
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
