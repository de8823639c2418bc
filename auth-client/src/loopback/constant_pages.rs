//! Writes the constant pages of the loopback server. They contain nothing from a request, which rules out
//! cross-site scripting (XSS).

use tokio::{io::AsyncWriteExt as _, net::TcpStream};

macro_rules! page {
    ($status:literal, $more:literal, $text:literal) => {
        concat!(
            "HTTP/1.1 ",
            $status,
            "\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n",
            "X-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n",
            $more,
            "Connection: close\r\n\r\n",
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>",
            $text,
            "</title><p>",
            $text,
            "</p></html>\n"
        )
    };
}

/// Redirects the browser, so that the code is not in its history.
pub(super) const SEE_DONE: &str = page!("303 See Other", "Location: /done\r\n", "You may close this window.");
pub(super) const DONE: &str = page!(
    "200 OK",
    "",
    "You may close this window and go back to the program, which says whether you are logged in."
);
pub(super) const REFUSED: &str = page!(
    "400 Bad Request",
    "",
    "The log-in was refused. You may close this window and go back to the program, which says why."
);
pub(super) const BAD_REQUEST: &str = page!("400 Bad Request", "", "This is not what the program waits for.");
pub(super) const NOT_FOUND: &str = page!("404 Not Found", "", "There is nothing here.");
pub(super) const NOT_ALLOWED: &str =
    page!("405 Method Not Allowed", "Allow: GET\r\n", "There is nothing here.");

/// Ignores errors: the browser may be gone.
pub(super) async fn write(stream: &mut TcpStream, page: &str) {
    if stream.write_all(page.as_bytes()).await.is_ok() {
        let _ = stream.shutdown().await;
    }
}
