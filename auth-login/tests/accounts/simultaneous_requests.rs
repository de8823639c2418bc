//! Simultaneous requests: the database decides, once.

use std::sync::Arc;

use auth_login::accounts::{Accounts, AccountsErrorKind, LastIdentity, Linked};
use tokio::{sync::Barrier, task::JoinSet};

use crate::every_account_store::{fresh, key, stores};

const ROUNDS: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn simultaneous_first_log_ins_make_one_user() {
    let (stores, _directory) = stores().await;
    for (name, accounts) in stores {
        for round in 0..ROUNDS {
            let barrier = Arc::new(Barrier::new(16));
            let mut tasks = JoinSet::new();
            for _ in 0..16 {
                let (accounts, barrier) = (Arc::clone(&accounts), Arc::clone(&barrier));
                tasks.spawn(async move {
                    barrier.wait().await;
                    accounts.find_or_create(&key(&format!("first {round}"))).await.unwrap()
                });
            }
            let mut users = tasks.join_all().await;
            users.dedup();
            assert_eq!(users.len(), 1, "{name}");
            assert_eq!(accounts.identities(&users[0]).await.unwrap().len(), 1, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_users_who_link_one_identity_do_not_both_get_it() {
    let (stores, _directory) = stores().await;
    for (name, accounts) in stores {
        for round in 0..ROUNDS {
            let wanted = key(&format!("wanted {round}"));
            let barrier = Arc::new(Barrier::new(8));
            let mut tasks = JoinSet::new();
            for number in 0..8 {
                let user = accounts.find_or_create(&key(&format!("{round} {number}"))).await.unwrap();
                let (user, wanted) = (fresh(&user).await, wanted.clone());
                let (accounts, barrier) = (Arc::clone(&accounts), Arc::clone(&barrier));
                tasks.spawn(async move {
                    barrier.wait().await;
                    (user.id().clone(), accounts.link(&user, &wanted).await.map_err(|error| error.kind()))
                });
            }
            let answers = tasks.join_all().await;
            let owner = accounts.find(&wanted).await.unwrap().unwrap();
            for (user, answer) in answers {
                let expected = if user == owner { Ok(Linked::Now) } else { Err(AccountsErrorKind::Taken) };
                assert_eq!(answer, expected, "{name}");
            }
        }
    }
}

/// Each of the two requests finds two identities at first.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_two_identities_are_not_both_unlinked() {
    let (stores, _directory) = stores().await;
    for (name, accounts) in stores {
        for round in 0..ROUNDS {
            let keys = [key(&format!("{round} a")), key(&format!("{round} b"))];
            let user = accounts.find_or_create(&keys[0]).await.unwrap();
            let ann = fresh(&user).await;
            accounts.link(&ann, &keys[1]).await.unwrap();
            let barrier = Barrier::new(2);
            let unlink = |index: usize| {
                let (accounts, ann, barrier, keys) = (&accounts, &ann, &barrier, &keys);
                async move {
                    barrier.wait().await;
                    accounts.unlink(ann, &keys[index], LastIdentity::Keep).await.map_err(|error| error.kind())
                }
            };
            let answers = tokio::join!(unlink(0), unlink(1));
            assert!(
                matches!(
                    answers,
                    (Ok(()), Err(AccountsErrorKind::LastIdentity))
                        | (Err(AccountsErrorKind::LastIdentity), Ok(()))
                ),
                "{name}: {answers:?}"
            );
            assert_eq!(accounts.identities(&user).await.unwrap().len(), 1, "{name}");
        }
    }
}

/// A removal and a log-in at the same time leave either no identity or one with a user.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_removal_leaves_no_identity_of_the_removed_user() {
    let (stores, _directory) = stores().await;
    for (name, accounts) in stores {
        for round in 0..ROUNDS {
            let identity = key(&format!("removed {round}"));
            let user = accounts.find_or_create(&identity).await.unwrap();
            let (removed, found) =
                tokio::join!(accounts.remove(&user), Accounts::find_or_create(&*accounts, &identity));
            removed.unwrap();
            let found = found.unwrap();
            let now = accounts.find(&identity).await.unwrap();
            assert!(now.is_none() || now == Some(found), "{name}");
            assert_eq!(accounts.identities(&user).await.unwrap(), [], "{name}");
        }
    }
}
