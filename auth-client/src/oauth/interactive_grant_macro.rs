//! Implements [`Grant`](crate::Grant) for the grants in which a user logs in, by a macro.

/// Implements [`Grant`](crate::Grant) for a struct with `client`, `scopes`, `account`, `interaction` and a
/// method `log_in`. The name is part of the store keys.
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
