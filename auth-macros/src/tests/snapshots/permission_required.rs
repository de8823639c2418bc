#[doc(hidden)]
#[non_exhaustive]
enum __only_a_router_calls_f {}
const _: () = {
    const __AUTH_P0: ::auth_runtime::Name<'static> = ::auth_runtime::Name::Text("a");
    const __AUTH_P1: ::auth_runtime::Name<'static> = ::auth_runtime::Name::Number(7);
    const __AUTH_P2: ::auth_runtime::Name<'static> = ::auth_runtime::Name::Number(-7);
    const __AUTH_P3: ::auth_runtime::Name<'static> = ::auth_runtime::Name::Text("b");
    #[automatically_derived]
    impl ::auth_runtime::__private::GuardSpec for __only_a_router_calls_f {
        const SPEC: &'static ::auth_runtime::__private::Spec = &::auth_runtime::__private::Spec::new(
            ::auth_runtime::__private::Site::new("f", ::core::file!(), ::core::line!()),
            ::auth_runtime::__private::GuardKind::ByPolicy,
            "all(\"a\", any(7, -7), \"b\")",
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
                    ::auth_runtime::__private::Branch::Step(3),
                    ::auth_runtime::__private::Branch::Step(2),
                ),
                ::auth_runtime::__private::Step::new(
                    __AUTH_P2,
                    ::core::option::Option::None,
                    ::auth_runtime::__private::Branch::Step(3),
                    ::auth_runtime::__private::Branch::Deny,
                ),
                ::auth_runtime::__private::Step::new(
                    __AUTH_P3,
                    ::core::option::Option::None,
                    ::auth_runtime::__private::Branch::Allow,
                    ::auth_runtime::__private::Branch::Deny,
                ),
            ],
        );
    }
};
#[cfg_attr(doc, doc = "")]
#[cfg_attr(
    doc,
    doc = "**Access:** `all(\"a\", any(7, -7), \"b\")` by the application's policy"
)]
async fn f(_: ::auth_runtime::guard::PermissionRequired<__only_a_router_calls_f>) {}
