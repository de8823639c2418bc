//! The program itself: it starts with nothing set up, and says where it is and who can log in.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use newsroom::{DEMO_PASSWORD, DEMO_PEOPLE};
use reqwest::StatusCode;

use crate::browser::Browser;

/// A process that ends with this value.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program with all its files in a folder, and returns its address and what it prints after that.
fn start(folder: &Path) -> (Program, String, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_newsroom"));
    command.env("ADDR", "127.0.0.1:0").env("TMPDIR", folder).env("AUDIT_LOG", folder.join("audit.jsonl"));
    for variable in ["AUDIT_KEY", "BASE_URL", "DATABASE_URL", "REDIS_URL", "ROOT_KEY"] {
        command.env_remove(variable);
    }
    let mut program = Program(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut lines = BufReader::new(program.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let base = lines.find_map(|line| line.strip_prefix("listening on ").map(str::to_owned)).unwrap();
    let printed = lines.by_ref().take(DEMO_PEOPLE.len().saturating_add(1)).collect();
    // The output has to be read, or the program would wait for it.
    std::thread::spawn(move || lines.for_each(drop));
    (program, base, printed)
}

#[tokio::test]
async fn it_prints_its_address_and_the_demo_people() {
    let folder = tempfile::tempdir().unwrap();
    let (_program, base, printed) = start(folder.path());
    assert!(printed[0].contains(DEMO_PASSWORD));
    for (person, line) in DEMO_PEOPLE.iter().zip(&printed[1..]) {
        assert!(line.contains(person.email) && line.contains(person.role.as_str()), "{line}");
    }
    let mut browser = Browser::new(&base);
    browser.log_in("edda").await;
    assert!(browser.get("/").await.body.contains("tram-seven"));
    assert!(folder.path().join("newsroom.db").exists());
}

#[tokio::test]
async fn its_audit_log_is_a_page_that_finds_changes() {
    let folder = tempfile::tempdir().unwrap();
    let (_program, base, _) = start(folder.path());
    let mut rita = Browser::new(&base);
    rita.log_in("rita").await;
    assert_eq!(rita.get("/operators").await.status, StatusCode::FORBIDDEN);
    let mut carla = Browser::new(&base);
    carla.log_in("carla").await;
    // A thread of the program writes the entries.
    let mut got = carla.get("/operators/audit").await;
    for _ in 0..200 {
        if got.body.contains("user rita") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        got = carla.get("/operators/audit").await;
    }
    assert!(got.body.contains("entries are as they were written"), "{}", got.body);
    assert!(got.body.contains("<td>deny</td>") && got.body.contains("user rita"), "{}", got.body);

    let path = folder.path().join("audit.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("rita", "sara")).unwrap();
    let got = carla.get("/operators/audit").await;
    assert!(got.body.contains("The log is not as it was written"), "{}", got.body);
}
