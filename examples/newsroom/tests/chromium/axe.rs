//! The accessibility check of axe-core, which npm installs under the target folder.

use std::{env, fs, path::Path, process::Command, process::Stdio};

use serde_json::Value;

use crate::chromium_driver::Chromium;

/// Returns the source of axe-core. Without npm, a message says what was left out; where `REQUIRE_SERVICES` is set, that
/// is a failure.
pub(crate) fn source() -> Option<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chromium/axe");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe");
    fs::create_dir_all(&folder).unwrap();
    let lock = fs::File::create(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    for name in ["package.json", "package-lock.json"] {
        fs::copy(source.join(name), folder.join(name)).unwrap();
    }
    let npm = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(&folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if npm.is_ok_and(|status| status.success()) {
        return Some(fs::read_to_string(folder.join("node_modules/axe-core/axe.min.js")).unwrap());
    }
    assert!(env::var_os("REQUIRE_SERVICES").is_none(), "the accessibility check wants npm and its registry");
    eprintln!("LEFT OUT: the accessibility check wants npm and its registry.");
    None
}

/// Returns the findings on the page: rule, and elements.
pub(crate) async fn findings(browser: &Chromium, axe: &str) -> Vec<String> {
    // Passed to the browser by its driver, so the policy of the page does not apply.
    browser.web.execute(axe, Vec::new()).await.unwrap();
    let run = "const done = arguments[0]; axe.run().then((results) => done(results.violations), (error) => \
               done([{ id: String(error), nodes: [] }]))";
    let result = browser.web.execute_async(run, Vec::new()).await.unwrap();
    let violations = result.json().as_array().unwrap().clone();
    let text = |violation: &Value| {
        let nodes = violation["nodes"].as_array().unwrap().iter();
        let nodes: Vec<String> =
            nodes.map(|node| format!("{} ({})", node["html"], node["failureSummary"])).collect();
        format!("{}: {}", violation["id"], nodes.join("; "))
    };
    violations.iter().map(text).collect()
}
