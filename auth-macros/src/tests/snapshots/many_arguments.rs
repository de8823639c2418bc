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
enum __auth_guard_f {}
#[automatically_derived]
#[allow(clippy::allow_attributes, unused_qualifications, reason = "generated")]
impl ::auth_runtime::__private::GuardSpec for __auth_guard_f {
    const SPEC: &'static ::auth_runtime::__private::Spec = &::auth_runtime::__private::Spec::authenticated(
        ::auth_runtime::__private::Site::new("f", ::core::file!(), ::core::line!()),
    );
}
#[allow(
    clippy::allow_attributes,
    clippy::too_many_arguments,
    reason = "the guard is generated"
)]
async fn f(
    _: ::auth_runtime::guard::AuthRequired<__auth_guard_f>,
    a: A,
    b: A,
    c: A,
    d: A,
    e: A,
    f: A,
    g: A,
) {}
