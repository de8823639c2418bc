const ARTICLES: Acl = {
    use auth_runtime::__private as __auth;
    const __AUTH_ANONYMOUS_GROUPS: &[auth_runtime::Name<'static>] = &[];
    const __AUTH_RULES: &[auth_runtime::Rule<'static>] = &[
        auth_runtime::Rule::__new(
            auth_runtime::Action::Allow,
            auth_runtime::Principal::Everyone,
            auth_runtime::Permissions::Names(&[auth_runtime::Name::Text("view")]),
            0,
        ),
        auth_runtime::Rule::__new(
            auth_runtime::Action::Deny,
            auth_runtime::Principal::User("mallory"),
            auth_runtime::Permissions::Names(
                &[
                    auth_runtime::Name::Text("comment"),
                    auth_runtime::Name::Number(-3),
                    __auth::variant(
                        __auth::PermissionWords::VARIANTS,
                        Can::Edit,
                        Can::Edit as ::core::primitive::i128,
                    ),
                ],
            ),
            0,
        ),
        auth_runtime::Rule::__new(
            auth_runtime::Action::Allow,
            auth_runtime::Principal::Authenticated,
            auth_runtime::Permissions::Names(&[auth_runtime::Name::Text("comment")]),
            0,
        ),
        auth_runtime::Rule::__new(
            auth_runtime::Action::Allow,
            auth_runtime::Principal::Group(auth_runtime::Name::Number(7)),
            auth_runtime::Permissions::Names(&[auth_runtime::Name::Text("edit")]),
            0,
        ),
        auth_runtime::Rule::__new(
            auth_runtime::Action::Allow,
            auth_runtime::Principal::Group(
                __auth::variant(
                    __auth::GroupWords::VARIANTS,
                    Role::Admin,
                    Role::Admin as ::core::primitive::i128,
                ),
            ),
            auth_runtime::Permissions::All,
            0,
        ),
    ];
    const __AUTH_FIRSTS: &[auth_runtime::__private::First] = &auth_runtime::__private::firsts::<
        { auth_runtime::__private::places(__AUTH_RULES) },
    >(__AUTH_RULES);
    const _: () = __auth::check_rule(
        __AUTH_RULES,
        __AUTH_FIRSTS,
        __AUTH_ANONYMOUS_GROUPS,
        0,
        ::core::option::Option::None,
    );
    const _: () = __auth::check_rule(
        __AUTH_RULES,
        __AUTH_FIRSTS,
        __AUTH_ANONYMOUS_GROUPS,
        1,
        ::core::option::Option::None,
    );
    const _: () = __auth::check_rule(
        __AUTH_RULES,
        __AUTH_FIRSTS,
        __AUTH_ANONYMOUS_GROUPS,
        2,
        ::core::option::Option::None,
    );
    const _: () = __auth::check_rule(
        __AUTH_RULES,
        __AUTH_FIRSTS,
        __AUTH_ANONYMOUS_GROUPS,
        3,
        ::core::option::Option::None,
    );
    const _: () = __auth::check_rule(
        __AUTH_RULES,
        __AUTH_FIRSTS,
        __AUTH_ANONYMOUS_GROUPS,
        4,
        ::core::option::Option::None,
    );
    const __AUTH_PERMISSIONS: &[__auth::Written] = &[
        __auth::Written::literal(auth_runtime::Name::Text("view"), "\"view\""),
        __auth::Written::literal(auth_runtime::Name::Text("comment"), "\"comment\""),
        __auth::Written::literal(auth_runtime::Name::Number(-3), "-3"),
        __auth::Written::variant(
            __auth::PermissionWords::VARIANTS,
            Can::Edit,
            __auth::variant(
                __auth::PermissionWords::VARIANTS,
                Can::Edit,
                Can::Edit as ::core::primitive::i128,
            ),
            "Can::Edit",
        ),
        __auth::Written::literal(auth_runtime::Name::Text("edit"), "\"edit\""),
    ];
    const __AUTH_FIRST_PERMISSIONS: [::core::primitive::usize; 5usize] = __auth::first_written::<
        5usize,
        10usize,
    >(__AUTH_PERMISSIONS);
    const _: () = __auth::check_written(
        __AUTH_PERMISSIONS,
        &__AUTH_FIRST_PERMISSIONS,
        0,
    );
    const _: () = __auth::check_written(
        __AUTH_PERMISSIONS,
        &__AUTH_FIRST_PERMISSIONS,
        1,
    );
    const _: () = __auth::check_written(
        __AUTH_PERMISSIONS,
        &__AUTH_FIRST_PERMISSIONS,
        2,
    );
    const _: () = __auth::check_written(
        __AUTH_PERMISSIONS,
        &__AUTH_FIRST_PERMISSIONS,
        3,
    );
    const _: () = __auth::check_written(
        __AUTH_PERMISSIONS,
        &__AUTH_FIRST_PERMISSIONS,
        4,
    );
    auth_runtime::Acl::__new(__AUTH_RULES, __AUTH_FIRSTS, ::core::file!())
        .__with_anonymous_groups(__AUTH_ANONYMOUS_GROUPS)
};
