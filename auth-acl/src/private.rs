//! Items for `auth-runtime` and for the code that its macros generate. They may change with every release.

pub use crate::{
    check::{
        check_group, check_literal, check_literal_known, check_shadow_literal, check_shadow_variant,
        check_user, check_variant, check_variant_known,
    },
    compose::{Composition, check_acyclic},
    enum_names::{GroupWords, PermissionWords, Word, Words, group, permission, words},
    first_match_table::{First, firsts, firsts_of, places},
    index::{Index, Slot, index, slots},
    proof::{Subject, assert_can, assert_cannot, assert_no_wider, assert_not_both, assert_only},
    spelling_check::{Written, check_written, first_written},
    unreachable::check_rule,
    vocabulary::{check_covered, check_mentioned},
};
