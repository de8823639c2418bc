use auth_runtime::audit::AuditLog;

struct App {
    log: AuditLog,
}

fn main() {}
