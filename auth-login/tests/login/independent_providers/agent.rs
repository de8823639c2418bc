//! A user agent at a provider, up to the redirect or the form that leads back to the application.

use std::collections::HashMap;

use auth_login::testing::Callback;
use http::StatusCode;
use url::{Url, form_urlencoded};

const APPLICATION: &str = "https://app.example.com/";

/// Cookies of one provider, and requests with them. Clones share the connections, and not the cookies.
#[derive(Clone)]
pub struct Agent {
    pub client: reqwest::Client,
    cookies: HashMap<String, String>,
}

pub struct Page {
    pub url: Url,
    pub status: StatusCode,
    pub text: String,
}

pub enum Reached {
    Page(Page),
    Back(Callback),
}

impl Agent {
    pub fn new() -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, cookies: HashMap::new() }
    }

    /// Follows redirects until there is a page, or the way back to the application.
    pub async fn go(&mut self, mut request: reqwest::RequestBuilder) -> Reached {
        loop {
            let pairs: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let response = request.header("cookie", pairs.join("; ")).send().await.unwrap();
            for line in response.headers().get_all("set-cookie") {
                let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
            }
            let (url, status) = (response.url().clone(), response.status());
            let Some(location) = response.headers().get("location") else {
                let text = response.text().await.unwrap();
                return match attribute(&text, "form ", "action") {
                    Some(action) if action.starts_with(APPLICATION) => {
                        Reached::Back(form_post(&text, action))
                    }
                    _ => Reached::Page(Page { url, status, text }),
                };
            };
            let next = url.join(location.to_str().unwrap()).unwrap();
            if next.as_str().starts_with(APPLICATION) {
                return Reached::Back(Callback::new(next.into(), None));
            }
            request = self.client.get(next);
        }
    }

    pub async fn open(&mut self, address: &str) -> Reached {
        if address.starts_with(APPLICATION) {
            return Reached::Back(Callback::new(address.to_owned(), None));
        }
        self.go(self.client.get(address)).await
    }

    /// Opens an address that has a page.
    pub async fn page(&mut self, address: &str) -> Page {
        self.open(address).await.page()
    }

    /// Submits the form of a page.
    pub async fn submit(&mut self, page: &Page, form: String) -> Reached {
        let action = attribute(&page.text, "form ", "action").unwrap();
        let request = self.client.post(page.url.join(&action).unwrap());
        self.go(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await
    }
}

impl Reached {
    pub fn page(self) -> Page {
        match self {
            Self::Page(page) => page,
            Self::Back(callback) => panic!("{callback:?}"),
        }
    }

    pub fn back(self) -> Callback {
        match self {
            Self::Back(callback) => callback,
            Self::Page(page) => panic!("{}: {}", page.url, page.text),
        }
    }
}

/// Returns the value of an attribute in the first tag that has this text in it.
pub fn attribute(text: &str, tag: &str, name: &str) -> Option<String> {
    let tag = text.split('<').find(|piece| piece.split('>').next().unwrap().contains(tag))?;
    let rest = tag.split_once(&format!("{name}=\""))?.1;
    Some(rest.split('"').next()?.replace("&amp;", "&"))
}

fn form_post(text: &str, action: String) -> Callback {
    let inputs =
        text.split("<input").skip(1).map(|piece| format!("input {}", piece.split('>').next().unwrap()));
    let mut form = form_urlencoded::Serializer::new(String::new());
    for input in inputs {
        let input = format!("<{input}>");
        let value = |name: &str| attribute(&input, "input", name);
        if let (Some(name), Some(value)) = (value("name"), value("value")) {
            form.append_pair(&name, &value);
        }
    }
    Callback::new(action, Some(form.finish()))
}
