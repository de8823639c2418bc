#[doc(hidden)]
#[non_exhaustive]
pub(crate) enum __only_a_router_calls_profile {}
#[automatically_derived]
impl ::auth_runtime::__private::GuardSpec for __only_a_router_calls_profile {
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
const _: () = <String as ::auth_runtime::__private::HandlerResponse>::IS_RESPONSE;
/// Documented.
#[deprecated]
#[cfg_attr(doc, doc = "")]
#[cfg_attr(doc, doc = "**Access:** any user")]
pub(crate) async fn profile<S: Store>(
    _: ::auth_runtime::guard::AuthRequired<__only_a_router_calls_profile>,
    State(store): State<S>,
    user: UserId,
) -> String
where
    S: Clone,
{
    store.get(user).await
}
