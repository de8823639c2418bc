//! What the pages of operators are made of: [`Dashboard`].

use std::sync::{Arc, OnceLock};

use auth_runtime::access::AccessTable;

use super::{audit::AuditFile, metrics::Metrics};

/// The parts of an instance that its operators look at. Clones are handles to the same parts.
#[derive(Clone, Debug)]
pub(crate) struct Dashboard {
    access: Arc<OnceLock<AccessTable>>,
    pub(super) audit: Option<AuditFile>,
    pub(super) metrics: Metrics,
}

impl Dashboard {
    pub(crate) fn new(audit: Option<AuditFile>) -> Self {
        Self { access: Arc::default(), audit, metrics: Metrics::of_process() }
    }

    /// Keeps the access table, which is complete when all routes are there.
    pub(crate) fn show_access(&self, table: AccessTable) {
        // It is set once for each instance; a second table of the same routes is equal.
        let _ = self.access.set(table);
    }

    /// Returns the access table; `None` while the instance starts.
    pub(super) fn access(&self) -> Option<&AccessTable> {
        self.access.get()
    }
}
