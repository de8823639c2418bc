//! Expands a requirement and its options to the `Spec` constant that the runtime evaluates; this step cannot
//! fail.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Expr, Type};

use crate::{
    expected_type::expected_acl,
    name::{Name, Noun, ends},
    options::Options,
    permission_expression::Permission,
    requirement::Requirement,
    runtime_paths::{Runtime, called, imported},
    short_circuit::{Branch, Step, lower},
    token_text,
};

/// A `Spec` and the constants that it needs. They are items beside the implementation, so that errors in them
/// name a short path.
pub(crate) struct SpecTokens {
    items: TokenStream,
    value: TokenStream,
}

impl SpecTokens {
    /// Returns a block whose value is a layer.
    pub(crate) fn layer(&self, runtime: &Runtime) -> TokenStream {
        let Self { items, value } = self;
        let (layer, spec) = (runtime.private("GuardLayer"), runtime.private("Spec"));
        quote!({
            #items
            const __AUTH_SPEC: &#spec = &#value;
            #layer::__new(__AUTH_SPEC)
        })
    }

    /// Returns the implementation of `GuardSpec`.
    pub(crate) fn implementation(&self, marker: &Ident, runtime: &Runtime) -> TokenStream {
        let Self { items, value } = self;
        let (guard_spec, spec) = (runtime.private("GuardSpec"), runtime.private("Spec"));
        let implementation = quote! {
            #[automatically_derived]
            impl #guard_spec for #marker {
                const SPEC: &'static #spec = &#value;
            }
        };
        if items.is_empty() { implementation } else { quote!(const _: () = { #items #implementation };) }
    }
}

/// Returns the `Spec` of a guard; errors about a permission name a constant after `name`. `resource_type` is the
/// type of the resource, if a constant can name it.
pub(crate) fn spec(
    requirement: &Requirement,
    options: &Options,
    site: &TokenStream,
    name: &str,
    resource_type: Option<&Type>,
) -> SpecTokens {
    let runtime = &options.runtime;
    let (spec, kind) = (runtime.private("Spec"), runtime.private("GuardKind"));
    let adjust = options.calls();
    let plain = |value| SpecTokens { items: TokenStream::new(), value };
    match requirement {
        Requirement::Acl(permission, context) => {
            let guarded = acl_spec(permission, context, runtime, site, &format!("guard_of_{name}"));
            let shadow = options.shadow.as_ref().map(|list| shadow(permission, list, runtime, name));
            let (items, value) = (guarded.items, guarded.value);
            let (shadow_items, shadow) = shadow.map(|it| (it.items, it.value)).unzip();
            SpecTokens { items: quote!(#items #shadow_items), value: quote!(#value #adjust #shadow) }
        }
        Requirement::Anonymous => plain(quote!(#spec::new(#site, #kind::Anybody, "", "", &[]) #adjust)),
        Requirement::Authenticated => plain(quote!(#spec::new(#site, #kind::AnyUser, "", "", &[]) #adjust)),
        Requirement::Permission(permission) => policy_spec(permission, "", runtime, site, &adjust),
        Requirement::PolicyResource(permission, resource) => {
            policy_spec(permission, &resource.to_string(), runtime, site, &adjust)
        }
        Requirement::Resource(permission, resource) => {
            let resource = Checked { argument: &resource.to_string(), of: resource_type, name };
            resource_spec(permission, &resource, runtime, site, &adjust)
        }
        Requirement::Scope(scopes) => {
            let fewest = scopes.fewest().join(" ");
            with_steps(scopes, runtime, site, &quote!(ByScope), "", &quote!(.fewest(#fewest) #adjust))
        }
    }
}

/// Returns the source position of the macro. `function` is the name of the handler, or empty for a layer.
pub(crate) fn site(runtime: &Runtime, function: &str) -> TokenStream {
    let site = runtime.private("Site");
    quote!(#site::new(#function, ::core::file!(), ::core::line!()))
}

/// Returns the `Spec` of a guard by an ACL; errors about a permission name the constant `check`.
pub(crate) fn acl_spec(
    permission: &Permission,
    context: &Expr,
    runtime: &Runtime,
    site: &TokenStream,
    check: &str,
) -> SpecTokens {
    let (spec, kind) = (runtime.private("Spec"), runtime.private("GuardKind"));
    let (text, context_text) = (permission.text(), token_text::tokens(context));
    let steps = lower(permission);
    let names = steps.iter().enumerate().map(|(number, step)| named(number, step.name, runtime));
    let list = List { acl: context, prefix: "__AUTH", helper: "check_permission", check, runtime };
    let (import, items) = (runtime.import(), list.items(&steps, |step| step.name.ends()));
    let (acl, steps) = (list.acl(), list.steps(&steps));
    SpecTokens {
        items: quote!(#import #(#names)* #items),
        value: quote!(#spec::new(#site, #kind::ByAcl, #text, #context_text, #steps).by_list(#acl)),
    }
}

/// Returns the shadow: the same names, evaluated against a second ACL.
fn shadow(permission: &Permission, acl: &Expr, runtime: &Runtime, name: &str) -> SpecTokens {
    let (shadow, text, check) =
        (runtime.private("Shadow"), token_text::tokens(acl), format!("shadow_of_{name}"));
    let steps = lower(permission);
    let list = List { acl, prefix: "__AUTH_SHADOW", helper: "check_shadow", check: &check, runtime };
    let items = list.items(&steps, |_| ends(acl));
    let (acl, steps) = (list.acl(), list.steps(&steps));
    SpecTokens { items, value: quote!(.shadow(#shadow::new(#text, #acl, #steps))) }
}

/// An ACL that a guard evaluates.
struct List<'a> {
    acl: &'a Expr,
    /// The beginning of the names of its constants.
    prefix: &'a str,
    /// The check of a permission against the ACL.
    helper: &'a str,
    /// The name of the constant in which the check is evaluated.
    check: &'a str,
    runtime: &'a Runtime,
}

impl List<'_> {
    fn acl(&self) -> Ident {
        format_ident!("{}_ACL", self.prefix)
    }

    fn context(&self) -> Ident {
        format_ident!("{}_CONTEXT", self.prefix)
    }

    fn table(&self, number: usize) -> Ident {
        format_ident!("{}_T{number}", self.prefix)
    }

    /// Returns the constants: the ACL, and for each permission its check and the table of the rules that match
    /// it, so that requests evaluate only those.
    fn items(&self, steps: &[Step<'_>], underlined: impl Fn(&Step<'_>) -> (Span, Span)) -> TokenStream {
        let (value, acl) = (expected_acl(self.acl), self.runtime.acl());
        let (list, context) = (self.acl(), self.context());
        let (slot, slots) = (self.runtime.private("Slot"), self.runtime.private("slots"));
        let index = self.runtime.private("index");
        let checked = steps.iter().enumerate().map(|(number, step)| {
            let (constant, table) = (format_ident!("__AUTH_P{number}"), self.table(number));
            let check = self.checked(number, step, underlined(step));
            quote! {
                #check
                const #table: [#slot; #slots(#context, #constant)] = #index(#context, #constant);
            }
        });
        quote! {
            const #list: #acl = #value;
            const #context: &#acl = &#list;
            #(#checked)*
        }
    }

    fn checked(&self, number: usize, step: &Step<'_>, ends: (Span, Span)) -> TokenStream {
        let check = check_name(self.check, number);
        let (constant, context) = (format_ident!("__AUTH_P{number}"), self.context());
        let (text, is_variant) = (token_text::tokens(self.acl), step.name.is_variant());
        let helper = Ident::new(self.helper, Span::call_site());
        let call = called(quote!(#helper), ends, quote!(#context, #text, #constant, #is_variant));
        quote_spanned!(ends.0=> const #check: () = #call;)
    }

    fn steps(&self, steps: &[Step<'_>]) -> TokenStream {
        let (index, context) = (self.runtime.private("Index"), self.context());
        expression(steps, self.runtime, |number, constant| {
            let table = self.table(number);
            quote!(::core::option::Option::Some(&#index::new(#context, #constant, &#table)))
        })
    }
}

/// Returns the name of the constant that checks a permission. Without the underscore it would be reported as never
/// used.
fn check_name(check: &str, number: usize) -> Ident {
    match number {
        0 => format_ident!("_{check}"),
        _ => format_ident!("_{check}_{}", number.saturating_add(1)),
    }
}

/// Returns the steps of an expression, each with what `index` returns for its number and constant.
fn expression(
    steps: &[Step<'_>],
    runtime: &Runtime,
    index: impl Fn(usize, &Ident) -> TokenStream,
) -> TokenStream {
    let step_type = runtime.private("Step");
    let steps = steps.iter().enumerate().map(|(number, step)| {
        let constant = format_ident!("__AUTH_P{number}");
        let index = index(number, &constant);
        let (granted, denied) = (branch(step.granted, runtime), branch(step.denied, runtime));
        quote!(#step_type::new(#constant, #index, #granted, #denied))
    });
    quote!(&[#(#steps),*])
}

/// Returns one constant per name, so that a wrong variant is reported once.
fn named(number: usize, name: &Name, runtime: &Runtime) -> TokenStream {
    let (constant, name_type) = (format_ident!("__AUTH_P{number}"), runtime.name());
    let value = name.expand(runtime, Noun::Permission);
    quote!(const #constant: #name_type<'static> = #value;)
}

/// Returns the `Spec` of a guard by the policy: each name is a variant, and all belong to one enum. `resource` is the
/// name of the argument that the policy gets, or empty.
fn policy_spec(
    permission: &Permission,
    resource: &str,
    runtime: &Runtime,
    site: &TokenStream,
    adjust: &TokenStream,
) -> SpecTokens {
    let (spec, kind) = (runtime.private("Spec"), runtime.private("GuardKind"));
    let (text, steps, import) = (permission.text(), lower(permission), runtime.import());
    let names = steps.iter().enumerate().map(|(number, step)| declared(number, step.name, runtime));
    let steps = expression(&steps, runtime, |_, _| quote!(::core::option::Option::None));
    SpecTokens {
        items: quote!(#import #(#names)*),
        value: quote!(#spec::new(#site, #kind::ByPolicy, #text, #resource, #steps).of(&__AUTH_D0) #adjust),
    }
}

/// Returns the constants of one name: the variant with its enum, which must be that of the first, and its name.
fn declared(number: usize, name: &Name, runtime: &Runtime) -> TokenStream {
    let (variant, constant) = (format_ident!("__AUTH_D{number}"), format_ident!("__AUTH_P{number}"));
    let (value, name_type) = (name.expand_declared(), runtime.name());
    let check = (number > 0)
        .then(|| imported(quote!(check_one_vocabulary), name.ends(), quote!(&__AUTH_D0, &#variant)));
    quote! {
        const #variant: __auth::Declared = #value;
        const #constant: #name_type<'static> = #variant.name();
        #check
    }
}

/// The resource of a guard.
pub(crate) struct Checked<'a> {
    /// The name of the argument; empty for a permit
    pub(crate) argument: &'a str,
    /// Its type, if a constant can name it: then the permissions are checked there, and otherwise where the guard
    /// is compiled for a type.
    pub(crate) of: Option<&'a Type>,
    /// The name in the constants of the checks.
    pub(crate) name: &'a str,
}

/// Returns the `Spec` of a resource guard, with a check that the resource has the permissions.
pub(crate) fn resource_spec(
    permission: &Permission,
    resource: &Checked<'_>,
    runtime: &Runtime,
    site: &TokenStream,
    adjust: &TokenStream,
) -> SpecTokens {
    let kind = quote!(ByResource);
    let SpecTokens { items, value } = with_steps(permission, runtime, site, &kind, resource.argument, adjust);
    let Some(of) = resource.of else { return SpecTokens { items, value } };
    let text = format!("`{}`", resource.argument);
    let checks = lower(permission).into_iter().enumerate().map(|(number, step)| {
        let check = check_name(&format!("guard_of_{}", resource.name), number);
        let (constant, ends) = (format_ident!("__AUTH_P{number}"), step.name.ends());
        let arguments = quote!(&__auth::words_of::<#of>(), #text, #constant);
        let call = called(quote!(check_resource_permission), ends, arguments);
        quote_spanned!(ends.0=> const #check: () = #call;)
    });
    let checks = checks.collect::<TokenStream>();
    let import = (!is_imported(permission)).then(|| runtime.import());
    SpecTokens { items: quote!(#import #items #checks), value }
}

/// Returns a constant per name, and the `Spec` of this kind that is made of them.
fn with_steps(
    permission: &Permission,
    runtime: &Runtime,
    site: &TokenStream,
    kind: &TokenStream,
    context: &str,
    adjust: &TokenStream,
) -> SpecTokens {
    let (spec, kind_type) = (runtime.private("Spec"), runtime.private("GuardKind"));
    let (text, steps) = (permission.text(), lower(permission));
    let names = steps.iter().enumerate().map(|(number, step)| named(number, step.name, runtime));
    let import = is_imported(permission).then(|| runtime.import());
    let steps_value = expression(&steps, runtime, |_, _| quote!(::core::option::Option::None));
    SpecTokens {
        items: quote!(#import #(#names)*),
        value: quote!(#spec::new(#site, #kind_type::#kind, #text, #context, #steps_value) #adjust),
    }
}

/// Returns whether the constant of a name needs the module of helpers.
fn is_imported(permission: &Permission) -> bool {
    permission.names().into_iter().any(Name::is_imported)
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
