//! Sessions that survive the page.

use fourstep::client::{Config, KnownSession, UnknownSession};
use fourstep::codec::{Packet, Publish, QoS, Version};
use fourstep::web::{
    Address, Driver, Options, SessionName, StorageState, delete_session, stored_sessions,
};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Tab, broker, odd, persistent, run, until};

#[wasm_bindgen_test]
async fn what_was_queued_before_a_reload_arrives_after_it() {
    for version in [Version::V311, Version::V5] {
        let topic = format!("durable/{version}");
        let config = persistent(version, &format!("queued {version}"));
        let watcher = Tab::open(broker(), Config::new(Version::V5, "")).await;
        watcher.connect().await;
        watcher.subscribe(&topic, QoS::ExactlyOnce).await;

        let tab = Tab::open(broker(), config.clone()).await;
        assert_eq!(tab.driver.snapshot().storage, StorageState::Durable);
        for number in 0..20 {
            tab.publish(&topic, QoS::ExactlyOnce, &number.to_string());
        }
        drop(tab);

        let tab = Tab::open(broker(), config).await;
        assert_eq!(tab.driver.snapshot().client.queued, 20);
        tab.connect().await;
        tab.finished(20).await;
        until("arrived", || watcher.inbox().len() >= 20).await;
        let expect: Vec<_> = (0..20).map(|number| number.to_string()).collect();
        assert_eq!(watcher.inbox(), expect);
    }
}

#[wasm_bindgen_test]
async fn mqtt_4_4_0_1_a_message_without_answer_is_sent_again_after_a_reload() {
    let config = persistent(Version::V311, "unanswered");
    let tab = Tab::open(&odd("/resume"), config.clone()).await;
    tab.connect().await;
    tab.publish("a", QoS::ExactlyOnce, "once");
    let sent = publishes(&tab, 1).await;
    drop(tab);

    let tab = Tab::open(&odd("/resume"), config).await;
    tab.connect().await;
    let again = publishes(&tab, 1).await;
    assert_eq!(again, [Publish { dup: true, ..sent[0].clone() }]);
}

/// The PUBLISH packets that we sent, once there are as many.
async fn publishes(tab: &Tab, count: usize) -> Vec<Publish> {
    let sent = || {
        let publish = |(is_ours, packet)| match packet {
            Packet::Publish(publish) if is_ours => Some(publish),
            _ => None,
        };
        tab.packets().into_iter().filter_map(publish).collect::<Vec<_>>()
    };
    until("sent", || sent().len() == count).await;
    sent()
}

#[wasm_bindgen_test]
async fn state_is_committed_before_the_packet_that_depends_on_it_leaves() {
    let tab = Tab::open(broker(), persistent(Version::V311, "commit first")).await;
    tab.connect().await;
    let log = Log::start();
    tab.publish("commit/first", QoS::ExactlyOnce, "message");
    tab.finished(1).await;
    until("written", || log.entries().ends_with(&["committed".to_owned()])).await;
    let expect = ["put", "committed", "send 34", "put", "committed", "send 62", "delete"];
    assert_eq!(log.entries()[..7], expect);
    assert_eq!(log.entries()[7..], ["committed"]);
}

#[wasm_bindgen_test]
async fn a_received_message_is_committed_before_its_acknowledgement_leaves() {
    for (qos, first) in [(QoS::AtLeastOnce, "send 40"), (QoS::ExactlyOnce, "send 50")] {
        let topic = format!("commit/{qos}");
        let tab = Tab::open(broker(), persistent(Version::V5, &format!("receives {qos}"))).await;
        tab.connect().await;
        tab.subscribe(&topic, qos).await;
        let publisher = Tab::open(broker(), Config::new(Version::V5, "")).await;
        publisher.connect().await;
        let log = Log::start();
        // Its own PUBLISH needs no acknowledgement, and so no commit.
        publisher.publish(&topic, QoS::AtMostOnce, "not acknowledged");
        until("received", || tab.inbox().len() == 1).await;
        assert!(!log.entries().contains(&"put".to_owned()), "{:?}", log.entries());
        publisher.publish(&topic, qos, "message");
        until("acknowledged", || log.entries().contains(&first.to_owned())).await;
        let entries = log.entries();
        let place = |wanted: &str| entries.iter().position(|entry| entry == wanted);
        assert!(place("committed") < place(first), "{entries:?}");
    }
}

#[wasm_bindgen_test]
async fn received_messages_are_there_after_a_reload_until_the_session_starts_clean() {
    for version in [Version::V311, Version::V5] {
        let topic = format!("inbox/{version}");
        let config = persistent(version, &format!("inbox {version}"));
        let publisher = Tab::open(broker(), Config::new(Version::V5, "")).await;
        publisher.connect().await;
        let tab = Tab::open(broker(), config.clone()).await;
        tab.connect().await;
        tab.subscribe(&topic, QoS::ExactlyOnce).await;
        for (number, qos) in QoS::ALL.into_iter().enumerate() {
            publisher.publish(&topic, qos, &number.to_string());
        }
        until("received", || tab.inbox().len() == 3).await;
        until("acknowledged", || tab.driver.snapshot().client.inbound.is_empty()).await;
        drop(tab);

        let tab = Tab::open(broker(), config.clone()).await;
        assert_eq!(tab.inbox(), ["1", "2"], "QoS 0 is kept by nobody");
        assert!(tab.driver.with(|view| view.inbox.iter().all(|message| message.at.is_none())));
        tab.connect().await;
        publisher.publish(&topic, QoS::AtLeastOnce, "3");
        until("received", || tab.inbox() == ["1", "2", "3"]).await;
        drop(tab);

        let clean = Config { clean_start: true, ..config.clone() };
        assert_eq!(Tab::open(broker(), clean).await.inbox(), Vec::<String>::new());
        assert_eq!(Tab::open(broker(), config).await.inbox(), Vec::<String>::new());
    }
}

#[wasm_bindgen_test]
async fn a_burst_shares_commits() {
    let tab = Tab::open(broker(), persistent(Version::V311, "burst")).await;
    tab.connect().await;
    let log = Log::start();
    for number in 0..1_000 {
        tab.publish("burst", QoS::AtLeastOnce, &number.to_string());
    }
    tab.finished(1_000).await;
    let commits = log.entries().iter().filter(|entry| *entry == "committed").count();
    assert!(commits < 500, "{commits} commits for 1,000 messages");
}

#[wasm_bindgen_test]
async fn a_message_without_state_waits_for_nothing() {
    let tab = Tab::open(broker(), persistent(Version::V311, "no state")).await;
    tab.connect().await;
    // That there is a session is committed meanwhile, and packets wait for that.
    tab.publish("no/state", QoS::AtMostOnce, "first");
    tab.finished(1).await;
    until("committed", || tab.driver.snapshot().buffered == 0).await;
    let log = Log::start();
    tab.publish("no/state", QoS::AtMostOnce, "message");
    assert_eq!(log.entries(), ["send 30"]);
}

#[wasm_bindgen_test]
async fn a_session_in_use_by_another_tab_is_refused_with_what_to_do() {
    let config = persistent(Version::V5, "two tabs");
    let first = Tab::open(broker(), config.clone()).await;
    assert_eq!(first.driver.snapshot().storage, StorageState::Durable);
    let clean = Config::new(Version::V5, "two tabs");
    for again in [config.clone(), clean] {
        // However the address is spelled.
        let url = broker().replace("ws://", "WS://").trim_end_matches('/').to_owned();
        let refused = Driver::open(Options::new(url, again), || {}).await.map(drop);
        let words = refused.expect_err("it is in use").to_string();
        for part in ["another tab", "close it", "another client identifier"] {
            assert!(words.contains(part), "{words}");
        }
    }
    first.connect().await;
    first.publish("two/tabs", QoS::AtLeastOnce, "goes on");
    first.finished(1).await;
    drop(first);
    let again = Tab::open(broker(), config).await;
    assert_eq!(again.driver.snapshot().storage, StorageState::Durable);
}

#[wasm_bindgen_test]
async fn mqtt_5_0_3_2_2_4_a_page_that_lost_its_storage_asks_before_it_takes_the_session() {
    for version in [Version::V311, Version::V5] {
        let config = persistent(version, &format!("cleared {version}"));
        let name =
            SessionName::new(&Address::parse(broker()).expect("valid"), &config.client_identifier);
        let first = Tab::open(broker(), config.clone()).await;
        first.connect().await;
        first.driver.disconnect().expect("connected");
        drop(first);
        delete_session(&name).await.expect("deletes");

        // A QoS 2 message of a new session could carry an identifier that the
        // broker still holds for the old one.
        let tab = Tab::open(broker(), config.clone()).await;
        tab.publish("cleared", QoS::ExactlyOnce, "waits");
        tab.driver.connect().expect("not connected yet");
        until("asked", || tab.driver.snapshot().unknown_session).await;
        let snapshot = tab.driver.snapshot();
        assert_eq!(snapshot.client.known_session, KnownSession::None);
        assert_eq!(snapshot.client.queued, 1, "it was not sent");
        assert!(snapshot.trouble.is_some());
        tab.driver.connect_deciding(UnknownSession::StartOver).expect("at rest");
        tab.finished(1).await;
        assert!(!tab.driver.snapshot().unknown_session);
        assert!(!tab.driver.snapshot().client.session_present);
        drop(tab);

        let again = Tab::open(broker(), config).await;
        again.connect().await;
        assert!(again.driver.snapshot().client.session_present, "it is known from now on");
    }
}

#[wasm_bindgen_test]
async fn storage_that_fails_once_is_opened_again_and_nothing_is_lost() {
    let config = persistent(Version::V5, "fails once");
    let tab = Tab::open(broker(), config.clone()).await;
    tab.connect().await;
    run("{ const real = IDBDatabase.prototype.transaction;
          IDBDatabase.prototype.transaction = function () {
            IDBDatabase.prototype.transaction = real;
            this.close();
            throw new DOMException('closed', 'InvalidStateError');
          }; }");
    tab.publish("fails/once", QoS::ExactlyOnce, "goes on");
    tab.finished(1).await;
    assert_eq!(tab.driver.snapshot().storage, StorageState::Durable);
    tab.driver.disconnect().expect("connected");
    tab.publish("fails/once", QoS::ExactlyOnce, "is stored");
    drop(tab);
    let tab = Tab::open(broker(), config).await;
    assert_eq!(tab.driver.snapshot().client.queued, 1);
}

#[wasm_bindgen_test]
async fn mqtt_4_3_3_a_session_whose_storage_failed_swallows_no_later_message() {
    // The driver stores an identifier, then its storage dies, and in memory
    // the identifier is released. A page that took up what was stored would
    // take the next message with this identifier for a repetition.
    let config = persistent(Version::V311, "stale");
    let tab = Tab::open(&odd("/half?1"), config.clone()).await;
    tab.connect().await;
    until("received", || tab.inbox() == ["hi"]).await;
    until("stored", || !tab.driver.snapshot().client.inbound.is_empty()).await;
    until("acknowledged", || tab.packets().iter().any(|(_, p)| matches!(p, Packet::PubRec(_))))
        .await;
    run("IDBDatabase.prototype.transactionBefore = IDBDatabase.prototype.transaction;
        IDBDatabase.prototype.transaction = () => {
          throw new DOMException('dead', 'InvalidStateError');
        };");
    tab.publish("release", QoS::AtLeastOnce, "makes the server send PUBREL");
    until("released", || tab.driver.snapshot().client.inbound.is_empty()).await;
    check_failed(&tab, "dead");
    drop(tab);
    run("IDBDatabase.prototype.transaction = IDBDatabase.prototype.transactionBefore;");

    let tab = Tab::open(&odd("/half?1"), config).await;
    assert_eq!(tab.driver.snapshot().client.inbound, []);
    let told = tab.driver.with(|view| view.notices.iter().any(|n| n.text.contains("out of date")));
    assert!(told, "the person is not told");
}

#[wasm_bindgen_test]
async fn denied_storage_is_told_and_the_session_goes_on_in_memory() {
    let window = js_sys::global();
    let property = "indexedDB".into();
    let own = Object::get_own_property_descriptor(&window, &property);
    let missing = Object::new();
    Reflect::set(&missing, &"configurable".into(), &JsValue::TRUE).expect("sets");
    Reflect::set(&missing, &"value".into(), &JsValue::UNDEFINED).expect("sets");
    Object::define_property(&window, &property, &missing);
    let tab = Tab::open(broker(), persistent(Version::V5, "denied")).await;
    Object::define_property(&window, &property, own.unchecked_ref());

    check_failed(&tab, "denies");
    tab.connect().await;
    tab.publish("denied", QoS::ExactlyOnce, "goes on");
    tab.finished(1).await;
}

#[wasm_bindgen_test]
async fn storage_that_fails_later_is_told_and_nothing_is_lost() {
    let tab = Tab::open(broker(), persistent(Version::V5, "fails later")).await;
    tab.connect().await;
    let break_commits =
        "IDBDatabase.prototype.transactionBefore = IDBDatabase.prototype.transaction;
        IDBDatabase.prototype.transaction = () => {
          throw new DOMException('no room', 'QuotaExceededError');
        };";
    js_sys::eval(break_commits).expect("runs");
    tab.publish("fails/later", QoS::ExactlyOnce, "goes on");
    tab.finished(1).await;
    let mend = "IDBDatabase.prototype.transaction = IDBDatabase.prototype.transactionBefore;";
    js_sys::eval(mend).expect("runs");
    check_failed(&tab, "full");
    assert!(tab.driver.with(|view| view.trace.to_text()).contains("full"));
}

#[wasm_bindgen_test]
async fn a_goodbye_of_the_server_during_a_commit_is_named_as_the_end() {
    let tab = Tab::open(&odd("/shutdown"), persistent(Version::V5, "shutdown")).await;
    tab.connect().await;
    // A transaction that does not end before it is told holds up those behind it.
    run("globalThis.held = true;
        indexedDB.open('fourstep').onsuccess = (event) => {
          const database = event.target.result;
          const store = database.transaction('entries', 'readwrite').objectStore('entries');
          const again = () => {
            globalThis.holds = true;
            if (held) store.count().onsuccess = again;
            else database.close();
          };
          again();
        };");
    until("held", || js_sys::eval("globalThis.holds").expect("runs") == JsValue::TRUE).await;
    tab.publish("a", QoS::AtLeastOnce, "waits for its commit");
    until("ended", || tab.driver.snapshot().trouble.is_some()).await;
    until("closed", || tab.driver.with(|view| view.trace.to_text()).contains("closed")).await;
    run("globalThis.held = false; globalThis.holds = false;");
    let text = tab.driver.with(|view| view.trace.to_text());
    let end = text.lines().last().unwrap_or_default();
    assert!(end.contains("Server shutting down"), "{end}");
    let trouble = tab.driver.snapshot().trouble.map(|trouble| trouble.to_string());
    assert!(trouble.as_ref().is_some_and(|text| text.contains("hutting down")), "{trouble:?}");
}

/// The session lives in memory, and the page can say why.
fn check_failed(tab: &Tab, why: &str) {
    let storage = tab.driver.snapshot().storage;
    assert!(matches!(&storage, StorageState::Failed(text) if text.contains(why)), "{storage:?}");
    let told = tab.driver.with(|view| view.notices.iter().any(|n| n.text.contains(why)));
    assert!(told, "no notice says “{why}”");
}

#[wasm_bindgen_test]
async fn a_clean_start_forgets_what_was_stored() {
    let mut config = persistent(Version::V5, "clean start");
    let tab = Tab::open(broker(), config.clone()).await;
    tab.publish("clean", QoS::AtLeastOnce, "forgotten");
    drop(tab);
    config.clean_start = true;
    let tab = Tab::open(broker(), config.clone()).await;
    assert_eq!(tab.driver.snapshot().client.outbound_total, 0);
    assert_eq!(tab.driver.snapshot().storage, StorageState::Durable);
    drop(tab);
    config.clean_start = false;
    let tab = Tab::open(broker(), config).await;
    assert_eq!(tab.driver.snapshot().client.outbound_total, 0, "and not only for a while");
}

#[wasm_bindgen_test]
async fn only_a_session_that_outlives_its_connection_is_stored() {
    let address = Address::parse(broker()).expect("valid");
    let name = SessionName::new(&address, "outlives");
    drop(Tab::open(broker(), persistent(Version::V5, "outlives")).await);
    assert!(is_stored(&name).await);
    let tab = Tab::open(broker(), Config::new(Version::V5, "outlives")).await;
    assert_eq!(tab.driver.snapshot().storage, StorageState::Memory);
    assert!(!is_stored(&name).await);
    delete_session(&name).await.expect("nothing to delete is no error");

    let nameless = Tab::open(broker(), persistent(Version::V5, "")).await;
    check_failed(&nameless, "client identifier");
}

async fn is_stored(name: &SessionName) -> bool {
    stored_sessions().await.expect("lists").iter().any(|stored| stored.name == *name)
}

/// What the page asks of its storage and its WebSockets, in order.
struct Log;

impl Log {
    fn start() -> Log {
        let patch = "globalThis.log = [];
            globalThis.unpatched = [];
            const wrap = (type, name, note) => {
              const real = type.prototype[name];
              unpatched.push(() => (type.prototype[name] = real));
              type.prototype[name] = function (...args) {
                const result = real.apply(this, args);
                note(result, args);
                return result;
              };
            };
            wrap(IDBObjectStore, 'put', () => log.push('put'));
            wrap(IDBObjectStore, 'delete', () => log.push('delete'));
            wrap(IDBDatabase, 'transaction', (transaction) =>
              transaction.addEventListener('complete', () => log.push('committed')));
            wrap(WebSocket, 'send', (_, [data]) => log.push('send ' + data[0].toString(16)));";
        js_sys::eval(&format!("{{ {patch} }}")).expect("runs");
        Log
    }

    fn entries(&self) -> Vec<String> {
        let log: Array = js_sys::eval("log").expect("runs").unchecked_into();
        log.iter().filter_map(|entry| entry.as_string()).collect()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        js_sys::eval("unpatched.forEach((undo) => undo())").expect("runs");
    }
}
