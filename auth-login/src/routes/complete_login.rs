//! Completes a log-in after the callback: asks the application for its decision, records the log-in, and
//! begins the session.

use auth_runtime::{Auth, AuthError, AuthErrorKind, LoginOptions, identity::CredentialId};
use axum::response::Response;
use serde_json::Value;

use super::{
    callback::Callback,
    login_registry::{LoginRegistry, ended},
    step_up_by_same_user::authentication,
};
use crate::{
    Tokens,
    connection::Connector,
    failure_code::FailureCode,
    login_failure::LoginFailure,
    login_index::LoginRecord,
    profile::Profile,
    random_value::RandomValue,
    transaction::{Purpose, Transaction},
};

/// The longest name of a session at a provider, in bytes: databases have no room for longer ones in an index.
const MAX_SESSION: usize = 512;

/// A log-in in the index.
struct Recorded<'a> {
    logins: &'a LoginRegistry,
    login: LoginRecord,
    replaced: Replaced,
}

/// The log-in in the same browser whose place another one takes.
enum Replaced {
    None,
    /// The request has its credential, which ends with it.
    Presented(CredentialId),
    /// The browser has left the cookie out, as it does with `SameSite=Strict`, and a step-up replaces it.
    SteppedUp(CredentialId),
}

impl Replaced {
    async fn by(auth: &Auth, attempt: &Transaction) -> Self {
        match (auth.login_id().await, &attempt.purpose) {
            (Ok(Some(login)), _) => Self::Presented(login),
            (_, Purpose::StepUp { replaced: Some(login), .. }) => Self::SteppedUp(login.clone()),
            _ => Self::None,
        }
    }

    const fn id(&self) -> Option<&CredentialId> {
        match self {
            Self::None => None,
            Self::Presented(login) | Self::SteppedUp(login) => Some(login),
        }
    }
}

impl Callback<'_> {
    /// Asks the application about the user, and begins the session.
    pub(super) async fn log_in(
        &self,
        connector: &Connector,
        attempt: &Transaction,
        profile: Profile,
        tokens: Tokens,
    ) -> Result<Response, LoginFailure> {
        let app = self.app;
        // The attempt's cookie has shown that this browser began the log-in.
        let auth = self.auth.allowing_cross_site();
        let recorded = match &app.recorded_logins {
            None => None,
            Some(logins) => {
                let login = record_of(connector, &profile, &tokens)?;
                let replaced = Replaced::by(&auth, attempt).await;
                // Before the session: a log-out that comes meanwhile removes the record, and the log-in fails.
                logins.record(&login, attempt, replaced.id(), app.clock.now()).await?;
                Some(Recorded { logins, login, replaced })
            }
        };
        let decided = self.decide(connector, attempt, profile, tokens).await;
        let begun = match decided {
            Ok((identity, options)) => {
                self.begin(&auth, attempt, &identity, options, recorded.as_ref()).await
            }
            Err(stop) => Err(stop),
        };
        if let Err(stop) = begun {
            if let Some(Recorded { logins, login, .. }) = &recorded {
                logins.forget(&login.login).await;
            }
            return Err(stop);
        }
        tracing::info!(target: "auth_login", provider = connector.login().id(), "logged in");
        Ok(self.lead_on(&auth, &attempt.target))
    }

    /// Returns the identity that the application decides on, and the options of its session.
    async fn decide(
        &self,
        connector: &Connector,
        attempt: &Transaction,
        profile: Profile,
        tokens: Tokens,
    ) -> Result<(String, LoginOptions), LoginFailure> {
        let decision = (self.app.on_login)(profile, tokens.clone()).await;
        let decision = decision.map_err(|error| failed(format!("the application: {error}")))?;
        let Some((identity, options)) = decision.0 else {
            return Err(LoginFailure::new(
                FailureCode::AccountRejected,
                "the application rejects the account",
            ));
        };
        self.check_same_user(attempt, &identity).await?;
        let own = options.authentication().clone();
        Ok((identity, options.with_authentication(authentication(connector.login(), attempt, &tokens, own))))
    }

    /// Begins the session. If providers can end it, its log-in has this id.
    async fn begin(
        &self,
        auth: &Auth,
        attempt: &Transaction,
        identity: &str,
        options: LoginOptions,
        recorded: Option<&Recorded<'_>>,
    ) -> Result<(), LoginFailure> {
        let kept = self.kept_values(attempt).await;
        let options = match recorded {
            Some(Recorded { login, .. }) => options.with_login_id(login.login.clone()),
            None => options,
        };
        if let Err(error) = auth.remember_with(identity, &options).await {
            return Err(session_failed(error, attempt, recorded).await);
        }
        let mut begun = Ok(());
        if let Some(Recorded { logins, login, replaced }) = recorded {
            begun = keep(auth, logins, &login.login).await;
            match replaced {
                Replaced::SteppedUp(replaced) if begun.is_ok() => {
                    logins.end_replaced(replaced, self.app.clock.now()).await;
                }
                // Its credential is revoked, or its session deleted.
                Replaced::Presented(replaced) => logins.forget(replaced).await,
                Replaced::None | Replaced::SteppedUp(_) => {}
            }
        }
        if let (Ok(()), Some(values)) = (&begun, kept)
            && let Err(error) = self.session.edit(&values).await
        {
            begun = Err(session_failed(error, attempt, recorded).await);
        }
        if begun.is_err() {
            // A session that the provider could not end must not begin.
            let _ = auth.forget().await;
        }
        begun
    }
}

/// Keeps the record until the log-in ends.
async fn keep(auth: &Auth, logins: &LoginRegistry, id: &CredentialId) -> Result<(), LoginFailure> {
    let unknown = |error: AuthError| failed(error.to_string());
    if auth.identity().await.map_err(unknown)?.is_none() {
        return Err(ended());
    }
    let (found, ends) = (auth.login_id().await.map_err(unknown)?, auth.login_ends().await.map_err(unknown)?);
    let ends = ends.filter(|_| found.as_ref() == Some(id)).ok_or_else(|| {
        failed(
            "the identity policy does not keep ids of log-ins, so providers cannot end them; use sessions \
             or encrypted cookies"
                .to_owned(),
        )
    })?;
    logins.keep(id, ends).await
}

/// Returns the record of a log-in that has succeeded at the provider.
fn record_of(connector: &Connector, profile: &Profile, tokens: &Tokens) -> Result<LoginRecord, LoginFailure> {
    // 22 characters are 132 bits, and stay small in each cookie and look-up.
    let id = RandomValue::new().and_then(|random| CredentialId::new(random.to_text().get(..22)?).ok());
    let id = id.ok_or_else(|| failed("the system gives no random numbers".to_owned()))?;
    let (login, account) = (connector.login(), profile.account());
    // As a `logout_token` names the user: the account's subject may be another one.
    let subject = tokens.claim("sub").and_then(Value::as_str).unwrap_or(account.subject());
    let mut record = LoginRecord::new(id, login.id(), account.issuer(), subject);
    record = record.with_account(account.subject());
    if let Some(Value::String(session)) = tokens.claim("sid") {
        if session.len() > MAX_SESSION {
            return Err(LoginFailure::new(FailureCode::IdentityInvalid, "`sid` is longer than 512 bytes"));
        }
        record = record.with_session(session);
    }
    // Only where it is needed: it holds names and addresses.
    record.id_token = tokens.id_token().filter(|_| login.logs_out_at_provider).cloned();
    Ok(record)
}

/// Sorts an error of the session by what the user can do.
async fn session_failed(
    error: AuthError,
    attempt: &Transaction,
    recorded: Option<&Recorded<'_>>,
) -> LoginFailure {
    if let Some(Recorded { logins, login, .. }) = recorded {
        // A log-out may have ended it before it was there.
        match logins.has_logged_out(login, attempt).await {
            Ok(true) => return ended(),
            Ok(false) => {}
            Err(stop) => return stop,
        }
    }
    let code = match error.kind() {
        AuthErrorKind::Conflict => return ended(),
        AuthErrorKind::InvalidCredential => FailureCode::TooManyLogins,
        // The request has a credential of its own, which cannot be replaced.
        kind if kind.status().is_client_error() => FailureCode::OtherUser,
        _ => FailureCode::ServerError,
    };
    LoginFailure::new(code, format!("the session: {error}"))
}

fn failed(reason: String) -> LoginFailure {
    LoginFailure::new(FailureCode::ServerError, reason)
}
