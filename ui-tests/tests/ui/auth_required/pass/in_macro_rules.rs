use crate::ui::probe;

macro_rules! handlers {
    ($($(#[$attr:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),*) -> $out:ty $body:block)*) => {
        $(
            #[auth_runtime::auth_required]
            $(#[$attr])*
            $vis async fn $name($($arg: $ty),*) -> $out $body
        )*
    };
}

handlers! {
    /// Documented.
    pub fn show(user: auth_runtime::UserId) -> String { user.to_string() }

    fn list() -> &'static str { "list" }
}

pub(crate) fn main() {
    assert_eq!(probe::nobody(show), 401);
    assert_eq!(probe::nobody(list), 401);
}
