#[doc(hidden)]
#[non_exhaustive]
enum __only_a_router_calls_f {}
const _: () = {
    use ::auth_runtime::__private as __auth;
    const __AUTH_D0: __auth::Declared = __auth::declared(
        __auth::Vocabulary::DECLARED,
        Can::A,
        Can::A as ::core::primitive::i128,
    );
    const __AUTH_P0: ::auth_runtime::Name<'static> = __AUTH_D0.name();
    const __AUTH_D1: __auth::Declared = __auth::declared(
        __auth::Vocabulary::DECLARED,
        rights::B,
        rights::B as ::core::primitive::i128,
    );
    const __AUTH_P1: ::auth_runtime::Name<'static> = __AUTH_D1.name();
    const _: () = __auth::check_one_vocabulary(&__AUTH_D0, &__AUTH_D1);
    const __AUTH_D2: __auth::Declared = __auth::declared(
        __auth::Vocabulary::DECLARED,
        EDIT,
        __auth::constant(__auth::ConstantPermission::CONSTANTS, EDIT).variant()
            as ::core::primitive::i128,
    );
    const __AUTH_P2: ::auth_runtime::Name<'static> = __AUTH_D2.name();
    const _: () = __auth::check_one_vocabulary(&__AUTH_D0, &__AUTH_D2);
    const __AUTH_D3: __auth::Declared = __auth::declared(
        __auth::Vocabulary::DECLARED,
        Can::C,
        Can::C as ::core::primitive::i128,
    );
    const __AUTH_P3: ::auth_runtime::Name<'static> = __AUTH_D3.name();
    const _: () = __auth::check_one_vocabulary(&__AUTH_D0, &__AUTH_D3);
    #[automatically_derived]
    impl ::auth_runtime::__private::GuardSpec for __only_a_router_calls_f {
        const SPEC: &'static ::auth_runtime::__private::Spec = &::auth_runtime::__private::Spec::new(
                ::auth_runtime::__private::Site::new(
                    "f",
                    ::core::file!(),
                    ::core::line!(),
                ),
                ::auth_runtime::__private::GuardKind::ByPolicy,
                "all(Can::A, any(rights::B, EDIT), Can::C)",
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
            )
            .of(&__AUTH_D0);
    }
};
#[cfg_attr(doc, doc = "")]
#[cfg_attr(
    doc,
    doc = "**Access:** `all(Can::A, any(rights::B, EDIT), Can::C)` by the application's policy"
)]
async fn f(_: ::auth_runtime::guard::PermissionRequired<__only_a_router_calls_f>) {}
