//! Tests that rules do not compile, with their compile errors recorded.

use trybuild::TestCases;

/// Requires that the given files do not compile, and that the compile errors of each are those recorded
/// beside it.
///
/// Each file is a small program with one mistake: a permission that no rule knows, a statement of
/// [`acl_assert!`](crate::acl_assert!) that must stay false, a call of a guarded function without its guard.
/// The errors of `tests/ui/x.rs` are recorded in `tests/ui/x.stderr`, and a change of either fails the test,
/// so that a mistake cannot start to compile unnoticed. `TRYBUILD=overwrite` in the environment records the
/// current errors; review them before committing.
///
/// `cases` is a path from the root of the package, in which `*` stands for any name. It works as a test of an
/// integration test (a file in `tests/`), as the files are compiled with the dependencies of the package.
///
/// # Example
///
/// ```no_run
/// # fn main() {
/// // In a function with `#[test]`:
/// auth_runtime::testing::rules_do_not_compile("tests/ui/*.rs");
/// # }
/// ```
///
/// with `tests/ui/visitors_edit.rs`:
///
/// ```compile_fail
/// use auth_runtime::{Acl, acl, acl_assert};
///
/// const ARTICLES: Acl = acl![(Allow, Everyone, ["view"]), (Allow, Group("editors"), ["edit"])];
///
/// acl_assert!(ARTICLES { anonymous can "edit"; });
///
/// fn main() {}
/// ```
///
/// and `tests/ui/visitors_edit.stderr`:
///
/// ```text
/// error[E0080]: evaluation panicked: in `ARTICLES` an anonymous request may not `edit`: no rule allows it
///  --> tests/ui/visitors_edit.rs:5:24
///   |
/// 5 | acl_assert!(ARTICLES { anonymous can "edit"; });
///   |                        ^^^^^^^^^^^^^^^^^^^^ evaluation of `_::_` failed here
/// ```
///
/// # Panics
///
/// Panics if a file compiles, if its errors differ from the recorded ones, and if there is no such file,
/// since that would test nothing.
#[track_caller]
pub fn rules_do_not_compile(cases: &str) {
    demand_files(cases);
    TestCases::new().compile_fail(cases);
}

#[track_caller]
fn demand_files(cases: &str) {
    let found = glob::glob(cases).is_ok_and(|mut files| files.any(|file| file.is_ok()));
    assert!(found, "there is no file `{cases}` in this package; name at least one");
}

#[cfg(test)]
mod tests {
    use super::demand_files;

    #[test]
    fn files_are_found() {
        demand_files("src/testing/*.rs");
    }

    #[test]
    #[should_panic(expected = "there is no file `tests/nowhere/*.rs` in this package; name at least one")]
    fn a_test_of_nothing_fails() {
        demand_files("tests/nowhere/*.rs");
    }
}
