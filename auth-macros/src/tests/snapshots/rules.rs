const ARTICLES: Acl = {
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
                    auth_runtime::__private::permission(
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
                auth_runtime::__private::group(
                    Role::Admin,
                    Role::Admin as ::core::primitive::i128,
                ),
            ),
            auth_runtime::Permissions::All,
            0,
        ),
    ];
    const __AUTH_FIRSTS: [auth_runtime::__private::First; auth_runtime::__private::places(
        __AUTH_RULES,
    )] = auth_runtime::__private::firsts(__AUTH_RULES);
    const _: () = auth_runtime::__private::check_rule(__AUTH_RULES, &__AUTH_FIRSTS, 0);
    const _: () = auth_runtime::__private::check_rule(__AUTH_RULES, &__AUTH_FIRSTS, 1);
    const _: () = auth_runtime::__private::check_rule(__AUTH_RULES, &__AUTH_FIRSTS, 2);
    const _: () = auth_runtime::__private::check_rule(__AUTH_RULES, &__AUTH_FIRSTS, 3);
    const _: () = auth_runtime::__private::check_rule(__AUTH_RULES, &__AUTH_FIRSTS, 4);
    auth_runtime::Acl::__new(__AUTH_RULES, &__AUTH_FIRSTS, ::core::file!())
};
