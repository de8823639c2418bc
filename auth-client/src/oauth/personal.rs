//! What the ways to a token have in common in which a person logs in.

/// Implements [`Grant`](crate::Grant) for a struct with a `client`, `scopes`, an `account` and an `interaction`, which knows how
/// to `log_in`. The name is part of the keys of stored tokens.
macro_rules! personal_grant {
    ($grant:ident, $name:literal) => {
        #[async_trait::async_trait]
        impl crate::Grant for $grant {
            fn environment(&self) -> &crate::Environment {
                self.client.environment()
            }

            fn store_key(&self) -> crate::StoreKey {
                self.client.store_key($name, &self.scopes, &self.account)
            }

            fn scopes(&self) -> &[String] {
                &self.scopes
            }

            fn is_interactive(&self) -> bool {
                true
            }

            async fn obtain(&self) -> Result<crate::Token, crate::Error> {
                let answer = self.log_in().await;
                self.interaction.finished(answer.is_ok());
                answer
            }

            async fn refresh(&self, token: &crate::Token) -> Result<Option<crate::Token>, crate::Error> {
                self.client.renew(token).await
            }

            async fn revoke(&self, token: &crate::Token) -> Result<bool, crate::Error> {
                self.client.revoke(token).await
            }
        }
    };
}

pub(super) use personal_grant;
