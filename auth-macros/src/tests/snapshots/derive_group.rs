#[automatically_derived]
impl renamed::__private::GroupWords for Role {
    const WORDS: renamed::__private::Words = renamed::__private::Words::new(
        ::core::concat!(::core::module_path!(), "::", ::core::stringify!(Role)),
        &[
            renamed::__private::Word::new(
                Self::Admin as ::core::primitive::i128,
                "Admin",
                "admin",
            ),
        ],
    );
}
#[automatically_derived]
impl renamed::Group for Role {
    fn name(&self) -> renamed::Name<'_> {
        match self {
            Self::Admin => renamed::Name::Text("admin"),
        }
    }
}
