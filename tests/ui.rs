//! What the compiler says about mistakes, and what must keep compiling.
//!
//! `TRYBUILD=overwrite cargo test --test ui` records changed messages; read them aloud before committing.

#[test]
fn mistakes_are_explained() {
    trybuild::TestCases::new().compile_fail("tests/ui/*/fail/*.rs");
}

#[test]
fn what_is_right_compiles() {
    trybuild::TestCases::new().pass("tests/ui/*/pass/*.rs");
}
