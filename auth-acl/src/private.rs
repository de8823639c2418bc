//! Exports items to `auth-runtime` and to the code that its macros generate. They may change with every
//! release.

pub use crate::{
    compose::{Composition, check_acyclic},
    enum_names::{
        Constant, ConstantGroup, ConstantPermission, Constants, GroupWords, PermissionWords, Text, Variant,
        Variants, Word, Words, constant, variant,
    },
    evaluate::{Evaluation, begin, decide_at_best, decide_each, first as first_that_fires},
    explain::explain_each,
    first_match_table::{First, firsts, firsts_of, places},
    grant_budget::check_budget,
    guard_name_check::{check_group, check_known, check_permission, check_shadow, check_user},
    literal_or_variant_check::{Written, check_written, first_written},
    near_name::near,
    overlay::check_overlay,
    owned_name::OwnedName,
    principal::{SERVICE_PREFIX, service_name},
    proof::{Subject, assert_can, assert_cannot, assert_no_wider, assert_not_both, assert_only},
    resource_permission_check::check_resource_permission,
    rule_id_check::check_ids,
    rules_of_one_permission::{Index, Slot, index, slots},
    unreachable_rules::{check_redundant, check_rule},
    vocabulary::{Declared, check_one_vocabulary, declared},
    vocabulary_check::{check_covered, check_mentioned},
};
