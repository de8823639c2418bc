#[doc(hidden)]
#[non_exhaustive]
enum __only_a_router_calls_type {}
const _: () = {
    use renamed::__private as __auth;
    const __AUTH_P0: renamed::Name<'static> = renamed::Name::Text("edit");
    const __AUTH_P1: renamed::Name<'static> = __auth::variant(
        __auth::PermissionWords::VARIANTS,
        Can::Comment,
        Can::Comment as ::core::primitive::i128,
    );
    const __AUTH_ACL: renamed::Acl = {
        let __auth_value = rules::ARTICLES;
        __auth::compare_type(&__auth_value, __auth::IsAcl::check);
        *__auth::same_acl(&__auth_value)
    };
    const __AUTH_CONTEXT: &renamed::Acl = &__AUTH_ACL;
    const _guard_of_type: () = __auth::check_permission(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        __AUTH_P0,
        false,
    );
    const __AUTH_T0: [renamed::__private::Slot; renamed::__private::slots(
        __AUTH_CONTEXT,
        __AUTH_P0,
    )] = renamed::__private::index(__AUTH_CONTEXT, __AUTH_P0);
    const _guard_of_type_2: () = __auth::check_permission(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        __AUTH_P1,
        true,
    );
    const __AUTH_T1: [renamed::__private::Slot; renamed::__private::slots(
        __AUTH_CONTEXT,
        __AUTH_P1,
    )] = renamed::__private::index(__AUTH_CONTEXT, __AUTH_P1);
    #[automatically_derived]
    impl renamed::__private::GuardSpec for __only_a_router_calls_type {
        const SPEC: &'static renamed::__private::Spec = &renamed::__private::Spec::new(
                renamed::__private::Site::new("type", ::core::file!(), ::core::line!()),
                renamed::__private::GuardKind::ByAcl,
                "any(\"edit\", Can::Comment)",
                "rules::ARTICLES",
                &[
                    renamed::__private::Step::new(
                        __AUTH_P0,
                        ::core::option::Option::Some(
                            &renamed::__private::Index::new(
                                __AUTH_CONTEXT,
                                __AUTH_P0,
                                &__AUTH_T0,
                            ),
                        ),
                        renamed::__private::Branch::Allow,
                        renamed::__private::Branch::Step(1),
                    ),
                    renamed::__private::Step::new(
                        __AUTH_P1,
                        ::core::option::Option::Some(
                            &renamed::__private::Index::new(
                                __AUTH_CONTEXT,
                                __AUTH_P1,
                                &__AUTH_T1,
                            ),
                        ),
                        renamed::__private::Branch::Allow,
                        renamed::__private::Branch::Deny,
                    ),
                ],
            )
            .by_list(__AUTH_ACL)
            .hide()
            .with_refusal(|refusal| renamed::__private::RefusalFunctionResult::respond(
                pages::refusal(renamed::__private::RefusalFunctionArgument::of(refusal)),
            ));
    }
};
#[cfg_attr(doc, doc = "")]
#[cfg_attr(
    doc,
    doc = "**Access:** `any(\"edit\", Can::Comment)` in `rules::ARTICLES`, hidden from others"
)]
async fn r#type(
    _: renamed::guard::AclRequired<__only_a_router_calls_type>,
    _: Path<u64>,
) {}
