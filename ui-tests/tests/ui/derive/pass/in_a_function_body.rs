pub(crate) fn main() {
    #[derive(Clone, Copy, auth_runtime::Permission)]
    pub(crate) enum Can {
        /// Documented.
        View,
    }

    const LIST: auth_runtime::Acl = auth_runtime::acl![(Allow, Everyone, [Can::View])];
    assert_eq!(LIST.rules().len(), 1);
}
