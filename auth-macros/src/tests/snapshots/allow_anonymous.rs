#[doc(hidden)]
#[allow(
    clippy::allow_attributes,
    clippy::exhaustive_enums,
    dead_code,
    missing_copy_implementations,
    missing_debug_implementations,
    non_camel_case_types,
    unnameable_types,
    unreachable_pub,
    reason = "generated"
)]
pub enum __auth_guard_f {}
#[automatically_derived]
#[allow(clippy::allow_attributes, unused_qualifications, reason = "generated")]
impl ::auth_runtime::__private::GuardSpec for __auth_guard_f {
    const SPEC: &'static ::auth_runtime::__private::Spec = &::auth_runtime::__private::Spec::anonymous(
        ::auth_runtime::__private::Site::new("f", ::core::file!(), ::core::line!()),
    );
}
pub async fn f(_: ::auth_runtime::guard::AllowAnonymous<__auth_guard_f>) {}
