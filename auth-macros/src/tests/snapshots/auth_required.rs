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
pub(crate) enum __auth_guard_profile {}
#[automatically_derived]
#[allow(clippy::allow_attributes, unused_qualifications, reason = "generated")]
impl ::auth_runtime::__private::GuardSpec for __auth_guard_profile {
    const SPEC: &'static ::auth_runtime::__private::Spec = &::auth_runtime::__private::Spec::authenticated(
        ::auth_runtime::__private::Site::new("profile", ::core::file!(), ::core::line!()),
    );
}
/// Documented.
#[deprecated]
pub(crate) async fn profile<S: Store>(
    _: ::auth_runtime::guard::AuthRequired<__auth_guard_profile>,
    State(store): State<S>,
    user: UserId,
) -> String
where
    S: Clone,
{
    store.get(user).await
}
