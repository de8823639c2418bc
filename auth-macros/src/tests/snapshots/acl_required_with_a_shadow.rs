#[doc(hidden)]
#[non_exhaustive]
pub enum __only_a_router_calls_edit {}
const _: () = {
    use ::auth_runtime::__private as __auth;
    const __AUTH_P0: ::auth_runtime::Name<'static> = ::auth_runtime::Name::Text("edit");
    const __AUTH_P1: ::auth_runtime::Name<'static> = __auth::variant(
        __auth::PermissionWords::VARIANTS,
        Can::Comment,
        Can::Comment as ::core::primitive::i128,
    );
    const __AUTH_ACL: ::auth_runtime::Acl = {
        let __auth_value = ARTICLES;
        __auth::compare_type(&__auth_value, __auth::IsAcl::check);
        *__auth::same_acl(&__auth_value)
    };
    const __AUTH_CONTEXT: &::auth_runtime::Acl = &__AUTH_ACL;
    const _guard_of_edit: () = __auth::check_permission(
        __AUTH_CONTEXT,
        "ARTICLES",
        __AUTH_P0,
        false,
    );
    const __AUTH_T0: [::auth_runtime::__private::Slot; ::auth_runtime::__private::slots(
        __AUTH_CONTEXT,
        __AUTH_P0,
    )] = ::auth_runtime::__private::index(__AUTH_CONTEXT, __AUTH_P0);
    const _guard_of_edit_2: () = __auth::check_permission(
        __AUTH_CONTEXT,
        "ARTICLES",
        __AUTH_P1,
        true,
    );
    const __AUTH_T1: [::auth_runtime::__private::Slot; ::auth_runtime::__private::slots(
        __AUTH_CONTEXT,
        __AUTH_P1,
    )] = ::auth_runtime::__private::index(__AUTH_CONTEXT, __AUTH_P1);
    const __AUTH_SHADOW_ACL: ::auth_runtime::Acl = {
        let __auth_value = rules::ARTICLES_NEXT;
        __auth::compare_type(&__auth_value, __auth::IsAcl::check);
        *__auth::same_acl(&__auth_value)
    };
    const __AUTH_SHADOW_CONTEXT: &::auth_runtime::Acl = &__AUTH_SHADOW_ACL;
    const _shadow_of_edit: () = __auth::check_shadow(
        __AUTH_SHADOW_CONTEXT,
        "rules::ARTICLES_NEXT",
        __AUTH_P0,
        false,
    );
    const __AUTH_SHADOW_T0: [::auth_runtime::__private::Slot; ::auth_runtime::__private::slots(
        __AUTH_SHADOW_CONTEXT,
        __AUTH_P0,
    )] = ::auth_runtime::__private::index(__AUTH_SHADOW_CONTEXT, __AUTH_P0);
    const _shadow_of_edit_2: () = __auth::check_shadow(
        __AUTH_SHADOW_CONTEXT,
        "rules::ARTICLES_NEXT",
        __AUTH_P1,
        true,
    );
    const __AUTH_SHADOW_T1: [::auth_runtime::__private::Slot; ::auth_runtime::__private::slots(
        __AUTH_SHADOW_CONTEXT,
        __AUTH_P1,
    )] = ::auth_runtime::__private::index(__AUTH_SHADOW_CONTEXT, __AUTH_P1);
    #[automatically_derived]
    impl ::auth_runtime::__private::GuardSpec for __only_a_router_calls_edit {
        const SPEC: &'static ::auth_runtime::__private::Spec = &::auth_runtime::__private::Spec::new(
                ::auth_runtime::__private::Site::new(
                    "edit",
                    ::core::file!(),
                    ::core::line!(),
                ),
                ::auth_runtime::__private::GuardKind::ByAcl,
                "any(\"edit\", Can::Comment)",
                "ARTICLES",
                &[
                    ::auth_runtime::__private::Step::new(
                        __AUTH_P0,
                        ::core::option::Option::Some(
                            &::auth_runtime::__private::Index::new(
                                __AUTH_CONTEXT,
                                __AUTH_P0,
                                &__AUTH_T0,
                            ),
                        ),
                        ::auth_runtime::__private::Branch::Allow,
                        ::auth_runtime::__private::Branch::Step(1),
                    ),
                    ::auth_runtime::__private::Step::new(
                        __AUTH_P1,
                        ::core::option::Option::Some(
                            &::auth_runtime::__private::Index::new(
                                __AUTH_CONTEXT,
                                __AUTH_P1,
                                &__AUTH_T1,
                            ),
                        ),
                        ::auth_runtime::__private::Branch::Allow,
                        ::auth_runtime::__private::Branch::Deny,
                    ),
                ],
            )
            .by_list(__AUTH_ACL)
            .fresh(3600)
            .shadow(
                ::auth_runtime::__private::Shadow::new(
                    "rules::ARTICLES_NEXT",
                    __AUTH_SHADOW_ACL,
                    &[
                        ::auth_runtime::__private::Step::new(
                            __AUTH_P0,
                            ::core::option::Option::Some(
                                &::auth_runtime::__private::Index::new(
                                    __AUTH_SHADOW_CONTEXT,
                                    __AUTH_P0,
                                    &__AUTH_SHADOW_T0,
                                ),
                            ),
                            ::auth_runtime::__private::Branch::Allow,
                            ::auth_runtime::__private::Branch::Step(1),
                        ),
                        ::auth_runtime::__private::Step::new(
                            __AUTH_P1,
                            ::core::option::Option::Some(
                                &::auth_runtime::__private::Index::new(
                                    __AUTH_SHADOW_CONTEXT,
                                    __AUTH_P1,
                                    &__AUTH_SHADOW_T1,
                                ),
                            ),
                            ::auth_runtime::__private::Branch::Allow,
                            ::auth_runtime::__private::Branch::Deny,
                        ),
                    ],
                ),
            );
    }
};
/// Edits.
#[cfg_attr(doc, doc = "")]
#[cfg_attr(
    doc,
    doc = "**Access:** `any(\"edit\", Can::Comment)` in `ARTICLES`, logged in at most 3600 s ago, with `rules::ARTICLES_NEXT` as its shadow"
)]
pub async fn edit(_: ::auth_runtime::guard::AclRequired<__only_a_router_calls_edit>) {}
