#[doc(hidden)]
#[non_exhaustive]
enum __only_a_router_calls_2_f {}
const _: () = {
    use ::auth_runtime::__private as __auth;
    const __AUTH_P0: ::auth_runtime::Name<'static> = ::auth_runtime::Name::Text("edit");
    const _guard_of_f: () = __auth::check_resource_permission(
        &__auth::words_of::<Article>(),
        "`article`",
        __AUTH_P0,
    );
    #[automatically_derived]
    impl ::auth_runtime::__private::GuardSpec for __only_a_router_calls_2_f {
        const SPEC: &'static ::auth_runtime::__private::Spec = &::auth_runtime::__private::Spec::new(
            ::auth_runtime::__private::Site::new("f", ::core::file!(), ::core::line!()),
            ::auth_runtime::__private::GuardKind::ByResource,
            "\"edit\"",
            "article",
            &[
                ::auth_runtime::__private::Step::new(
                    __AUTH_P0,
                    ::core::option::Option::None,
                    ::auth_runtime::__private::Branch::Allow,
                    ::auth_runtime::__private::Branch::Deny,
                ),
            ],
        );
    }
};
#[cfg_attr(doc, doc = "")]
#[cfg_attr(doc, doc = "**Access:** `edit` by the rules of `article`")]
async fn f(
    _: AuthRequired<
        ::auth_runtime::__private::With<
            __only_a_router_calls_f,
            ::auth_runtime::guard::ResourceRequired<__only_a_router_calls_2_f, Article>,
        >,
    >,
    ::auth_runtime::guard::ResourceRequired {
        value: article,
        seal: (__auth_seal_f),
    }: ::auth_runtime::guard::ResourceRequired<__only_a_router_calls_2_f, Article>,
) {
    ::auth_runtime::__private::open_seal(__auth_seal_f);
    {}
}
