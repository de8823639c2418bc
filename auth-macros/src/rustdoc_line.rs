//! Adds the line "**Access:** …" to the documentation that rustdoc shows for a guarded handler.
//!
//! The line is under `cfg(doc)`. The lint `missing_docs`, and macros that read the handler's documentation,
//! see only what the user wrote.

use syn::{Attribute, parse_quote};

use crate::{
    markdown::code, options::Options, permission_expression::Permission, requirement::Requirement, token_text,
};

/// Returns the two attributes: an empty line that ends the user's paragraph, and the line about access.
pub(crate) fn documented(requirement: &Requirement, options: &Options) -> [Attribute; 2] {
    let line = format!("**Access:** {}{}", asked(requirement), options.described());
    [parse_quote!(#[cfg_attr(doc, doc = "")]), parse_quote!(#[cfg_attr(doc, doc = #line)])]
}

fn asked(requirement: &Requirement) -> String {
    match requirement {
        Requirement::Acl(permission, context) => {
            format!("{} in {}", named(permission), code(&token_text::tokens(context)))
        }
        Requirement::Anonymous => "everybody".to_owned(),
        Requirement::Authenticated => "any user".to_owned(),
        Requirement::Permission(permission) => format!("{} by the application's policy", named(permission)),
        Requirement::PolicyResource(permission, resource) => {
            let resource = code(&resource.to_string());
            format!("{} by the application's policy about {resource}", named(permission))
        }
        Requirement::Resource(permission, resource) => {
            format!("{} by the rules of {}", named(permission), code(&resource.to_string()))
        }
        Requirement::Scope(scopes) => format!("tokens with the scope {}", named(scopes)),
    }
}

/// Returns the name of a single permission, or the source text of an expression.
fn named(permission: &Permission) -> String {
    match permission {
        Permission::One(name) => code(&name.bare()),
        Permission::All(_) | Permission::Any(_) => code(&permission.text()),
    }
}
