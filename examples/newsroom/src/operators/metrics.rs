//! Metrics of the process in the text format of Prometheus: [`Metrics`].

use std::{fmt, sync::OnceLock};

use auth_runtime::acl_required;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::{
    roles::{Can, NEWSROOM, NEWSROOM_NEXT},
    state::Newsroom,
};

/// Renders the metrics of the process.
#[derive(Clone)]
pub(crate) struct Metrics(Option<PrometheusHandle>);

impl Metrics {
    /// Returns the recorder of the process, which all instances in it share; it is installed by the first one.
    pub(super) fn of_process() -> Self {
        static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
        let install = || match PrometheusBuilder::new().install_recorder() {
            Ok(handle) => Some(handle),
            Err(error) => {
                tracing::error!(%error, "there are no metrics");
                None
            }
        };
        Self(RECORDER.get_or_init(install).clone())
    }

    /// Returns all metrics; `None` if the process has another recorder.
    fn render(&self) -> Option<String> {
        let handle = self.0.as_ref()?;
        handle.run_upkeep();
        Some(handle.render())
    }

    /// Returns the lines with the values of one metric.
    pub(super) fn lines_of(&self, name: &str) -> Vec<String> {
        let text = self.render().unwrap_or_default();
        text.lines().filter(|line| line.starts_with(name)).map(str::to_owned).collect()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// For Prometheus, with the API key of an operator: `authorization: { type: Bearer, credentials: news_… }`.
#[acl_required(Can::Operate, NEWSROOM, shadow = NEWSROOM_NEXT)]
pub(super) async fn text(State(newsroom): State<Newsroom>) -> Response {
    match newsroom.dashboard.metrics.render() {
        Some(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        None => crate::error::Failure::Unavailable.into_response(),
    }
}
