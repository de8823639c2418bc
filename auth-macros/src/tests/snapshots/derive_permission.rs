#[automatically_derived]
impl ::auth_runtime::__private::PermissionWords for Can {
    const WORDS: ::auth_runtime::__private::Words = ::auth_runtime::__private::Words::new(
        ::core::concat!(::core::module_path!(), "::", ::core::stringify!(Can)),
        &[
            ::auth_runtime::__private::Word::new(
                Self::View as ::core::primitive::i128,
                "View",
                "view",
            ),
            ::auth_runtime::__private::Word::new(
                Self::ReadAll as ::core::primitive::i128,
                "ReadAll",
                "write",
            ),
        ],
    );
    fn at(index: ::core::primitive::usize) -> ::core::option::Option<Self> {
        match index {
            0 => ::core::option::Option::Some(Self::View),
            1 => ::core::option::Option::Some(Self::ReadAll),
            _ => ::core::option::Option::None,
        }
    }
}
#[automatically_derived]
impl ::auth_runtime::Permission for Can {
    fn name(&self) -> ::auth_runtime::Name<'_> {
        match self {
            Self::View => ::auth_runtime::Name::Text("view"),
            Self::ReadAll => ::auth_runtime::Name::Text("write"),
        }
    }
}
