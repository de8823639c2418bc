//! Who an identity belongs to, and how that changes.

use auth_login::accounts::{AccountsErrorKind, LastIdentity, Linked};
use auth_login::profile::AccountKey;

use crate::every_account_store::{fresh, key, stores};

#[tokio::test]
async fn an_identity_has_one_user_for_good() {
    let (stores, _directory) = stores().await;
    for (name, accounts) in stores {
        assert_eq!(accounts.find(&key("1")).await.unwrap(), None, "{name}");
        let user = accounts.find_or_create(&key("1")).await.unwrap();
        assert_eq!(accounts.find_or_create(&key("1")).await.unwrap(), user, "{name}");
        assert_eq!(accounts.find(&key("1")).await.unwrap(), Some(user.clone()), "{name}");
        assert_eq!(accounts.identities(&user).await.unwrap(), [key("1")], "{name}");
        assert_eq!(user.as_str().len(), 32, "{name}");
    }
}

// Neither another issuer, nor another case, nor another split of the same text is the same
// identity.
#[tokio::test]
async fn identities_are_compared_byte_by_byte() {
    let (stores, _directory) = stores().await;
    let keys = [
        ("https://a.example", "x"),
        ("https://a.example", "X"),
        ("https://A.example", "x"),
        ("https://a.examplex", "é"),
        ("https://a.examplex", "e\u{301}"),
        ("https://a.example|", "x"),
        ("https://a.example", "|x"),
        ("x", "https://a.example"),
        ("'; DROP TABLE auth_login_accounts; --", "%"),
        ("https://a.example", "%"),
        ("https://a.example", "_"),
    ];
    for (name, accounts) in stores {
        let mut users = Vec::new();
        for (issuer, subject) in keys {
            users.push(accounts.find_or_create(&AccountKey::new(issuer, subject).unwrap()).await.unwrap());
        }
        users.sort();
        users.dedup();
        assert_eq!(users.len(), keys.len(), "{name}");
    }
}

#[tokio::test]
async fn a_user_links_and_unlinks_identities() {
    let (stores, _directory) = stores().await;
    for (name, accounts) in stores {
        let user = accounts.find_or_create(&key("1")).await.unwrap();
        let ann = fresh(&user).await;
        assert_eq!(accounts.link(&ann, &key("2")).await.unwrap(), Linked::Now, "{name}");
        assert_eq!(accounts.link(&ann, &key("2")).await.unwrap(), Linked::Already, "{name}");
        assert_eq!(accounts.find_or_create(&key("2")).await.unwrap(), user, "{name}");
        assert_eq!(accounts.identities(&user).await.unwrap(), [key("1"), key("2")], "{name}");
        accounts.unlink(&ann, &key("1"), LastIdentity::Keep).await.unwrap();
        assert_eq!(accounts.find(&key("1")).await.unwrap(), None, "{name}");
        // A log-in with it now makes a new user.
        assert_ne!(accounts.find_or_create(&key("1")).await.unwrap(), user, "{name}");
    }
}

// Neither linking nor unlinking moves an identity from one account to another.
#[tokio::test]
async fn an_identity_of_another_user_is_never_moved() {
    let (stores, _directory) = stores().await;
    for (name, accounts) in stores {
        let owner = accounts.find_or_create(&key("1")).await.unwrap();
        let other = fresh(&accounts.find_or_create(&key("2")).await.unwrap()).await;
        let error = accounts.link(&other, &key("1")).await.unwrap_err();
        assert_eq!(error.kind(), AccountsErrorKind::Taken, "{name}");
        for last in [LastIdentity::Keep, LastIdentity::MayGo] {
            let error = accounts.unlink(&other, &key("1"), last).await.unwrap_err();
            assert_eq!(error.kind(), AccountsErrorKind::NotLinked, "{name}");
        }
        assert_eq!(accounts.find(&key("1")).await.unwrap(), Some(owner), "{name}");
    }
}

#[tokio::test]
async fn the_last_way_in_is_not_unlinked() {
    let (stores, _directory) = stores().await;
    for (name, accounts) in stores {
        let user = accounts.find_or_create(&key("1")).await.unwrap();
        let ann = fresh(&user).await;
        let error = accounts.unlink(&ann, &key("1"), LastIdentity::Keep).await.unwrap_err();
        assert_eq!(error.kind(), AccountsErrorKind::LastIdentity, "{name}");
        assert_eq!(accounts.find(&key("1")).await.unwrap(), Some(user.clone()), "{name}");
        accounts.unlink(&ann, &key("1"), LastIdentity::MayGo).await.unwrap();
        assert_eq!(accounts.identities(&user).await.unwrap(), [], "{name}");
    }
}

/// A user with a password is not in the store at first.
#[tokio::test]
async fn a_user_of_the_applications_own_links_an_identity() {
    let (stores, _directory) = stores().await;
    for (name, accounts) in stores {
        let user = auth_runtime::UserId::new("42").unwrap();
        assert_eq!(accounts.link(&fresh(&user).await, &key("1")).await.unwrap(), Linked::Now, "{name}");
        assert_eq!(accounts.find_or_create(&key("1")).await.unwrap(), user, "{name}");
    }
}

#[tokio::test]
async fn a_removed_user_does_not_come_back() {
    let (stores, _directory) = stores().await;
    for (name, accounts) in stores {
        let user = accounts.find_or_create(&key("1")).await.unwrap();
        accounts.link(&fresh(&user).await, &key("2")).await.unwrap();
        accounts.remove(&user).await.unwrap();
        accounts.remove(&user).await.unwrap();
        assert_eq!(accounts.identities(&user).await.unwrap(), [], "{name}");
        let one = accounts.find_or_create(&key("1")).await.unwrap();
        let two = accounts.find_or_create(&key("2")).await.unwrap();
        assert!(one != user && two != user && one != two, "{name}");
    }
}
