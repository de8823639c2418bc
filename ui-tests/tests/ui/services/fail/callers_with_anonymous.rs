use auth_runtime::{Acl, Permission, Resource, Rule, acl_required};

#[derive(Clone, Copy, Permission)]
enum Can {
    View,
}

struct Invoice;

impl Resource for Invoice {
    type Permission = Can;

    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        &Acl::EMPTY
    }
}

#[acl_required("view", invoice, anonymous, callers = "users")]
async fn view(invoice: Invoice) {
    let _ = invoice;
}

fn main() {}
