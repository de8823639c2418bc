//! The program itself: it starts with nothing set up, and says where it is and who can log in.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use newsroom::{DEMO_PASSWORD, DEMO_PEOPLE};

use crate::browser::Browser;

/// A process that ends with this value.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn it_prints_its_address_and_the_demo_people() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_newsroom"));
    command.env("ADDR", "127.0.0.1:0").env("TMPDIR", folder.path());
    for variable in ["AUDIT_KEY", "AUDIT_LOG", "BASE_URL", "DATABASE_URL", "REDIS_URL", "ROOT_KEY"] {
        command.env_remove(variable);
    }
    let mut program = Program(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut lines = BufReader::new(program.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let base = lines.find_map(|line| line.strip_prefix("listening on ").map(str::to_owned)).unwrap();
    assert!(lines.next().unwrap().contains(DEMO_PASSWORD));
    for person in &DEMO_PEOPLE {
        let line = lines.next().unwrap();
        assert!(line.contains(person.email) && line.contains(person.role.as_str()), "{line}");
    }
    // The output has to be read, or the program would wait for it.
    std::thread::spawn(move || lines.for_each(drop));
    let mut browser = Browser::new(&base);
    browser.log_in("edda").await;
    assert!(browser.get("/").await.body.contains("tram-seven"));
    assert!(folder.path().join("newsroom.db").exists());
}
