use std::cell::Cell;
use std::rc::Rc;

use bytes::Bytes;
use fourstep::client::{Config, Status};
use fourstep::codec::{self, Packet, Properties, Publish, QoS, Subscription, Version};
use fourstep::session::Token;
use fourstep::trace::RecordKind;
use fourstep::web::{Driver, Options};
use gloo_timers::callback::Timeout;
use js_sys::Promise;
use wasm_bindgen_futures::JsFuture;

/// A driver, and how often it said that something had changed.
pub struct Tab {
    pub driver: Driver,
    pub changes: Rc<Cell<usize>>,
}

impl Tab {
    pub async fn open(url: &str, config: Config) -> Tab {
        let changes = Rc::new(Cell::new(0));
        let counted = changes.clone();
        let driver =
            Driver::open(Options::new(url, config), move || counted.set(counted.get() + 1))
                .await
                .expect("the address is good");
        Tab { driver, changes }
    }

    pub async fn connect(&self) {
        self.driver.connect().expect("not connected yet");
        until("connected", || self.status() == Status::Connected).await;
    }

    pub async fn subscribe(&self, filter: &str, qos: QoS) {
        let subscription = Subscription { filter: filter.into(), qos, ..Default::default() };
        self.driver.subscribe(vec![subscription], Properties::default()).expect("connected");
        until("granted", || {
            let subscriptions = self.driver.snapshot().client.subscriptions;
            !subscriptions.is_empty() && subscriptions.iter().all(|s| s.granted.is_some())
        })
        .await;
    }

    pub fn publish(&self, topic: &str, qos: QoS, payload: &str) -> Token {
        self.driver.publish(message(topic, qos, payload)).expect("there is room")
    }

    pub fn status(&self) -> Status {
        self.driver.snapshot().client.status
    }

    /// The payloads of the messages received so far.
    pub fn inbox(&self) -> Vec<String> {
        self.driver.with(|view| {
            let payload = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
            view.inbox.iter().map(|received| payload(&received.publish.payload)).collect()
        })
    }

    /// The packets in the trace: whether we sent them, and what they are.
    pub fn packets(&self) -> Vec<(bool, Packet)> {
        self.driver.with(|view| {
            let packet = |record: &fourstep::trace::Record| match &record.kind {
                RecordKind::Packet { version, bytes } => {
                    Some((record.from == 0, codec::decode(*version, bytes).expect("valid")))
                }
                _ => None,
            };
            view.trace.records().filter_map(packet).collect()
        })
    }

    /// Waits until our messages so far have come to their end.
    pub async fn finished(&self, count: u64) {
        until("finished", || self.driver.snapshot().finished_total == count).await;
    }
}

pub fn message(topic: &str, qos: QoS, payload: &str) -> Publish {
    Publish {
        topic: topic.into(),
        qos,
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        ..Default::default()
    }
}

/// A session that outlives its connection.
pub fn persistent(version: Version, client_identifier: &str) -> Config {
    let mut config = Config::new(version, client_identifier.to_owned());
    config.clean_start = false;
    config.session_expiry_interval = 600;
    config
}

/// Waits until `condition` holds; fails when that takes too long for a person.
pub async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    for _ in 0..1_500 {
        if condition() {
            return;
        }
        sleep(10).await;
    }
    panic!("never {what}");
}

pub async fn sleep(millis: u32) {
    let promise = Promise::new(&mut |resolve, _| {
        Timeout::new(millis, move || drop(resolve.call0(&resolve))).forget();
    });
    JsFuture::from(promise).await.expect("timers work");
}

/// Has the page run this program.
pub fn run(script: &str) {
    js_sys::eval(script).expect("runs");
}

/// A real broker.
pub fn broker() -> &'static str {
    server(option_env!("FOURSTEP_TEST_BROKER"))
}

/// A server that does on each path something that no broker should.
pub fn odd(path: &str) -> String {
    format!("{}{path}", server(option_env!("FOURSTEP_TEST_ODD")))
}

fn server(url: Option<&'static str>) -> &'static str {
    match url {
        Some(url) => url,
        None => panic!("there are no servers: run `make test-browser`, which starts them"),
    }
}
