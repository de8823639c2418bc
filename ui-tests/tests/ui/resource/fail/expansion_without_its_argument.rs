use auth_runtime::acl_required;

#[derive(Clone, Copy, auth_runtime::Permission)]
enum Can {
    Edit,
}

struct Article;

impl auth_runtime::Resource for Article {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = auth_runtime::Rule<'_>> {
        []
    }
}

// What the attribute makes of `edit`, without the argument.
#[acl_required("edit", article)]
async fn edit(article: Article) {
    let _ = article;
}

async fn without() {
    auth_runtime::__private::open_seal(__auth_seal_edit);
    {}
}

fn main() {
    let _ = edit;
    let _: axum::Router = axum::Router::new().route("/", axum::routing::get(without));
}
