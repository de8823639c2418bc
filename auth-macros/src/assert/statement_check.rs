//! Checks the syntax of statements in `acl_assert!`.

use std::collections::HashMap;

use proc_macro2::TokenStream;

use super::{
    statement::{Claim, Statement},
    statement_subject::{Only, Subject},
};
use crate::{errors::Errors, name::Name};

pub(crate) fn statements(statements: &[Statement], errors: &mut Errors) {
    check_repeated_permissions(statements, errors);
    check_repeated_statements(statements, errors);
    check_both_are_two(statements, errors);
}

// A permission that is listed twice in one statement is usually a typing error for another one.
fn check_repeated_permissions(statements: &[Statement], errors: &mut Errors) {
    for list in statements.iter().flat_map(|statement| lists(&statement.claim)) {
        let mut seen = HashMap::new();
        for name in list {
            if let Some(first) = seen.insert(name.key(), name) {
                let message = format_args!("the permission `{}` is listed twice", name.bare());
                errors.duplicate(name, message, first);
            }
        }
    }
}

// A repeated statement is usually a bad merge.
fn check_repeated_statements(statements: &[Statement], errors: &mut Errors) {
    let mut seen: HashMap<_, &TokenStream> = HashMap::new();
    for Statement { claim, tokens } in statements {
        if let Some(first) = seen.insert(key(claim), tokens) {
            errors.duplicate(tokens, "this statement is listed twice", first);
        }
    }
}

// `has both "edit" and "edit"` is the same as `can "edit"`.
fn check_both_are_two(statements: &[Statement], errors: &mut Errors) {
    for statement in statements {
        let Claim::NotBoth(first, second) = &statement.claim else { continue };
        for name in second {
            if first.iter().any(|other| other.key() == name.key()) {
                let text = crate::token_text::tokens(name);
                errors.on(
                    name,
                    format_args!("both permissions are the same; write `nobody can {text}`, or name another"),
                );
            }
        }
    }
}

fn lists(claim: &Claim) -> Vec<&[Name]> {
    match claim {
        Claim::Can(_, names) | Claim::Cannot(_, names) | Claim::Only(_, names) => vec![names],
        Claim::NotBoth(first, second) => vec![first, second],
    }
}

/// Returns a key that is equal for equal statements, regardless of the order of their permissions.
fn key(claim: &Claim) -> (&'static str, String, Vec<Vec<String>>) {
    let mut names: Vec<Vec<String>> =
        lists(claim).into_iter().map(|names| names.iter().map(Name::key).collect()).collect();
    for names in &mut names {
        names.sort();
    }
    names.sort();
    match claim {
        Claim::Can(principal, _) => ("can", subject(principal), names),
        Claim::Cannot(principal, _) => ("cannot", subject(principal), names),
        Claim::NotBoth(..) => ("both", String::new(), names),
        Claim::Only(principal, _) => ("only", only(principal), names),
    }
}

fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Anonymous => "anonymous".to_owned(),
        Subject::Everyone(_) => "everyone".to_owned(),
        Subject::Principal(principal) => only(principal),
    }
}

fn only(principal: &Only) -> String {
    match principal {
        Only::Authenticated(_) => "authenticated".to_owned(),
        Only::Group(_, name) => format!("group {}", name.key()),
        Only::Service(_, name) => format!("service {:?}", name.value()),
        Only::User(_, id) => format!("user {:?}", id.value()),
    }
}
