//! The right forms of the catalogue `docs/compile-errors.md` compile: `build.rs` writes each as a module of this one.

#![allow(warnings, reason = "cases are written as users write them")]
#![allow(clippy::pedantic, clippy::restriction, reason = "cases are written as users write them")]

include!(concat!(env!("OUT_DIR"), "/right_forms.rs"));

#[test]
fn right_forms_compile() {
    let titles: Vec<String> = crate::catalogue::catalogue().into_iter().map(|entry| entry.title).collect();
    assert!(titles.len() > 100, "the catalogue is read no longer: {titles:?}");
    assert_eq!(RIGHT_FORMS, titles);
}
