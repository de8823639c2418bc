//! A browser of a few lines: cookies with path and `SameSite`, no scripts, no redirects by itself.

use auth_runtime::guarded;
use axum::{body::Body, http::Request};
use http::{HeaderMap, Method, StatusCode, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

/// Who made the browser send a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// A page of the application, or the user
    Same,
    /// A page of another site, such as the provider
    Cross,
}

#[derive(Clone, Debug)]
struct Cookie {
    name: String,
    value: String,
    line: String,
}

impl Cookie {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.line.split("; ").find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
    }

    /// The rules of RFC 6265bis for a top-level navigation.
    fn goes_with(&self, path: &str, method: &Method, site: Site) -> bool {
        let own = self.attribute("Path").unwrap_or("/");
        let is_on_path = own == "/" || path == own || path.starts_with(&format!("{own}/"));
        let is_sent = match (site, self.attribute("SameSite")) {
            (Site::Same, _) | (Site::Cross, Some("None")) => true,
            (Site::Cross, Some("Lax")) => method == Method::GET,
            _ => false,
        };
        is_on_path && is_sent
    }
}

#[derive(Clone, Debug)]
pub struct Browser {
    app: guarded::App,
    cookies: Vec<Cookie>,
    /// A credential of its own
    header: Option<(&'static str, String)>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The code on the page of a failure.
    pub fn code(&self) -> &str {
        let rest = self.text.split_once("<code>").map_or("", |(_, rest)| rest);
        rest.split('<').next().unwrap()
    }
}

impl Browser {
    pub fn new(app: &guarded::App) -> Self {
        Self { app: app.clone(), cookies: Vec::new(), header: None }
    }

    /// Sends this header with every request from now on.
    pub fn set_header(&mut self, name: &'static str, value: impl Into<String>) {
        self.header = Some((name, value.into()));
    }

    pub async fn send(&mut self, method: Method, address: &str, site: Site, body: &str) -> Answer {
        self.send_as("empty", method, address, site, body).await
    }

    /// Opens an address, as a click on a link of the application does.
    pub async fn navigate(&mut self, address: &str) -> Answer {
        self.send_as("document", Method::GET, address, Site::Same, "").await
    }

    async fn send_as(
        &mut self,
        destination: &str,
        method: Method,
        address: &str,
        site: Site,
        body: &str,
    ) -> Answer {
        let path = address.strip_prefix("https://app.example.com").unwrap_or(address);
        let route = path.split('?').next().unwrap();
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .filter(|cookie| cookie.goes_with(route, &method, site))
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        let mut request = Request::builder().method(method.clone()).uri(path);
        if destination == "document" {
            request = request.header("sec-fetch-mode", "navigate").header("accept", "text/html");
        }
        request = request.header("sec-fetch-dest", destination).header("host", "app.example.com").header(
            "sec-fetch-site",
            match site {
                Site::Same => "same-origin",
                Site::Cross => "cross-site",
            },
        );
        if let Some((name, value)) = &self.header {
            request = request.header(*name, value);
        }
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if method == Method::POST {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(line.to_str().unwrap());
        }
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    fn keep(&mut self, line: &str) {
        let (name, rest) = line.split_once('=').unwrap();
        self.cookies.retain(|cookie| cookie.name != name);
        let cookie = Cookie {
            name: name.to_owned(),
            value: rest.split(';').next().unwrap().to_owned(),
            line: line.to_owned(),
        };
        if cookie.attribute("Max-Age") != Some("0") {
            self.cookies.push(cookie);
        }
    }

    pub async fn get(&mut self, address: &str) -> Answer {
        self.send(Method::GET, address, Site::Same, "").await
    }

    pub async fn post(&mut self, address: &str, body: &str) -> Answer {
        self.send(Method::POST, address, Site::Same, body).await
    }

    /// Comes back from the provider, by GET or by POST.
    pub async fn come_back(&mut self, callback: &auth_login::testing::Callback) -> Answer {
        match &callback.form {
            None => self.send(Method::GET, &callback.address, Site::Cross, "").await,
            Some(form) => self.send(Method::POST, &callback.address, Site::Cross, form).await,
        }
    }

    /// The same browser, at another instance of the application.
    pub fn at(&self, app: &guarded::App) -> Self {
        Self { app: app.clone(), ..self.clone() }
    }

    pub fn cookie_names(&self) -> Vec<&str> {
        self.cookies.iter().map(|cookie| cookie.name.as_str()).collect()
    }

    /// The attempts that the browser has.
    pub fn attempts(&self) -> usize {
        self.cookie_names().iter().filter(|name| name.starts_with("__Secure-login.")).count()
    }

    /// Takes the cookies of another browser's attempts, as a sibling domain can plant them.
    pub fn plant_attempts(&mut self, other: &Self) {
        let attempts = other.cookies.iter().filter(|cookie| cookie.name.starts_with("__Secure-login."));
        self.cookies.extend(attempts.cloned());
    }

    pub fn value_of(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|cookie| cookie.name == name).map(|cookie| cookie.value.as_str())
    }
}
