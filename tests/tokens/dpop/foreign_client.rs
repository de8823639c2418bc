//! Proofs by a client of another author: the npm package `dpop`.

use std::{
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use auth_runtime::{
    AuthLayer, BoxError, Identity,
    identity::{ActiveToken, Confirmation, OpaqueToken},
    testing::FrozenClock,
};
use axum::{Router, http::StatusCode, routing::any};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{HTU, INVALID_PROOF, dpop, get, me};

/// Makes two proofs of one key; `None` without Node.
fn proofs(arguments: &[&str]) -> Option<(String, [String; 2])> {
    let Some(folder) = installed() else {
        assert!(
            env::var_os("REQUIRE_SERVICES").is_none(),
            "this test wants Node and npm: install them, or unset REQUIRE_SERVICES"
        );
        // Not `eprintln!`, which the test harness captures when the test passes.
        let _ = writeln!(
            std::io::stderr(),
            "LEFT OUT: proofs by the npm package `dpop`; there is no Node, or npm failed."
        );
        return None;
    };
    let made = Command::new("node").arg("proofs.mjs").args(arguments).current_dir(folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let told: Value = serde_json::from_slice(&made.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Some((text(&told["thumbprint"]), [text(&told["proofs"][0]), text(&told["proofs"][1])]))
}

/// Installs the package under the target folder once; other tests wait.
fn installed() -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tokens/dpop_client");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dpop-client");
    fs::create_dir_all(&folder).unwrap();
    let lock = fs::File::create(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    for name in ["package.json", "package-lock.json", "proofs.mjs"] {
        // Another test's process may be reading it.
        let text = fs::read(source.join(name)).unwrap();
        if !fs::read(folder.join(name)).is_ok_and(|copy| copy == text) {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    let list = fs::read(folder.join("package-lock.json")).unwrap();
    if !fs::read(folder.join(".installed")).is_ok_and(|installed| installed == list) {
        let npm = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !npm.is_ok_and(|status| status.success()) {
            return None;
        }
        fs::write(folder.join(".installed"), list).unwrap();
    }
    Some(folder)
}

/// The time that a proof says: the package takes it from the clock of the machine.
fn time_of(proof: &str) -> u64 {
    let claims = URL_SAFE_NO_PAD.decode(proof.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["iat"].as_u64().unwrap()
}

#[tokio::test]
async fn proofs_of_another_author_are_accepted() {
    for algorithm in ["ES256", "Ed25519", "PS256"] {
        let Some((thumbprint, [proof, second])) = proofs(&[algorithm, "GET", HTU, "opaque"]) else { return };
        let introspect = move |token: String| {
            let active = ActiveToken::new(Identity::new("alice").unwrap());
            let bound = active.with_confirmation(Confirmation::of_key(&thumbprint));
            async move { Ok::<_, BoxError>((token == "opaque").then_some(bound)) }
        };
        let policy = OpaqueToken::with_any_audience(introspect).with_dpop(dpop());
        let app = Router::new()
            .route("/me", any(me))
            .layer(AuthLayer::new(policy).with_clock(FrozenClock::at(time_of(&proof))));
        for (why, proof, expected) in
            [("new", &proof, 200), ("used", &proof, 401), ("another id", &second, 200)]
        {
            let answer = get(&app, "DPoP opaque", &[proof]).await;
            assert_eq!(answer.status, expected, "{algorithm} {why}");
        }
    }
}

#[tokio::test]
async fn proofs_of_another_author_for_something_else_are_rejected() {
    for (method, address, token) in
        [("POST", HTU, "opaque"), ("GET", "https://api.shop.example/you", "opaque"), ("GET", HTU, "other")]
    {
        let Some((thumbprint, [proof, _])) = proofs(&["ES256", method, address, token]) else { return };
        let introspect = move |_: String| {
            let active = ActiveToken::new(Identity::new("alice").unwrap());
            let bound = active.with_confirmation(Confirmation::of_key(&thumbprint));
            async move { Ok::<_, BoxError>(Some(bound)) }
        };
        let policy = OpaqueToken::with_any_audience(introspect).with_dpop(dpop());
        let app = Router::new()
            .route("/me", any(me))
            .layer(AuthLayer::new(policy).with_clock(FrozenClock::at(time_of(&proof))));
        let answer = get(&app, "DPoP opaque", &[&proof]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {address} {token}");
        assert_eq!(answer.header("www-authenticate"), INVALID_PROOF);
    }
}
