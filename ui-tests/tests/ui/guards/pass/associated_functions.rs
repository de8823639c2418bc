use crate::ui::probe::{editor, nobody, reader};
use auth_runtime::{Acl, UserId, acl, acl_required, allow_anonymous, auth_required, guards};
use axum::extract::{FromRequestParts, Path};

const ARTICLES: Acl = acl![(Allow, Authenticated, ["view"]), (Allow, Group("editors"), ["edit"])];

#[derive(FromRequestParts)]
struct Articles;

#[guards]
impl Articles {
    const SHELVES: u64 = 7;

    /// A guard and `Self` among the arguments.
    #[acl_required("view", ARTICLES)]
    pub(crate) async fn view(_: Self, user: UserId, Path(id): Path<u64>) -> String {
        Self::line(user.as_str(), id.min(Self::SHELVES))
    }

    #[auth_required]
    #[acl_required("edit", ARTICLES)]
    async fn edit() {}

    #[cfg(any())]
    #[auth_required]
    async fn left_out() {}

    #[allow_anonymous]
    async fn list() {}

    fn line(user: &str, id: u64) -> String {
        format!("{user} reads {id}")
    }
}

struct Comments;

#[guards]
impl Comments {
    #[auth_required]
    async fn view() {}
}

struct Shelf<T>(T);

#[guards]
impl<T: Send + Sync + 'static> Shelf<T> {
    #[acl_required("edit", ARTICLES)]
    async fn edit() -> String {
        size_of::<Self>().to_string()
    }
}

pub(crate) fn main() {
    for (nobody_gets, reader_gets, editor_gets, statuses) in [
        (401, 200, 200, [nobody(Articles::view), reader(Articles::view), editor(Articles::view)]),
        (401, 403, 200, [nobody(Articles::edit), reader(Articles::edit), editor(Articles::edit)]),
        (200, 200, 200, [nobody(Articles::list), reader(Articles::list), editor(Articles::list)]),
        (401, 200, 200, [nobody(Comments::view), reader(Comments::view), editor(Comments::view)]),
        (401, 403, 200, [nobody(Shelf::<u8>::edit), reader(Shelf::<u8>::edit), editor(Shelf::<u8>::edit)]),
    ] {
        assert_eq!(statuses, [nobody_gets, reader_gets, editor_gets]);
    }
}
