//! A browser without scripts: [`Browser`].

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::atomic::{AtomicU16, Ordering},
};

use newsroom::DEMO_PASSWORD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, Method, Response, StatusCode, header, redirect};

/// A client with cookies, which follows no redirect by itself.
#[derive(Clone)]
pub(crate) struct Browser {
    client: Client,
    pub(crate) base: String,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) name: String,
}

/// A stream of server-sent events.
pub(crate) struct Stream {
    response: Response,
    read: String,
}

impl Stream {
    /// Returns the data of the next event; `None` when the stream has ended.
    pub(crate) async fn event(&mut self) -> Option<String> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let lines: Vec<_> = event.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
                let (data, rest) = (lines.join("\n"), rest.to_owned());
                self.read = rest;
                // A comment keeps the connection open.
                if data.is_empty() {
                    continue;
                }
                return Some(data);
            }
            let chunk = self.response.chunk().await.unwrap()?;
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

/// Returns the fields of a form as browsers send them.
pub(crate) fn encode(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<_> =
        fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

/// What a browser got.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: StatusCode,
    pub(crate) headers: header::HeaderMap,
    pub(crate) body: String,
}

impl Got {
    /// Returns where a redirect leads.
    #[track_caller]
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.header("location")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn title(&self) -> &str {
        let rest = self.body.split_once("<title>").map_or("", |(_, rest)| rest);
        rest.split(" · Newsroom</title>").next().unwrap()
    }

    /// Returns the value of the first attribute with this name that follows `after`.
    #[track_caller]
    pub(crate) fn attribute(&self, after: &str, name: &str) -> String {
        let (_, rest) = self.body.split_once(after).unwrap_or_else(|| panic!("no {after} in {}", self.body));
        let (_, rest) = rest.split_once(&format!("{name}=\"")).unwrap();
        rest.split('"').next().unwrap().replace("&amp;", "&")
    }
}

impl Browser {
    pub(crate) fn new(base: &str) -> Self {
        let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().build().unwrap();
        Self { client, base: base.to_owned(), cookies: BTreeMap::new(), name: "a browser".to_owned() }
    }

    /// Returns a browser with this name, and a loopback address that no other one has: attempts to log in are limited by
    /// address.
    pub(crate) fn elsewhere(base: &str, name: &str) -> Self {
        static COUNT: AtomicU16 = AtomicU16::new(0);
        let [high, low] = COUNT.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        let builder = Client::builder().redirect(redirect::Policy::none()).no_proxy();
        let client = builder.local_address(IpAddr::from([127, 1, high, low])).build().unwrap();
        Self { client, name: name.to_owned(), ..Self::new(base) }
    }

    /// Goes on at another instance, with the same cookies.
    pub(crate) fn at(mut self, base: &str) -> Self {
        base.clone_into(&mut self.base);
        self
    }

    pub(crate) async fn get(&mut self, path: &str) -> Got {
        self.send(Method::GET, path, "").await
    }

    /// Sends a form.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Got {
        self.send(Method::POST, path, &encode(fields)).await
    }

    pub(crate) async fn send(&mut self, method: Method, path: &str, form: &str) -> Got {
        self.send_with(method, path, form, &[]).await
    }

    pub(crate) async fn send_with(
        &mut self,
        method: Method,
        path: &str,
        form: &str,
        headers: &[(&str, &str)],
    ) -> Got {
        self.try_send(method, path, form, headers).await.unwrap()
    }

    /// Fails if the instance does not respond.
    pub(crate) async fn try_send(
        &mut self,
        method: Method,
        path: &str,
        form: &str,
        headers: &[(&str, &str)],
    ) -> reqwest::Result<Got> {
        let address = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) };
        let is_own = address.starts_with(&self.base);
        let mut request = self.client.request(method.clone(), address);
        request = request.header(header::ACCEPT, "text/html").header(header::USER_AGENT, &self.name);
        if is_own && !self.cookies.is_empty() {
            let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        if method != Method::GET {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.body(form.to_owned()).send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        if is_own {
            headers.get_all(header::SET_COOKIE).iter().for_each(|line| self.keep(line.to_str().unwrap()));
        }
        Ok(Got { status, headers, body: response.text().await? })
    }

    /// Opens a stream of server-sent events.
    pub(crate) async fn stream(&mut self, path: &str) -> Stream {
        let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request =
            self.client.get(format!("{}{path}", self.base)).header(header::COOKIE, pairs.join("; "));
        let response = request.header(header::ACCEPT, "text/event-stream").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        Stream { response, read: String::new() }
    }

    fn keep(&mut self, line: &str) {
        let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
        if value.is_empty() || line.to_ascii_lowercase().contains("max-age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Logs a person of the demo in.
    pub(crate) async fn log_in(&mut self, name: &str) {
        let got = self.try_log_in(name, DEMO_PASSWORD).await;
        assert_eq!(got.location(), "/");
    }

    pub(crate) async fn try_log_in(&mut self, name: &str, password: &str) -> Got {
        let email = format!("{name}@newsroom.example");
        self.post("/login", &[("email", &email), ("password", password)]).await
    }

    /// Returns whether this browser is logged in.
    pub(crate) async fn is_logged_in(&mut self) -> bool {
        self.get("/account").await.status == StatusCode::OK
    }
}
