//! Expands `permit!`: types that prove which permission was checked.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote};
use syn::{
    Attribute, Expr, Path, Token, Visibility,
    parse::{ParseStream, Parser as _},
};

use crate::{
    acl_argument::check_context,
    errors::Errors,
    name::peel,
    permission_expression::Permission,
    runtime_paths::Runtime,
    spec_expansion::{Checked, acl_spec, resource_spec, site},
};

/// `pub struct MayEdit = "edit" in ARTICLES;`, `pub struct MayView = "view", anonymous;`
struct Declared {
    attrs: Vec<Attribute>,
    vis: Visibility,
    name: Ident,
    permission: Permission,
    context: Option<Expr>,
    /// Whether the resource is loaded for anonymous requests too.
    anonymous: bool,
}

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let read = |input: ParseStream<'_>| {
        let path: Path = input.call(Path::parse_mod_style)?;
        input.parse::<Token![;]>()?;
        let mut declared = Vec::new();
        while !input.is_empty() {
            declared.extend(parse(input, &mut errors)?);
        }
        Ok((Runtime::from(path), declared))
    };
    match read.parse2(input) {
        Ok((runtime, declared)) if errors.is_empty() => {
            declared.iter().map(|declared| declare(declared, &runtime)).collect()
        }
        Ok(_) => errors.into_compile_errors(),
        Err(error) => {
            errors.syntax(error);
            errors.into_compile_errors()
        }
    }
}

/// Parses one declaration; one with a mistake in its permission or ACL is reported and left out.
fn parse(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Declared>> {
    let attrs = input.call(Attribute::parse_outer)?;
    let vis = input.parse()?;
    if !input.peek(Token![struct]) {
        return Err(
            input.error("a permit is declared like a struct; write `struct MayEdit = \"edit\" in ARTICLES;`")
        );
    }
    input.parse::<Token![struct]>()?;
    let name = input.parse()?;
    if !input.peek(Token![=]) {
        return Err(input.error("the permission is missing; write `struct MayEdit = \"edit\" in ARTICLES;`"));
    }
    input.parse::<Token![=]>()?;
    let permission = Permission::from_expr(&input.parse()?, errors);
    let context = if input.peek(Token![in]) {
        input.parse::<Token![in]>()?;
        let context: Expr = input.parse()?;
        Some(Some(peel(&context).clone()).filter(|context| check_context(context, errors)))
    } else {
        None
    };
    let anonymous = parse_anonymous(input, context.is_some(), errors)?;
    if !input.is_empty() {
        if !input.peek(Token![;]) {
            return Err(input.error("a permit ends with `;`; write `struct MayEdit = \"edit\" in ARTICLES;`"));
        }
        input.parse::<Token![;]>()?;
    }
    Ok(match (permission, context) {
        (None, _) | (_, Some(None)) => None,
        (Some(permission), context) => {
            Some(Declared { attrs, vis, name, permission, context: context.flatten(), anonymous })
        }
    })
}

/// Parses `, anonymous`, which only a permit for a resource may have.
fn parse_anonymous(input: ParseStream<'_>, has_context: bool, errors: &mut Errors) -> syn::Result<bool> {
    if !input.peek(Token![,]) {
        return Ok(false);
    }
    input.parse::<Token![,]>()?;
    let word: Ident = input.parse()?;
    if word != "anonymous" {
        errors.unknown(&word, "option", &["anonymous"]);
    } else if has_context {
        errors.on(
            &word,
            "`anonymous` belongs to a permit for a resource; remove it, since the rules of an ACL say by \
             themselves what anonymous requests may",
        );
    }
    Ok(true)
}

fn declare(declared: &Declared, runtime: &Runtime) -> TokenStream {
    let Declared { attrs, vis, name, permission, context, anonymous } = declared;
    let site = site(runtime, &name.to_string());
    let (permit_for, resource) = (runtime.private("PermitFor"), runtime.private("Resource"));
    let facts = runtime.private("ResourceDeclaration");
    let (spec, implementation) = match context {
        Some(context) => (
            acl_spec(permission, context, runtime, &site, &format!("permit_{name}")),
            quote!(#[diagnostic::do_not_recommend] impl #permit_for<()> for #name {}),
        ),
        None => (
            resource_spec(
                permission,
                &Checked { argument: "", of: None, name: "" },
                runtime,
                &site,
                &anonymous.then(|| quote!(.for_anonymous())).into_token_stream(),
            ),
            quote! {
                #[diagnostic::do_not_recommend]
                impl<T: #resource> #permit_for<T> for #name {
                    const RESOURCE: ::core::option::Option<#facts> =
                        ::core::option::Option::Some(#facts::of::<T>());
                }
            },
        ),
    };
    let spec = spec.implementation(name, runtime);
    quote! {
        #(#attrs)*
        #[non_exhaustive]
        #vis enum #name {}

        #spec

        #[automatically_derived]
        #implementation
    }
}
