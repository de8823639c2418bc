const _: () = {
    use auth_runtime::__private as __auth;
    const __AUTH_ACL: auth_runtime::Acl = {
        let __auth_value = rules::ARTICLES;
        __auth::compare_type(&__auth_value, __auth::IsAcl::check);
        *__auth::same_acl(&__auth_value)
    };
    const __AUTH_CONTEXT: &auth_runtime::Acl = &__AUTH_ACL;
    const __AUTH_N0: auth_runtime::Name<'static> = auth_runtime::Name::Text("edit");
    const _: () = __auth::check_known(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        __AUTH_N0,
        false,
    );
    const _: () = __auth::assert_cannot(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        auth_runtime::__private::Subject::Anonymous,
        __AUTH_N0,
        false,
        "anonymous can \"edit\"",
    );
    const __AUTH_N1: auth_runtime::Name<'static> = __auth::variant(
        __auth::PermissionWords::VARIANTS,
        Can::Delete,
        Can::Delete as ::core::primitive::i128,
    );
    const _: () = __auth::check_known(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        __AUTH_N1,
        true,
    );
    const _: () = __auth::assert_cannot(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        auth_runtime::__private::Subject::Anonymous,
        __AUTH_N1,
        true,
        "anonymous can Can::Delete",
    );
    const __AUTH_N2: auth_runtime::Name<'static> = __auth::variant(
        __auth::GroupWords::VARIANTS,
        Role::Admin,
        Role::Admin as ::core::primitive::i128,
    );
    const _: () = __auth::check_group(__AUTH_CONTEXT, "rules::ARTICLES", __AUTH_N2);
    const __AUTH_N3: auth_runtime::Name<'static> = auth_runtime::Name::Number(7);
    const _: () = __auth::check_known(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        __AUTH_N3,
        false,
    );
    const _: () = __auth::assert_can(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        auth_runtime::__private::Subject::Of(auth_runtime::Principal::Group(__AUTH_N2)),
        __AUTH_N3,
        false,
        "group Role::Admin cannot 7",
    );
    const _: () = __auth::check_user(__AUTH_CONTEXT, "rules::ARTICLES", "mallory");
    const __AUTH_N4: auth_runtime::Name<'static> = auth_runtime::Name::Text("comment");
    const _: () = __auth::check_known(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        __AUTH_N4,
        false,
    );
    const _: () = __auth::assert_cannot(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        auth_runtime::__private::Subject::Of(auth_runtime::Principal::User("mallory")),
        __AUTH_N4,
        false,
        "user \"mallory\" can \"comment\"",
    );
    const __AUTH_N5: auth_runtime::Name<'static> = auth_runtime::Name::Text("comment");
    const _: () = __auth::check_known(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        __AUTH_N5,
        false,
    );
    const _: () = __auth::assert_only(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        auth_runtime::Principal::Authenticated,
        __AUTH_N5,
        false,
    );
    const __AUTH_N6: auth_runtime::Name<'static> = auth_runtime::Name::Text("purge");
    const _: () = __auth::check_known(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        __AUTH_N6,
        false,
    );
    const _: () = __auth::assert_cannot(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        auth_runtime::__private::Subject::Of(auth_runtime::Principal::Everyone),
        __AUTH_N6,
        false,
        "everyone can \"purge\"",
    );
    const __AUTH_N7: auth_runtime::Name<'static> = auth_runtime::Name::Text("request");
    const _: () = __auth::check_known(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        __AUTH_N7,
        false,
    );
    const __AUTH_N8: auth_runtime::Name<'static> = auth_runtime::Name::Text("approve");
    const _: () = __auth::check_known(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        __AUTH_N8,
        false,
    );
    const _: () = __auth::assert_not_both(
        __AUTH_CONTEXT,
        "rules::ARTICLES",
        (__AUTH_N7, false),
        (__AUTH_N8, false),
    );
};
