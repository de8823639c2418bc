const _: () = {
    use auth_runtime::__private as __auth;
    const __AUTH_NEW: auth_runtime::Acl = NEXT;
    const __AUTH_OLD: auth_runtime::Acl = rules::ARTICLES;
    const _: () = __auth::assert_no_wider(
        &__AUTH_NEW,
        "NEXT",
        &__AUTH_OLD,
        "rules::ARTICLES",
    );
};
