//! Who may call what is a table in the repository, and what the application does.

use auth_runtime::assert_access_snapshot;

use crate::site;

#[tokio::test]
async fn the_access_table_is_reviewed() {
    let (app, _folder) = site::app().await;
    assert_access_snapshot!("access.md", app.access());
}

#[tokio::test]
async fn the_application_does_what_the_table_says() {
    let (app, _folder) = site::app().await;
    let verified = app.access().verify(app).await.unwrap();
    assert!(verified.confirmed > 40, "{verified:?}");
}
