//! An instance of the program that a test may kill and start again: [`Instance`].

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

const AUDIT_KEY: &str = "Cs/BG1NalysZ8/j5EdyRd6HraOqWU5QJ0SGexdDL24k=";

/// A process on a loopback port that stays the same. It ends with this value.
pub(super) struct Instance {
    pub(super) base: String,
    command: Command,
    process: Option<Child>,
}

impl Instance {
    /// Starts an instance with its files in a folder.
    pub(super) fn start(folder: &Path, database: &str, redis: &str) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_newsroom"));
        for variable in ["BASE_URL", "MAIL_FILE", "ROOT_KEY"] {
            command.env_remove(variable);
        }
        command.env("ADDR", address.to_string()).env("TMPDIR", folder);
        // The log of the killed process goes on, which takes the same key.
        command.env("AUDIT_LOG", folder.join("audit.jsonl")).env("AUDIT_KEY", AUDIT_KEY);
        command.env("DATABASE_URL", database).env("REDIS_URL", redis);
        // A busy machine may keep a store waiting for longer than a user should.
        command.env("STORE_DEADLINE", "10s");
        command.stdout(Stdio::piped());
        let mut instance = Self { base: format!("http://{address}"), command, process: None };
        instance.run();
        instance
    }

    /// Starts the process, also one that was killed, and returns when it listens.
    pub(super) fn run(&mut self) {
        let mut process = self.command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.starts_with("listening on ")), "the newsroom does not start");
        // The output has to be read, or the program would wait for it.
        std::thread::spawn(move || lines.for_each(drop));
        self.process = Some(process);
    }

    /// Ends the process as a crash does (SIGKILL).
    pub(super) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.kill();
    }
}
