//! Defines the types that name permissions and groups: the traits [`Permission`] and [`Group`].

use alloc::string::String;

use super::Name;

/// Something that names a permission: text, a number, or an enum with `#[derive(Permission)]`.
///
/// # Example
///
/// ```
/// use auth_runtime::{Name, Permission};
///
/// #[derive(Clone, Copy, Permission)]
/// enum Can {
///     View,
///     #[permission(name = "edit")]
///     Change,
/// }
///
/// assert_eq!(Permission::name(&Can::View), Name::Text("view"));
/// assert_eq!(Permission::name(&Can::Change), Name::Text("edit"));
/// ```
#[diagnostic::on_unimplemented(
    message = "this type does not name permissions; write a string, an integer or an enum with \
               `#[derive(auth_runtime::Permission)]`",
    label = "expected a string, an integer or an enum with `#[derive(Permission)]`"
)]
pub trait Permission {
    /// Returns the name.
    fn name(&self) -> Name<'_>;
}

/// Something that names a group: text, a number, or an enum with `#[derive(Group)]`.
///
/// # Example
///
/// ```
/// use auth_runtime::{Group, Groups};
///
/// #[derive(Clone, Copy, Group)]
/// enum Role {
///     Editor,
///     Admin,
/// }
///
/// let groups = Groups::from([Role::Editor, Role::Admin]);
/// assert!(groups.contains("editor"));
/// ```
#[diagnostic::on_unimplemented(
    message = "this type does not name groups; write a string, an integer or an enum with \
               `#[derive(auth_runtime::Group)]`",
    label = "expected a string, an integer or an enum with `#[derive(Group)]`"
)]
pub trait Group {
    /// Returns the name.
    fn name(&self) -> Name<'_>;
}

macro_rules! named {
    ($($type:ty),*: |$it:ident| $name:expr) => {
        $(
            #[diagnostic::do_not_recommend]
            impl Permission for $type {
                fn name(&self) -> Name<'_> {
                    let $it = self;
                    $name
                }
            }

            #[diagnostic::do_not_recommend]
            impl Group for $type {
                fn name(&self) -> Name<'_> {
                    let $it = self;
                    $name
                }
            }
        )*
    };
}

named!(str, String: |it| Name::Text(it));
named!(i8, i16, i32, u8, u16, u32: |it| Name::Number(i64::from(*it)));
named!(i64: |it| Name::Number(*it));
named!(Name<'_>: |it| *it);

#[diagnostic::do_not_recommend]
impl<T: Permission + ?Sized> Permission for &T {
    fn name(&self) -> Name<'_> {
        (**self).name()
    }
}

impl<T: Group + ?Sized> Group for &T {
    fn name(&self) -> Name<'_> {
        (**self).name()
    }
}
