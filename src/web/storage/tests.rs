use js_sys::{Object, Reflect};
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::client::{Client, Config};
use crate::codec::{PacketIdentifier, Publish, QoS, Version};
use crate::session::Token;
use crate::time::Instant;

fn address() -> Address {
    Address::parse("wss://ann:secret@broker.example/mqtt?token=1").expect("valid")
}

fn name(client_identifier: &str) -> SessionName {
    SessionName::new(&address(), client_identifier)
}

async fn open(name: &SessionName) -> Result<Opened, StorageError> {
    Store::open(name.clone(), &address()).await
}

async fn is_stored(name: &SessionName) -> bool {
    stored_sessions().await.expect("lists").iter().any(|stored| stored.name == *name)
}

fn outbound(token: u64, value: &[u8]) -> (Key, Option<Bytes>) {
    (Key::Outbound(Token(token)), Some(Bytes::copy_from_slice(value)))
}

fn inbound(identifier: u16) -> (Key, Option<Bytes>) {
    let identifier = PacketIdentifier::new(identifier).expect("not zero");
    (Key::Inbound(identifier), Some(Bytes::new()))
}

fn batch(entries: &[(Key, Option<Bytes>)]) -> Batch {
    Batch { entries: entries.iter().cloned().collect(), ..Batch::default() }
}

/// Opens the session, commits the batches, and lets go of it again.
async fn commit_all(name: &SessionName, batches: &[&[(Key, Option<Bytes>)]]) {
    let opened = open(&name).await.expect("storage works");
    for batch in batches {
        opened.store.commit(&self::batch(batch)).await.expect("commits");
    }
}

/// Checks what a page that is loaded now would find.
async fn check_entries(name: &SessionName, expect: &[(Key, Option<Bytes>)]) {
    let opened = open(&name).await.expect("storage works");
    let entries: Vec<_> =
        opened.entries.into_iter().map(|(key, value)| (key, Some(value))).collect();
    assert_eq!(batch(&entries), batch(expect));
}

#[wasm_bindgen_test]
async fn what_is_committed_is_there_again() {
    let name = name("round trip");
    let all: Vec<u8> = (0..=255).collect();
    let first = [outbound(1, b"one"), outbound(9_007_199_254_740_991, &all), inbound(65_535)];
    let second = [outbound(1, b"newer"), (inbound(65_535).0, None), inbound(1)];
    commit_all(&name, &[&first, &second]).await;
    check_entries(&name, &[outbound(1, b"newer"), first[1].clone(), inbound(1)]).await;
    delete_session(&name).await.expect("deletes");
    check_entries(&name, &[]).await;
    delete_session(&name).await.expect("deletes");
}

#[wasm_bindgen_test]
async fn received_messages_are_there_again_in_order_as_far_as_they_are_kept() {
    let name = name("received");
    let message = |number: u64| (number, Bytes::from(number.to_string()));
    let received = |numbers: &[u64], oldest_received| Batch {
        received: numbers.iter().copied().map(message).collect(),
        oldest_received,
        ..batch(&[outbound(numbers[0], b"beside")])
    };
    let opened = open(&name).await.expect("storage works");
    for batch in [received(&[8, 9, 10], 0), received(&[11, 100], 9)] {
        opened.store.commit(&batch).await.expect("commits");
    }
    drop(opened);
    let opened = open(&name).await.expect("storage works");
    assert_eq!(opened.received, [9, 10, 11, 100].map(message));
    assert_eq!(opened.entries.len(), 2, "the engine's entries are left alone");
    opened.store.clear().await.expect("clears");
    drop(opened);
    let opened = open(&name).await.expect("storage works");
    assert_eq!(opened.received, []);
    opened.store.forget().await.expect("deletes");
}

#[wasm_bindgen_test]
async fn sessions_do_not_see_each_other() {
    let (one, two) = (name("one"), name("one and two"));
    commit_all(&one, &[&[outbound(1, b"of one")]]).await;
    commit_all(&two, &[&[outbound(1, b"of two"), inbound(1)]]).await;
    check_entries(&one, &[outbound(1, b"of one")]).await;
    assert!(is_stored(&one).await && is_stored(&two).await);
    delete_session(&one).await.expect("deletes");
    assert!(!is_stored(&one).await && is_stored(&two).await);
    check_entries(&two, &[outbound(1, b"of two"), inbound(1)]).await;
    delete_session(&two).await.expect("deletes");
}

#[wasm_bindgen_test]
async fn a_cleared_session_stays_but_is_empty() {
    let name = name("cleared");
    let opened = open(&name).await.expect("storage works");
    opened.store.commit(&batch(&[outbound(1, b"one")])).await.expect("commits");
    opened.store.clear().await.expect("clears");
    drop(opened);
    assert!(is_stored(&name).await);
    check_entries(&name, &[]).await;
    delete_session(&name).await.expect("deletes");
}

#[wasm_bindgen_test]
async fn a_session_belongs_to_one_user_at_a_time() {
    let name = name("locked");
    let first = open(&name).await.expect("storage works");
    assert!(first.store.is_exclusive());
    let second = open(&name).await.map(drop);
    assert_eq!(second, Err(StorageError::InUse));
    assert_eq!(delete_session(&name).await, Err(StorageError::InUse));
    drop(first);
    assert!(open(&name).await.is_ok(), "free again");
    delete_session(&name).await.expect("deletes");
}

#[wasm_bindgen_test]
async fn a_session_that_is_just_let_go_of_is_waited_for() {
    let name = name("reloading");
    let first = open(&name).await.expect("storage works");
    gloo_timers::callback::Timeout::new(200, move || drop(first)).forget();
    assert!(open(&name).await.is_ok());
    delete_session(&name).await.expect("deletes");
}

#[wasm_bindgen_test]
async fn a_value_that_cannot_be_written_leaves_nothing_of_its_batch() {
    let name = name("aborted");
    let opened = open(&name).await.expect("storage works");
    let transaction = begin(&opened.store.database.borrow()).expect("begins");
    let written = opened.store.write_all(transaction, |entries, _| {
        entries.put(&Uint8Array::new_with_length(1), Some(&rows::received_key(&name, 1)))?;
        // No key of IndexedDB: the second write of the batch cannot be made.
        entries.put(&JsValue::TRUE, Some(&JsValue::TRUE)).map(drop)
    });
    assert!(written.await.is_err());
    drop(opened);
    check_entries(&name, &[]).await;
    delete_session(&name).await.expect("deletes");
}

#[wasm_bindgen_test]
async fn an_aborted_commit_is_an_error() {
    let name = name("refused");
    let opened = open(&name).await.expect("storage works");
    // A row that breaks the rules of its store fails the transaction.
    let transaction = begin(&opened.store.database.borrow()).expect("begins");
    let sessions = transaction.object_store(SESSIONS).expect("is there");
    let _ = sessions.add(&JsValue::TRUE, Some(&rows::session_key(&name))).expect("asks");
    match committed(transaction).await {
        Err(StorageError::Failed(why)) => assert!(why.contains("ConstraintError"), "{why}"),
        other => panic!("{other:?}"),
    }
    drop(opened);
    delete_session(&name).await.expect("deletes");
}

#[wasm_bindgen_test]
async fn without_indexeddb_storage_is_denied() {
    let window = js_sys::global();
    let property = "indexedDB".into();
    let own = Object::get_own_property_descriptor(&window, &property);
    let missing = Object::new();
    Reflect::set(&missing, &"configurable".into(), &JsValue::TRUE).expect("sets");
    Reflect::set(&missing, &"value".into(), &JsValue::UNDEFINED).expect("sets");
    Object::define_property(&window, &property, &missing);
    let denied = open(&name("denied")).await.map(drop);
    Object::define_property(&window, &property, own.unchecked_ref());
    assert!(matches!(denied, Err(StorageError::Denied(_))), "{denied:?}");
    assert!(stored_sessions().await.is_ok());
}

#[wasm_bindgen_test]
fn the_browsers_words_are_sorted_into_causes() {
    let cases = [
        ("QuotaExceededError: no space", StorageError::Full),
        ("failed to open: SecurityError: no", StorageError::Denied(String::new())),
        ("UnknownError: what", StorageError::Failed(String::new())),
    ];
    for (words, expect) in cases {
        let error = StorageError::from_words(words.to_owned());
        assert_eq!(std::mem::discriminant(&error), std::mem::discriminant(&expect), "{words}");
    }
}

#[wasm_bindgen_test]
async fn after_a_failure_everything_is_written_again() {
    let name = name("rewritten");
    let first = open(&name).await.expect("storage works");
    let old = [outbound(1, b"old"), outbound(2, b"old"), inbound(7)];
    let received = |number: u64| (number, Bytes::from(number.to_string()));
    let kept = Batch { received: [received(1), received(2)].into(), ..batch(&old) };
    first.store.commit(&kept).await.expect("commits");
    // As when the browser has closed the connection to the database.
    first.store.database.borrow().close();
    assert!(first.store.commit(&kept).await.is_err());
    let all = [(Key::Outbound(Token(2)), Bytes::from_static(b"new"))];
    let more = Batch { received: [received(3)].into(), oldest_received: 2, ..Batch::default() };
    first.store.rewrite(&all, &more).await.expect("opens again");
    first.store.commit(&batch(&[inbound(8)])).await.expect("commits");
    drop(first);
    let again = open(&name).await.expect("storage works");
    assert_eq!(again.received, [received(2), received(3)]);
    drop(again);
    check_entries(&name, &[outbound(2, b"new"), inbound(8)]).await;
    delete_session(&name).await.expect("deletes");
}

#[wasm_bindgen_test]
async fn a_session_that_is_out_of_date_is_not_taken_up_again() {
    let name = name("spoiled");
    commit_all(&name, &[&[outbound(1, b"one"), inbound(1)]]).await;
    assert!(spoil(&name));
    assert!(!is_stored(&name).await, "nor is it offered");
    let opened = open(&name).await.expect("storage works");
    assert!(opened.was_spoiled && opened.entries.is_empty());
    opened.store.commit(&batch(&[outbound(2, b"two")])).await.expect("commits");
    drop(opened);
    check_entries(&name, &[outbound(2, b"two")]).await;
    delete_session(&name).await.expect("deletes");
}

#[wasm_bindgen_test]
async fn sessions_of_an_earlier_version_are_found_under_each_spelling() {
    let new = name("of an earlier version");
    let earlier = SessionName {
        server: "wss://broker.example:443/mqtt".to_owned(),
        client_identifier: new.client_identifier.clone(),
    };
    commit_all(&earlier, &[&[outbound(1, b"one"), inbound(1)]]).await;
    let address = Address::parse("wss://Broker.Example:443/mqtt/").expect("valid");
    let opened = Store::open(SessionName::new(&address, &new.client_identifier), &address).await;
    let entries = opened.expect("storage works").entries;
    assert_eq!(entries.len(), 2);
    assert!(!is_stored(&earlier).await && is_stored(&new).await);
    check_entries(&earlier, &[]).await;
    delete_session(&new).await.expect("deletes");
    delete_session(&earlier).await.expect("deletes");
}

#[wasm_bindgen_test]
async fn stored_sessions_are_listed_with_what_is_in_them() {
    let name = name("listed");
    let mut config = Config::new(Version::V5, "listed");
    (config.clean_start, config.session_expiry_interval) = (false, 600);
    config.limits.durable = true;
    let mut client = Client::new(config);
    for _ in 0..3 {
        let message = Publish { topic: "a".into(), qos: QoS::AtLeastOnce, ..Publish::default() };
        client.publish(Instant::ZERO, message).expect("there is room");
    }
    let opened = open(&name).await.expect("storage works");
    let mut all = client.export_session();
    all.push((inbound(9).0, Bytes::new()));
    let received = Batch { received: [(1, Bytes::new())].into(), ..Batch::default() };
    let before = js_sys::Date::now();
    opened.store.rewrite(&all, &received).await.expect("writes");
    let stored = stored_sessions().await.expect("lists");
    let stored = stored.iter().find(|stored| stored.name == name).expect("is there");
    assert_eq!((stored.queued, stored.unfinished, stored.received), (3, 1, 1));
    assert_eq!(stored.address.as_deref(), Some("wss://broker.example:443/mqtt"));
    assert!(stored.used.is_some_and(|used| used >= before));
    drop(opened);
    delete_session(&name).await.expect("deletes");
}

#[wasm_bindgen_test]
async fn without_locks_tabs_ask_each_other() {
    let name = "fourstep presence test";
    let first = presence::Presence::claim(name).await.expect("tabs can talk");
    assert!(first.is_some());
    let second = presence::Presence::claim(name).await.expect("tabs can talk");
    assert!(second.is_none(), "it is taken");
    drop((first, second));
    let (one, other) = (presence::Presence::claim(name), presence::Presence::claim(name));
    let (one, other) = both(one, other).await;
    assert!(one != other, "one of two that ask together gets it: {one}, {other}");
}

/// Whether each of two that run at once got what it claims.
async fn both(
    one: impl Future<Output = Result<Option<presence::Presence>, JsValue>> + 'static,
    other: impl Future<Output = Result<Option<presence::Presence>, JsValue>> + 'static,
) -> (bool, bool) {
    let held = std::rc::Rc::new(RefCell::new(None));
    let done = held.clone();
    wasm_bindgen_futures::spawn_local(async move {
        let other = other.await.expect("tabs can talk");
        *done.borrow_mut() = Some(other);
    });
    let one = one.await.expect("tabs can talk");
    while held.borrow().is_none() {
        sleep(10).await;
    }
    let is_held = held.borrow().as_ref().is_some_and(Option::is_some);
    (one.is_some(), is_held)
}

async fn sleep(millis: u32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        gloo_timers::callback::Timeout::new(millis, move || drop(resolve.call0(&resolve))).forget();
    });
    wasm_bindgen_futures::JsFuture::from(promise).await.expect("timers work");
}
