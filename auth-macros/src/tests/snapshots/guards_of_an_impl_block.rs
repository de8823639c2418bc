const _: () = {
    #[cfg(unix)]
    #[auth_required(__guards_of_an_impl_block)]
    const _: () = {
        ::core::compile_error!(
            "`auth_required` is not the guard of `auth_runtime` here; import it, or write `#[auth_runtime::auth_required]`"
        )
    };
    #[cfg(unix)]
    #[doc(hidden)]
    #[non_exhaustive]
    enum __only_a_router_calls_edit {}
    #[cfg(unix)]
    #[automatically_derived]
    impl ::auth_runtime::__private::GuardSpec for __only_a_router_calls_edit {
        const SPEC: &'static ::auth_runtime::__private::Spec = &::auth_runtime::__private::Spec::new(
                ::auth_runtime::__private::Site::new(
                    "Articles<T>::edit",
                    ::core::file!(),
                    ::core::line!(),
                ),
                ::auth_runtime::__private::GuardKind::AnyUser,
                "",
                "",
                &[],
            )
            .fresh(3600);
    }
    #[cfg(unix)]
    #[permission_required(__guards_of_an_impl_block)]
    const _: () = {
        ::core::compile_error!(
            "`permission_required` is not the guard of `auth_runtime` here; import it, or write `#[auth_runtime::permission_required]`"
        )
    };
    #[cfg(unix)]
    #[doc(hidden)]
    #[non_exhaustive]
    enum __only_a_router_calls_2_edit {}
    #[cfg(unix)]
    const _: () = {
        use ::auth_runtime::__private as __auth;
        const __AUTH_D0: __auth::Declared = __auth::declared(
            __auth::Vocabulary::DECLARED,
            Can::Edit,
            Can::Edit as ::core::primitive::i128,
        );
        const __AUTH_P0: ::auth_runtime::Name<'static> = __AUTH_D0.name();
        #[automatically_derived]
        impl ::auth_runtime::__private::GuardSpec for __only_a_router_calls_2_edit {
            const SPEC: &'static ::auth_runtime::__private::Spec = &::auth_runtime::__private::Spec::new(
                    ::auth_runtime::__private::Site::new(
                        "Articles<T>::edit",
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
    impl<T> Articles<T> {
        #[cfg(unix)]
        #[cfg_attr(doc, doc = "")]
        #[cfg_attr(doc, doc = "**Access:** any user, logged in at most 3600 s ago")]
        #[cfg_attr(doc, doc = "")]
        #[cfg_attr(doc, doc = "**Access:** `Can::Edit` by the application's policy")]
        async fn edit(
            _: ::auth_runtime::guard::Both<
                ::auth_runtime::guard::AuthRequired<__only_a_router_calls_edit>,
                ::auth_runtime::guard::PermissionRequired<__only_a_router_calls_2_edit>,
            >,
            _: State<Self>,
        ) {}
        fn helper() {}
    }
};
