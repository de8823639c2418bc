//! Values that an application reads from its environment, and what their mistakes are answered with at the start.

use auth_login::{Login, providers};

fn error(login: Result<Login, auth_login::LoginError>) -> String {
    login.unwrap_err().to_string()
}

#[test]
fn an_issuer_is_named_by_the_id_that_the_application_gave() {
    let issuer = |issuer: &str| Login::openid("company", issuer, "client", "secret");
    assert!(issuer("https://id.example.com").is_ok());
    assert!(issuer("https://id.example.com/realms/one/").is_ok());
    for wrong in ["http://id.example.com", "id.example.com", "https://id.example.com?realm=one"] {
        let message = error(issuer(wrong));
        let start = format!("provider `company`: `issuer` cannot be `{wrong}`; write an https address,");
        assert!(message.starts_with(&start), "{message}");
    }
}

#[test]
fn an_issuer_is_not_the_address_of_its_metadata() {
    let wrong = "https://id.example.com/.well-known/openid-configuration";
    assert_eq!(
        error(Login::openid("company", wrong, "client", "secret")),
        format!(
            "provider `company`: `issuer` cannot be `{wrong}`; write the issuer, which ends before `/.well-known/`, since \
             the metadata are found by it"
        )
    );
}

#[test]
fn a_client_id_is_not_empty() {
    assert_eq!(
        error(Login::provider(providers::GITHUB, "", "secret")),
        "provider `github`: the client id is empty; set the one that the provider gave out"
    );
    let company = Login::openid("company", "https://id.example.com", "", "secret");
    assert!(error(company).starts_with("provider `company`: the client id is empty;"));
}

#[test]
fn line_breaks_of_files_are_not_part_of_ids_and_secrets() {
    assert_eq!(
        error(Login::provider(providers::GITHUB, "client", "secret\n")),
        "provider `github`: the secret has a line break or another control character; write `secret.trim()`"
    );
    assert_eq!(
        error(Login::provider(providers::GITHUB, "client\r\n", "secret")),
        "provider `github`: the client id has a line break or another control character; write `client_id.trim()`"
    );
    // RFC 6749, appendix A: blanks are allowed.
    assert!(Login::provider(providers::GITHUB, "client", "correct horse").is_ok());
}

#[test]
fn a_provider_with_values_says_how_they_are_given() {
    assert_eq!(
        error(Login::provider(providers::KEYCLOAK, "client", "secret")),
        "provider `keycloak` needs values; write `Login::resolved(descriptor.resolve(&[(\"base\", \"…\"), (\"realm\", \"…\")])?, \
         client_id, secret)`"
    );
    let values = [("base", "https://id.example.com"), ("realm", "one")];
    let provider = providers::KEYCLOAK.resolve(&values).unwrap();
    assert_eq!(Login::resolved(provider, "client", "secret").unwrap().id(), "keycloak");
    assert!(Login::provider(providers::GITHUB, "client", "secret").is_ok(), "nothing is missing");
}
