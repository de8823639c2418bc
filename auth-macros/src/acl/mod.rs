//! Expands `acl![…]`, a list of tuples, to a constant `Acl`.

mod expand;
mod foreign_separators;
pub(crate) mod hierarchy_macros;
mod included_acls;
mod look_alike;
mod name_as_literal_and_variant;
mod overlay_setting;
mod parse_rules;
mod repeated_rules_check;
mod row_attributes;
mod rule_attribute;
mod rule_conditions;
mod rule_permissions;
pub(crate) mod rule_principal;
mod settings;
mod wildcard;

use proc_macro2::TokenStream;

use crate::{error_expansion, errors::Errors};

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (runtime, list) = parse_rules::input(input, &mut errors);
    repeated_rules_check::rows(&list.rows, &mut errors);
    match runtime {
        Some(runtime) if errors.is_empty() => expand::acl(&list, &runtime),
        runtime => error_expansion::acl(errors, runtime.as_ref()),
    }
}
