//! [`Sent`]: notes what an application asks a provider.

use std::sync::{Arc, Mutex};

use auth_client::{HttpClient, Transport};
use http::{Request, header};

/// The requests of an application: the path of each, and the content type of its response.
#[derive(Clone, Default)]
pub struct Sent(Arc<Mutex<Vec<(String, String)>>>);

impl Sent {
    /// Returns a client whose requests are noted.
    pub fn client(&self) -> impl HttpClient + 'static {
        self.client_with(|_| ())
    }

    /// Returns a client whose requests are changed, and noted.
    pub fn client_with(
        &self,
        change: impl Fn(&mut Request<Vec<u8>>) + Send + Sync + 'static,
    ) -> impl HttpClient + 'static {
        let (transport, sent) = (Transport::new().unwrap(), self.clone());
        move |mut request: Request<Vec<u8>>| {
            change(&mut request);
            let (transport, sent) = (transport.clone(), sent.clone());
            async move {
                let path = request.uri().path().to_owned();
                let response = transport.send(request).await;
                let media_type = response.as_ref().ok().and_then(|response| {
                    response.headers().get(header::CONTENT_TYPE)?.to_str().map(str::to_owned).ok()
                });
                sent.0.lock().unwrap().push((path, media_type.unwrap_or_default()));
                response
            }
        }
    }

    /// Returns how many requests were sent to paths with this end.
    pub fn count(&self, path: &str) -> usize {
        self.types_of(path).len()
    }

    /// Returns the content types of the responses of paths with this end.
    pub fn types_of(&self, path: &str) -> Vec<String> {
        let sent = self.0.lock().unwrap();
        sent.iter()
            .filter(|(sent, _)| sent.ends_with(path))
            .map(|(_, media_type)| media_type.clone())
            .collect()
    }
}
