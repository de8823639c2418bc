#[doc(hidden)]
#[non_exhaustive]
pub(crate) enum __auth_guard_profile {}
#[automatically_derived]
impl ::auth_runtime::__private::GuardSpec for __auth_guard_profile {
    const SPEC: &'static ::auth_runtime::__private::Spec = &::auth_runtime::__private::Spec::new(
        ::auth_runtime::__private::Site::new(
            "profile",
            ::core::file!(),
            ::core::line!(),
        ),
        ::auth_runtime::__private::GuardKind::AnyUser,
        "",
        "",
        &[],
    );
}
/// Documented.
#[deprecated]
#[cfg_attr(doc, doc = "")]
#[cfg_attr(doc, doc = "**Access:** any user")]
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
