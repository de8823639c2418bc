#[automatically_derived]
impl ::auth_runtime::__private::PermissionWords for Can {
    const WORDS: &'static [(::core::primitive::i128, &'static ::core::primitive::str)] = &[
        (Self::View as ::core::primitive::i128, "view"),
        (Self::ReadAll as ::core::primitive::i128, "write"),
    ];
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
