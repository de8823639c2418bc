use auth_runtime::{Acl, Resource, Rule, acl_required};

struct Invoice;

impl Resource for Invoice {
    fn acl(&self) -> impl IntoIterator<Item = Rule<'_>> {
        &Acl::EMPTY
    }
}

#[acl_required("view", invoice, anonymous, callers = "users")]
async fn view(invoice: Invoice) {
    let _ = invoice;
}

fn main() {}
