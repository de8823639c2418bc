//! A PostgreSQL server of a test's own, which it may kill and start again.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    env, fs,
    io::Write as _,
    net::TcpListener,
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// A server on a free loopback port, with its data in a folder of its own. Both end with this value.
pub(crate) struct PostgresServer {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    process: Option<Child>,
}

impl PostgresServer {
    /// Starts one. Without the program, a message says what was skipped; where `REQUIRE_SERVICES` is set, that is a
    /// failure.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            let test = thread::current().name().unwrap_or("a test").to_owned();
            assert!(env::var_os("REQUIRE_SERVICES").is_none(), "`{test}` wants the programs of PostgreSQL");
            let _ = writeln!(std::io::stderr(), "LEFT OUT: `{test}` wants the programs of PostgreSQL.");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = env::temp_dir().join(format!("test-postgres-{}-{port}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        if let Some((user, group)) = owner() {
            std::os::unix::fs::chown(&folder, Some(user), Some(group)).unwrap();
        }
        let mut server = Self { programs, folder, port, process: None };
        let mut make = server.command("initdb");
        make.arg("-D").arg(server.data()).args(["-A", "trust", "-U", "test", "-E", "UTF8", "--no-sync"]);
        assert!(make.status().unwrap().success(), "initdb fails");
        server.run();
        Some(server)
    }

    /// Starts the server, also one that was killed: what it was told is still there.
    pub(crate) fn run(&mut self) {
        // The processes of a killed server take a moment to notice, and until then no other one starts.
        for _ in 0..40 {
            let port = self.port.to_string();
            let mut command = self.command("postgres");
            command.arg("-D").arg(self.data()).args(["-h", "127.0.0.1", "-p", &port, "-k"]);
            command.arg(&self.folder).args(["-c", "fsync=off", "-c", "max_connections=200"]);
            let mut process = command.spawn().unwrap();
            while process.try_wait().unwrap().is_none() {
                if self.is_ready() {
                    self.process = Some(process);
                    return;
                }
                thread::sleep(Duration::from_millis(25));
            }
            thread::sleep(Duration::from_millis(250));
        }
        panic!("PostgreSQL does not start");
    }

    /// Ends the server as a crash does.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    pub(crate) fn address(&self) -> String {
        format!("postgres://test@127.0.0.1:{}/postgres", self.port)
    }

    fn is_ready(&self) -> bool {
        let mut ask = self.command("pg_isready");
        let status = ask.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]).status();
        status.is_ok_and(|status| status.success())
    }

    fn data(&self) -> PathBuf {
        self.folder.join("db")
    }

    /// PostgreSQL refuses to run as root.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(&self.folder).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some((user, group)) = owner() {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The newest that is installed, or the one in `PATH`.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let installed = versions.map(|version| version.path().join("bin"));
    let in_path = env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>());
    let has_it = |folder: &PathBuf| folder.join("initdb").exists() && folder.join("postgres").exists();
    installed.filter(has_it).max().or_else(|| in_path?.into_iter().find(has_it))
}

/// Who owns the server where this process is root's: the account `postgres`, by its numbers.
fn owner() -> Option<(u32, u32)> {
    if fs::metadata(Path::new("/proc/self")).ok()?.uid() != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let account = accounts.lines().find(|line| line.starts_with("postgres:"))?;
    let mut numbers = account.split(':').skip(2).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}
