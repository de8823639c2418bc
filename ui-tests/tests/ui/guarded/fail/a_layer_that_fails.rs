use std::{convert::Infallible, io};

use auth_runtime::guarded::Router;
use tower::util::MapErrLayer;

fn main() {
    let failing = MapErrLayer::new(|never: Infallible| -> io::Error { match never {} });
    let _: Router = Router::new().layer(failing);
}
