const _: () = {
    use auth_runtime::__private as __auth;
    const __AUTH_NEW: auth_runtime::Acl = {
        let __auth_value = NEXT;
        __auth::compare_type(&__auth_value, __auth::IsAcl::check);
        *__auth::same_acl(&__auth_value)
    };
    const __AUTH_OLD: auth_runtime::Acl = {
        let __auth_value = rules::ARTICLES;
        __auth::compare_type(&__auth_value, __auth::IsAcl::check);
        *__auth::same_acl(&__auth_value)
    };
    const _: () = __auth::assert_no_wider(
        &__AUTH_NEW,
        "NEXT",
        &__AUTH_OLD,
        "rules::ARTICLES",
    );
};
