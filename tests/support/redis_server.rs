//! A Redis server of a test's own, which it may kill and start again.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::{
    env,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// A server on a free loopback port. It ends with this value.
pub(crate) struct RedisServer {
    port: u16,
    /// Where it keeps what it was told, if it does
    folder: Option<PathBuf>,
    /// More arguments of the program
    arguments: Vec<String>,
    process: Option<Child>,
}

impl RedisServer {
    /// Starts one that keeps nothing on disk. Without the program, a message says what was skipped; where
    /// `REQUIRE_SERVICES` is set, that is a failure.
    pub(crate) fn start() -> Option<Self> {
        Self::start_in(None)
    }

    /// Starts one that has written each change to this folder before it answers, if there is one.
    pub(crate) fn start_in(folder: Option<PathBuf>) -> Option<Self> {
        Self::start_with(folder, Vec::new())
    }

    /// Starts one with more arguments.
    pub(crate) fn start_with(folder: Option<PathBuf>, arguments: Vec<String>) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { port, folder, arguments, process: None };
        if server.run() {
            return Some(server);
        }
        let test = thread::current().name().unwrap_or("a test").to_owned();
        assert!(env::var_os("REQUIRE_SERVICES").is_none(), "`{test}` wants the program redis-server");
        let _ = writeln!(std::io::stderr(), "LEFT OUT: `{test}` wants the program redis-server.");
        None
    }

    /// Starts the server that was killed; without a folder it has forgotten everything. Returns whether there is such a program.
    pub(crate) fn run(&mut self) -> bool {
        let port = self.port.to_string();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &port, "--save", ""]);
        match &self.folder {
            None => command.args(["--appendonly", "no"]),
            Some(folder) => {
                command.args(["--appendonly", "yes", "--appendfsync", "always", "--dir"]).arg(folder)
            }
        };
        command.args(&self.arguments);
        let Ok(process) = command.stdout(Stdio::null()).spawn() else { return false };
        self.process = Some(process);
        for _ in 0..400 {
            if self.tell("PING").is_some_and(|answer| answer.starts_with("+PONG")) {
                return true;
            }
            thread::sleep(Duration::from_millis(25));
        }
        panic!("redis-server does not answer");
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    pub(crate) fn address(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Gives a command, and returns the beginning of the answer.
    pub(crate) fn tell(&self, command: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.write_all(format!("{command}\r\n").as_bytes()).ok()?;
        let mut answer = [0; 1024];
        let length = stream.read(&mut answer).ok()?;
        Some(String::from_utf8_lossy(answer.get(..length)?).into_owned())
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
