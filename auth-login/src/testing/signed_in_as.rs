//! Signs requests of a test in as the user of an account, without a log-in: [`signed_in_as`].

use auth_runtime::{AuthLayer, Group, testing::acting_as};

use crate::{
    accounts::{Accounts, AccountsError},
    profile::AccountKey,
};

/// Makes every request one of the user of this account, who is in these groups; no provider takes part.
///
/// The user is created if the account is new, as a first log-in does.
///
/// # Example
///
/// ```
/// use auth_login::{accounts::{Accounts as _, MemoryAccounts}, profile::AccountKey, testing::signed_in_as};
/// use auth_runtime::{UserId, auth_required, guarded::{Router, get}};
/// use axum::{body::Body, http::{Request, StatusCode}};
/// use tower::ServiceExt as _;
///
/// #[auth_required]
/// async fn me(user: UserId) -> String {
///     user.to_string()
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let accounts = MemoryAccounts::new();
/// let alice = AccountKey::new("https://accounts.google.com", "104")?;
/// let layer = signed_in_as(&accounts, &alice, ["editors"]).await?;
/// let app = Router::new().route("/me", get(me)).with_auth(layer);
///
/// let response = app.oneshot(Request::get("/me").body(Body::empty())?).await?;
/// assert_eq!(response.status(), StatusCode::OK);
/// assert!(accounts.find(&alice).await?.is_some());
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// Fails if the accounts cannot be asked.
pub async fn signed_in_as<G: Group>(
    accounts: &impl Accounts,
    account: &AccountKey,
    groups: impl IntoIterator<Item = G>,
) -> Result<AuthLayer, AccountsError> {
    let user = accounts.find_or_create(account).await?;
    Ok(acting_as(user.as_str(), groups))
}
