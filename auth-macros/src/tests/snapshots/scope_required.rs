#[doc(hidden)]
#[non_exhaustive]
pub enum __only_a_router_calls_f {}
const _: () = {
    const __AUTH_P0: ::auth_runtime::Name<'static> = ::auth_runtime::Name::Text(
        "articles:read",
    );
    const __AUTH_P1: ::auth_runtime::Name<'static> = ::auth_runtime::Name::Text(
        "articles:write",
    );
    const __AUTH_P2: ::auth_runtime::Name<'static> = ::auth_runtime::Name::Text("admin");
    #[automatically_derived]
    impl ::auth_runtime::__private::GuardSpec for __only_a_router_calls_f {
        const SPEC: &'static ::auth_runtime::__private::Spec = &::auth_runtime::__private::Spec::new(
                ::auth_runtime::__private::Site::new(
                    "f",
                    ::core::file!(),
                    ::core::line!(),
                ),
                ::auth_runtime::__private::GuardKind::ByScope,
                "all(\"articles:read\", any(\"articles:write\", \"admin\"))",
                "",
                &[
                    ::auth_runtime::__private::Step::new(
                        __AUTH_P0,
                        ::core::option::Option::None,
                        ::auth_runtime::__private::Branch::Step(1),
                        ::auth_runtime::__private::Branch::Deny,
                    ),
                    ::auth_runtime::__private::Step::new(
                        __AUTH_P1,
                        ::core::option::Option::None,
                        ::auth_runtime::__private::Branch::Allow,
                        ::auth_runtime::__private::Branch::Step(2),
                    ),
                    ::auth_runtime::__private::Step::new(
                        __AUTH_P2,
                        ::core::option::Option::None,
                        ::auth_runtime::__private::Branch::Allow,
                        ::auth_runtime::__private::Branch::Deny,
                    ),
                ],
            )
            .fewest("articles:read articles:write")
            .fresh(5400)
            .hide();
    }
};
#[cfg_attr(doc, doc = "")]
#[cfg_attr(
    doc,
    doc = "**Access:** tokens with the scope `all(\"articles:read\", any(\"articles:write\", \"admin\"))`, logged in at most 5400 s ago, hidden from others"
)]
pub async fn f(
    _: ::auth_runtime::guard::ScopeRequired<__only_a_router_calls_f>,
    id: Path<u64>,
) {}
