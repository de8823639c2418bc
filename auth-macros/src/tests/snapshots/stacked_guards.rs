#[doc(hidden)]
#[non_exhaustive]
enum __only_a_router_calls_2_f {}
const _: () = {
    use ::auth_runtime::__private as __auth;
    const __AUTH_D0: __auth::Declared = __auth::declared(
        __auth::Vocabulary::DECLARED,
        Can::Edit,
        Can::Edit as ::core::primitive::i128,
    );
    const __AUTH_P0: ::auth_runtime::Name<'static> = __AUTH_D0.name();
    #[automatically_derived]
    impl ::auth_runtime::__private::GuardSpec for __only_a_router_calls_2_f {
        const SPEC: &'static ::auth_runtime::__private::Spec = &::auth_runtime::__private::Spec::new(
                ::auth_runtime::__private::Site::new(
                    "f",
                    ::core::file!(),
                    ::core::line!(),
                ),
                ::auth_runtime::__private::GuardKind::ByPolicy,
                "Can::Edit",
                "",
                &[
                    ::auth_runtime::__private::Step::new(
                        __AUTH_P0,
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
#[cfg_attr(doc, doc = "**Access:** `Can::Edit` by the application's policy")]
async fn f(
    _: ::auth_runtime::guard::Both<
        ::auth_runtime::guard::AuthRequired<__only_a_router_calls_f>,
        ::auth_runtime::guard::PermissionRequired<__only_a_router_calls_2_f>,
    >,
    id: Path<u64>,
) {}
