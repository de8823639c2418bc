#[automatically_derived]
impl renamed::__private::GroupWords for Role {
    const WORDS: &'static [(::core::primitive::i128, &'static ::core::primitive::str)] = &[
        (Self::Admin as ::core::primitive::i128, "admin"),
    ];
}
#[automatically_derived]
impl renamed::Group for Role {
    fn name(&self) -> renamed::Name<'_> {
        match self {
            Self::Admin => renamed::Name::Text("admin"),
        }
    }
}
