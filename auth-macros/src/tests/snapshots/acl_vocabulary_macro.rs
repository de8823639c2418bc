const _: () = {
    use auth_runtime::__private as __auth;
    const __AUTH_WORDS: __auth::Words = <Can as __auth::PermissionWords>::WORDS;
    const __AUTH_CONTEXT0: auth_runtime::Acl = {
        let __auth_value = ARTICLES;
        __auth::compare_type(&__auth_value, __auth::IsAcl::check);
        *__auth::same_acl(&__auth_value)
    };
    const __AUTH_CONTEXT1: auth_runtime::Acl = {
        let __auth_value = rules::COMMENTS;
        __auth::compare_type(&__auth_value, __auth::IsAcl::check);
        *__auth::same_acl(&__auth_value)
    };
    const _: () = __auth::check_mentioned(
        &__AUTH_WORDS,
        "Can",
        &[__AUTH_CONTEXT0, __AUTH_CONTEXT1],
    );
    const _: () = __auth::check_covered(
        &__AUTH_WORDS,
        "Can",
        &__AUTH_CONTEXT0,
        "ARTICLES",
    );
    const _: () = __auth::check_covered(
        &__AUTH_WORDS,
        "Can",
        &__AUTH_CONTEXT1,
        "rules::COMMENTS",
    );
};
