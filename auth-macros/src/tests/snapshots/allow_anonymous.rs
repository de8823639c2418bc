#[doc(hidden)]
#[non_exhaustive]
pub enum __only_a_router_calls_f {}
#[automatically_derived]
impl ::auth_runtime::__private::GuardSpec for __only_a_router_calls_f {
    const SPEC: &'static ::auth_runtime::__private::Spec = &::auth_runtime::__private::Spec::new(
        ::auth_runtime::__private::Site::new("f", ::core::file!(), ::core::line!()),
        ::auth_runtime::__private::GuardKind::Anybody,
        "",
        "",
        &[],
    );
}
#[cfg_attr(doc, doc = "")]
#[cfg_attr(doc, doc = "**Access:** everybody")]
pub async fn f(_: ::auth_runtime::guard::AllowAnonymous<__only_a_router_calls_f>) {}
