//! Writes `tracing` events to the audit log: the subscriber layer [`AuditLayer`].

use std::{fmt, sync::Arc};

use serde_json::{Map, Value};
use tracing::{
    Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

use super::{chain::Event, writer::Writer};
use crate::clock::Clock;

/// Longer values are cut, in characters.
const MAX_VALUE: usize = 1024;

pub(super) struct AuditLayer {
    writer: Arc<Writer>,
    clock: Arc<dyn Clock>,
}

impl AuditLayer {
    pub(super) const fn new(writer: Arc<Writer>, clock: Arc<dyn Clock>) -> Self {
        Self { writer, clock }
    }
}

impl<S: Subscriber> Layer<S> for AuditLayer {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.writer.write(Event {
            time: self.clock.now(),
            level: event.metadata().level().as_str(),
            name: fields.message,
            fields: fields.others,
        });
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn text(&mut self, field: &Field, text: String) {
        let text: String = if text.len() > MAX_VALUE { text.chars().take(MAX_VALUE).collect() } else { text };
        if field.name() == "message" {
            self.message = text;
        } else {
            self.others.insert(field.name().to_owned(), text.into());
        }
    }

    fn value(&mut self, field: &Field, value: Value) {
        self.others.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, format!("{value:?}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.value(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.value(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.value(field, value.into());
    }
}
