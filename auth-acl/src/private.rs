//! Exports items to `auth-runtime` and to the code that its macros generate. They may change with every
//! release.

pub use crate::{
    compile_time_checks::{
        Written, check_budget, check_covered, check_group, check_ids, check_known, check_mentioned,
        check_permission, check_redundant, check_resource_permission, check_rule, check_shadow, check_user,
        check_written, first_written,
    },
    compose::{Composition, check_acyclic},
    enum_names::{
        Constant, ConstantGroup, ConstantPermission, Constants, GroupWords, PermissionWords, Text, Variant,
        Variants, Word, Words, constant, variant,
    },
    evaluate::{Evaluation, begin, decide_at_best, decide_each, first as first_that_fires},
    expected_type::{
        IsAcl, IsCondition, IsGroupHierarchy, IsImpliedPermissions, compare_type, same_acl, same_condition,
        same_group_hierarchy, same_implied_permissions,
    },
    explain::explain_each,
    first_match_table::{First, firsts, firsts_of, places},
    index_of_one_permission::{Index, Slot, index, slots},
    near_name::near,
    overlay::check_overlay,
    owned_name::OwnedName,
    permission_enum::{Declared, check_one_vocabulary, declared},
    principal::{SERVICE_PREFIX, service_name},
    proof::{Subject, assert_can, assert_cannot, assert_no_wider, assert_not_both, assert_only},
};
