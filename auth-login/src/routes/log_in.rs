//! The end of a log-in: the application decides about the user, and the session begins, known to the index of
//! log-ins beforehand.

use std::time::Duration;

use auth_runtime::{Auth, AuthError, LoginOptions, identity::CredentialId};
use axum::response::Response;
use serde_json::Value;

use super::{back_channel::BackChannel, callback::Callback, step_up::authentication};
use crate::{
    Tokens, connection::Connector, failure_code::FailureCode, login_index::LoginRecord, login_stop::Stop,
    profile::Profile, random_value::Random, transaction::Transaction,
};

/// How long a log-in is recorded before its session begins, while the application decides.
const UNDER_WAY: Duration = Duration::from_mins(10);
/// How long a log-in is recorded beyond its end, since the clocks of instances may differ.
const SKEW: Duration = Duration::from_mins(5);
/// The longest name of a session at a provider, in bytes: databases have no room for longer ones in an index.
const MAX_SESSION: usize = 512;
const ENDED: &str = "the provider has ended its session meanwhile";

impl Callback<'_> {
    /// Asks the application about the user, and begins the session.
    pub(super) async fn log_in(
        &self,
        connector: &Connector,
        attempt: &Transaction,
        profile: Profile,
        tokens: Tokens,
    ) -> Result<Response, Stop> {
        let app = self.app;
        // The attempt's cookie has shown that this browser began the log-in.
        let auth = self.auth.allowing_cross_site();
        let recorded = match &app.back_channel {
            None => None,
            Some(logout) => {
                let login = record_of(connector, &profile, &tokens)?;
                // Before the session: a log-out that comes meanwhile removes the record, and the log-in fails.
                logout.record(&login, app.clock.now().plus(UNDER_WAY)).await?;
                Some((logout, login.login))
            }
        };
        let recorded = recorded.as_ref().map(|(logout, id)| (*logout, id));
        let decided = self.decide(connector, attempt, profile, tokens).await;
        let begun = match decided {
            Ok((identity, options)) => self.begin(&auth, attempt, &identity, options, recorded).await,
            Err(stop) => Err(stop),
        };
        if let Err(stop) = begun {
            if let Some((logout, id)) = recorded {
                logout.forget(id).await;
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
    ) -> Result<(String, LoginOptions), Stop> {
        let decision = (self.app.on_login)(profile, tokens.clone()).await;
        let decision = decision.map_err(|error| failed(format!("the application: {error}")))?;
        let Some((identity, options)) = decision.0 else {
            return Err(Stop::new(FailureCode::AccountRejected, "the application rejects the account"));
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
        recorded: Option<(&BackChannel, &CredentialId)>,
    ) -> Result<(), Stop> {
        let kept = self.kept_values(attempt).await;
        let options = match recorded {
            Some((_, id)) => options.with_login_id(id.clone()),
            None => options,
        };
        let session_failed = |error: AuthError| failed(format!("the session: {error}"));
        let replaced = auth.login_id().await.ok().flatten();
        auth.remember_with(identity, &options).await.map_err(session_failed)?;
        let mut begun = Ok(());
        if let Some((logout, id)) = recorded {
            if let Some(replaced) = replaced {
                // Its credential is revoked, or its session deleted.
                logout.forget(&replaced).await;
            }
            begun = keep(auth, logout, id).await;
        }
        if let (Ok(()), Some(values)) = (&begun, kept) {
            begun = self.session.edit(&values).await.map_err(session_failed);
        }
        if begun.is_err() {
            // A session that the provider could not end must not begin.
            let _ = auth.forget().await;
        }
        begun
    }
}

/// Keeps the record until the log-in ends.
async fn keep(auth: &Auth, logout: &BackChannel, id: &CredentialId) -> Result<(), Stop> {
    let unknown = |error: AuthError| failed(error.to_string());
    if auth.identity().await.map_err(unknown)?.is_none() {
        return Err(Stop::new(FailureCode::InteractionRequired, ENDED));
    }
    let (found, ends) = (auth.login_id().await.map_err(unknown)?, auth.login_ends().await.map_err(unknown)?);
    let ends = ends.filter(|_| found.as_ref() == Some(id)).ok_or_else(|| {
        failed(
            "the identity policy does not keep ids of log-ins, so providers cannot end them; use sessions \
             or encrypted cookies"
                .to_owned(),
        )
    })?;
    if logout.keep(id, ends.plus(SKEW)).await? {
        return Ok(());
    }
    Err(Stop::new(FailureCode::InteractionRequired, ENDED))
}

/// Returns the record of a log-in that has succeeded at the provider.
fn record_of(connector: &Connector, profile: &Profile, tokens: &Tokens) -> Result<LoginRecord, Stop> {
    // 22 characters are 132 bits, and stay small in each cookie and look-up.
    let id = Random::new().and_then(|random| CredentialId::new(random.to_text().get(..22)?).ok());
    let id = id.ok_or_else(|| failed("the system gives no random numbers".to_owned()))?;
    let (login, account) = (connector.login(), profile.account());
    // As a `logout_token` names the user: the account's subject may be another one.
    let text = |name: &str, other| tokens.claim(name).and_then(Value::as_str).unwrap_or(other);
    let (issuer, subject) = (text("iss", account.issuer()), text("sub", account.subject()));
    let mut record = LoginRecord::new(id, login.id(), issuer, subject);
    if let Some(Value::String(session)) = tokens.claim("sid") {
        if session.len() > MAX_SESSION {
            return Err(Stop::new(FailureCode::IdentityInvalid, "`sid` is longer than 512 bytes"));
        }
        record = record.with_session(session);
    }
    // Only where it is needed: it holds names and addresses.
    record.id_token = tokens.id_token().filter(|_| login.logs_out_at_provider).cloned();
    Ok(record)
}

fn failed(reason: String) -> Stop {
    Stop::new(FailureCode::ServerError, reason)
}
