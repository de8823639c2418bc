//! People under load, and the load balancer between them and the instances: [`Load`] and [`day`].

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use newsroom::Role;
use reqwest::{Method, StatusCode};

use super::figures::{Figures, Stage};
use crate::browser::{Browser, encode};

pub(super) const PASSWORD: &str = "two hundred at once";
/// Between two requests of a person
const PAUSE: Duration = Duration::from_millis(250);

/// A request and the status that a healthy newsroom responds with. With a form, the method is POST.
#[derive(Clone, Copy)]
pub(super) struct Step(pub(super) &'static str, pub(super) Form, pub(super) u16);

type Form = Option<&'static [(&'static str, &'static str)]>;

/// Returns what people of a role do, again and again: what they may and what they may not.
pub(super) const fn day(role: Role) -> &'static [Step] {
    match role {
        Role::Reader => &[
            Step("/", None, 200),
            Step("/articles/tram-seven", None, 200),
            Step("/account", None, 200),
            Step("/articles/budget", None, 404),
            Step("/desk", None, 403),
            Step("/articles/library-fines/comments", Some(&[("body", "At last.")]), 303),
            Step("/people", None, 403),
        ],
        Role::Author => &[
            Step("/desk", None, 200),
            Step("/articles/new", None, 200),
            Step("/articles/new", Some(&[("title", ""), ("body", "")]), 422),
            Step("/articles/mayor", None, 404),
            Step("/operators", None, 403),
            Step("/account", None, 200),
        ],
        Role::Editor => &[
            Step("/desk", None, 200),
            Step("/articles/budget", None, 200),
            Step("/articles/swimming-pool", None, 200),
            Step("/people", None, 403),
            Step("/account", None, 200),
        ],
        Role::Chief => &[
            Step("/people", None, 200),
            Step("/articles/mayor", None, 200),
            Step("/operators", None, 200),
            Step("/people/load-0/impersonate", Some(&[]), 403),
            Step("/account", None, 200),
        ],
        Role::Support => &[
            Step("/operators/denied", None, 200),
            Step("/people", None, 200),
            Step("/desk", None, 403),
            Step("/people/load-0/role", Some(&[("role", "chief")]), 403),
            Step("/account", None, 200),
        ],
    }
}

/// The load balancer, and what it saw. Clones are handles to the same.
#[derive(Clone)]
pub(super) struct Load(Arc<Shared>);

struct Shared {
    bases: [String; 2],
    turn: AtomicUsize,
    is_over: AtomicBool,
    figures: Mutex<Figures>,
}

impl Load {
    pub(super) fn new(bases: [String; 2]) -> Self {
        let figures = Mutex::new(Figures::new());
        Self(Arc::new(Shared { bases, turn: AtomicUsize::new(0), is_over: AtomicBool::new(false), figures }))
    }

    pub(super) fn figures<T>(&self, ask: impl FnOnce(&mut Figures) -> T) -> T {
        ask(&mut self.0.figures.lock().unwrap())
    }

    pub(super) fn end(&self) {
        self.0.is_over.store(true, Ordering::SeqCst);
    }

    /// Waits for something that the figures show; stops at the first response that is not as expected.
    pub(super) async fn until(&self, shown: impl Fn(&Figures) -> bool) {
        loop {
            let (is_shown, fault) = self.figures(|figures| {
                let fault = format!("{:#?}\n{}", figures.faults, figures.table());
                (shown(figures), (!figures.faults.is_empty()).then_some(fault))
            });
            assert!(fault.is_none(), "{}", fault.unwrap_or_default());
            if is_shown {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Sends a request to one instance after the other in turn, and to the other one if it does not answer. Returns
    /// the status, 401 for a redirect to the log-in page.
    pub(super) async fn ask(
        &self,
        browser: &mut Browser,
        path: &str,
        form: Option<&[(&str, &str)]>,
        expected: &[u16],
    ) -> u16 {
        let turn = self.0.turn.fetch_add(1, Ordering::SeqCst);
        let (before, start) = (self.figures(|figures| figures.stage()), Instant::now());
        let method = if form.is_some() { Method::POST } else { Method::GET };
        let fields = encode(form.unwrap_or_default());
        let [one, other] = &self.0.bases;
        let both = [(0_usize, one), (1, other)];
        for (instance, base) in both.into_iter().cycle().skip(turn % 2).take(2) {
            base.clone_into(&mut browser.base);
            let got = match browser.try_send(method.clone(), path, &fields, &[]).await {
                Ok(got) => got,
                Err(error) => {
                    self.figures(|figures| {
                        figures.repeated = figures.repeated.saturating_add(1);
                        // Only an instance that was killed does not answer.
                        if instance != 0 || !figures.met(before, |stage| stage == Stage::OneKilled) {
                            figures.faults.push(format!("{path} at instance {instance}: {error:?}"));
                        }
                    });
                    continue;
                }
            };
            let is_log_in = got.status == StatusCode::SEE_OTHER && got.location().starts_with("/login");
            let status = if is_log_in { 401 } else { got.status.as_u16() };
            self.figures(|figures| {
                figures.note(before, status, start.elapsed());
                let is_outage = status == 503 && figures.met(before, Stage::is_outage);
                if status == 401 && !expected.contains(&401) {
                    figures.lost = figures.lost.saturating_add(1);
                }
                if !expected.contains(&status) && !is_outage {
                    let name = &browser.name;
                    figures
                        .faults
                        .push(format!("{before:?}: {name} {method} {path}: {status}, not {expected:?}"));
                }
            });
            return status;
        }
        self.figures(|figures| figures.faults.push(format!("{path}: no instance answers")));
        0
    }

    pub(super) async fn log_in(&self, browser: &mut Browser, id: &str) -> u16 {
        let email = format!("{id}@newsroom.example");
        let fields = [("email", email.as_str()), ("password", PASSWORD)];
        self.ask(browser, "/login", Some(&fields), &[303]).await
    }

    /// Goes through a day until the test is over.
    pub(super) async fn live(self, mut browser: Browser, id: String, day: &'static [Step]) -> Browser {
        for round in 0_usize.. {
            for Step(path, form, status) in day {
                if self.0.is_over.load(Ordering::SeqCst) {
                    return browser;
                }
                self.ask(&mut browser, path, *form, &[*status]).await;
                tokio::time::sleep(PAUSE).await;
            }
            if round.is_multiple_of(4) && id.starts_with("load") {
                self.visit(&id).await;
            }
        }
        browser
    }

    /// Logs in with another browser, and out: a copy of the cookie is then worth nothing.
    async fn visit(&self, id: &str) {
        let mut second = Browser::elsewhere(&self.0.bases[0], &format!("second browser of {id}"));
        if self.log_in(&mut second, id).await != 303 {
            return;
        }
        self.ask(&mut second, "/account", None, &[200]).await;
        let mut copy = second.clone();
        if self.ask(&mut second, "/logout", Some(&[]), &[303]).await == 303 {
            self.ask(&mut copy, "/account", None, &[401]).await;
        }
    }
}
