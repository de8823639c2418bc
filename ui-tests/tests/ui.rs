//! Compile errors of mistakes, and programs that must keep compiling.
//!
//! `tests/ui/*/fail` has one mistake in each file, with the compiler's messages beside it. One session of trybuild checks
//! them all. `cargo test -p ui-tests mistakes` runs it, `-- trybuild=proof/` after it checks the files with `proof/` in their
//! path, and `TRYBUILD=overwrite` in the environment records changed messages. Read them before you commit them.
//!
//! `tests/ui/*/pass` has programs that must compile; each file is a module here, and its `main` is a test.

mod catalogue;
mod compile_errors;
mod right_forms;

use std::{collections::BTreeSet, fs, path::Path};

macro_rules! cases {
    ($($subject:ident: $($case:ident)*;)*) => {
        #[expect(
            unreachable_pub,
            clippy::arithmetic_side_effects,
            clippy::indexing_slicing,
            clippy::panic,
            clippy::redundant_closure_for_method_calls,
            clippy::too_many_arguments,
            clippy::unused_async,
            clippy::unwrap_used,
            reason = "cases are written as users write"
        )]
        mod ui {
            pub(crate) mod probe;
            $(pub(crate) mod $subject {
                pub(crate) mod pass {
                    $(pub(crate) mod $case;)*
                }
            })*
        }

        $(mod $subject {
            $(#[test]
            fn $case() {
                crate::ui::$subject::pass::$case::main();
            })*
        })*

        const CASES: &[(&str, &str)] = &[$($((stringify!($subject), stringify!($case))),*),*];
    };
}

cases! {
    acl:
        a_copy_without_drop_glue
        as_an_associated_constant
        as_an_expression
        every_kind_of_row
        in_a_static
        in_macro_rules
        many_rules
        notes_of_rules
        names_of_any_script
        rules_know_their_lines
        variants_imported_and_constants_of_them
        words_imported
        words_with_their_module;
    acr:
        every_guard;
    acl_required:
        a_list_in_another_module
        a_list_in_the_same_function
        a_list_of_one
        a_list_written_in_place
        a_number
        a_number_below_zero
        a_string
        a_variant_that_only_all_grants
        all
        an_associated_list
        any
        constants
        expressions_agree_with_truth_tables
        hidden
        in_macro_rules
        in_parentheses
        its_own_refusal
        nested
        open_to_everyone
        variants
        with_a_shadow;
    allow_anonymous:
        refuses_nobody;
    auth_required:
        a_refusal_called_refusal
        a_user
        all_options
        arguments_and_a_body
        arguments_under_cfg
        body_that_awaits
        body_with_inner_attributes
        body_with_items_of_its_own
        by_another_name
        called_with_a_guard_of_the_testing_feature
        const_generic
        documented_above_and_below
        fifteen_arguments
        first_argument_without_a_name
        generic
        generic_with_a_where_clause
        guarded_by_cfg_attr
        hidden
        impl_trait_argument
        impl_trait_result
        in_a_function_body
        in_macro_rules
        in_modules_under_one_name
        its_own_refusal
        lifetime
        names_that_look_alike
        nested_patterns
        no_arguments
        no_extractor_runs_before_the_guard
        other_attributes_above_and_below
        public
        public_in_a_path
        public_in_the_crate
        raw_identifiers
        result
        seven_arguments_where_lints_are_forbidden
        with_its_path
        with_state;
    compose:
        groups_that_include_others
        permissions_that_imply_others
        rules_of_another_list;
    conditions:
        rules_with_conditions;
    csrf_form:
        every_guard;
    derive:
        cfg_on_a_variant
        crate_under_another_name
        discriminants_of_any_kind
        enum_is_not_copy
        groups_and_permissions_of_one_enum
        in_a_function_body
        names_of_variants;
    fresh:
        every_guard;
    guarded:
        closures_with_a_permit
        closures_with_a_reason
        every_kind_of_guard
        every_method
        fifteen_arguments
        generic_handlers
        guards_of_a_router
        handlers_in_layers
        nested_and_merged
        reasons
        routers_of_axum
        services
        things;
    guards:
        associated_functions;
    hygiene:
        crate_under_another_name
        everything_is_shadowed
        names_of_the_expansion_are_free;
    limit:
        every_guard;
    layers:
        every_guard;
    permit:
        a_list_judges
        a_thing_judges;
    proof:
        all_statements_that_hold
        associated_constant
        enum_variants
        in_a_function
        in_another_module
        integers
        last_semicolon_left_out
        lists_of_permissions
        no_wider
        no_wider_in_a_function_with_a_last_comma
        several_in_one_module
        under_strict_lints
        user_names_do_not_matter
        written_by_a_macro;
    resource:
        an_argument
        an_expression_and_options
        an_unused_argument
        beside_other_guards
        from_the_body
        rules_of_a_parent;
    list_checks:
        budgets
        no_redundant_rules;
    named_rules:
        labels_of_rules;
    overlay:
        overlays;
    permission_required:
        asks_the_policy
        refuses_without_a_policy
        shapes;
    rules:
        anonymous_groups
        deny_a_group_after_allowing_another
        group_and_permission_of_one_name
        guard_granted_by_all
        identical_after_evaluation
        names_in_other_scripts
        names_that_do_not_look_alike
        number_and_another_text
        partly_decided_before
        redundant_rules
        variants_of_two_enums;
    scope_required:
        beside_other_guards
        shapes;
    services:
        statements_about_services;
    stacking:
        both_must_pass
        fifteen_arguments
        the_upper_one_is_asked_first
        with_other_attributes_between;
    together:
        all_of_them
        all_of_them_the_other_way
        debug_handler_below
        debug_handler_with_state
        instrument_above
        instrument_below
        instrument_records_no_guard
        utoipa_above
        utoipa_below;
    vocabulary:
        all_variants_in_one_list
        enum_by_its_path
        in_a_function
        variants_over_several_lists;
}

#[test]
fn mistakes_are_explained() {
    auth_runtime::testing::rules_do_not_compile("tests/ui/*/fail/*.rs");
}

#[test]
fn every_case_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let mut found = BTreeSet::new();
    for subject in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        for case in fs::read_dir(subject.path().join("pass")).into_iter().flatten().map(Result::unwrap) {
            let stem = case.path().file_stem().unwrap().to_owned();
            found.insert((subject.file_name().into_string().unwrap(), stem.into_string().unwrap()));
        }
    }
    let listed = CASES.iter().map(|(subject, case)| ((*subject).to_owned(), (*case).to_owned())).collect();
    assert_eq!(found, listed);
}
