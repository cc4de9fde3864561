use js_sys::{Object, Reflect};
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

fn name(client_identifier: &str) -> SessionName {
    let address = Address::parse("wss://ann:secret@broker.example/mqtt?token=1").expect("valid");
    SessionName::new(&address, client_identifier)
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
    let opened = Store::open(name.clone()).await.expect("storage works");
    for batch in batches {
        opened.store.commit(&self::batch(batch)).await.expect("commits");
    }
}

/// Checks what a page that is loaded now would find.
async fn check_entries(name: &SessionName, expect: &[(Key, Option<Bytes>)]) {
    let opened = Store::open(name.clone()).await.expect("storage works");
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
    let opened = Store::open(name.clone()).await.expect("storage works");
    for batch in [received(&[8, 9, 10], 0), received(&[11, 100], 9)] {
        opened.store.commit(&batch).await.expect("commits");
    }
    drop(opened);
    let opened = Store::open(name.clone()).await.expect("storage works");
    assert_eq!(opened.received, [9, 10, 11, 100].map(message));
    assert_eq!(opened.entries.len(), 2, "the engine's entries are left alone");
    opened.store.clear().await.expect("clears");
    drop(opened);
    let opened = Store::open(name.clone()).await.expect("storage works");
    assert_eq!(opened.received, []);
    opened.store.forget().await.expect("deletes");
}

#[wasm_bindgen_test]
async fn sessions_do_not_see_each_other() {
    let (one, two) = (name("one"), name("one and two"));
    commit_all(&one, &[&[outbound(1, b"of one")]]).await;
    commit_all(&two, &[&[outbound(1, b"of two"), inbound(1)]]).await;
    check_entries(&one, &[outbound(1, b"of one")]).await;
    let stored = stored_sessions().await.expect("lists");
    assert!(stored.contains(&one) && stored.contains(&two), "{stored:?}");
    delete_session(&one).await.expect("deletes");
    let stored = stored_sessions().await.expect("lists");
    assert!(!stored.contains(&one) && stored.contains(&two), "{stored:?}");
    check_entries(&two, &[outbound(1, b"of two"), inbound(1)]).await;
    delete_session(&two).await.expect("deletes");
}

#[wasm_bindgen_test]
async fn a_cleared_session_stays_but_is_empty() {
    let name = name("cleared");
    let opened = Store::open(name.clone()).await.expect("storage works");
    opened.store.commit(&batch(&[outbound(1, b"one")])).await.expect("commits");
    opened.store.clear().await.expect("clears");
    drop(opened);
    assert!(stored_sessions().await.expect("lists").contains(&name));
    check_entries(&name, &[]).await;
    delete_session(&name).await.expect("deletes");
}

#[wasm_bindgen_test]
async fn a_session_belongs_to_one_user_at_a_time() {
    let name = name("locked");
    let first = Store::open(name.clone()).await.expect("storage works");
    assert!(first.store.is_exclusive());
    let second = Store::open(name.clone()).await.map(drop);
    assert_eq!(second, Err(StorageError::InUse));
    assert_eq!(delete_session(&name).await, Err(StorageError::InUse));
    drop(first);
    assert!(Store::open(name.clone()).await.is_ok(), "free again");
    delete_session(&name).await.expect("deletes");
}

#[wasm_bindgen_test]
async fn a_session_that_is_just_let_go_of_is_waited_for() {
    let name = name("reloading");
    let first = Store::open(name.clone()).await.expect("storage works");
    gloo_timers::callback::Timeout::new(200, move || drop(first)).forget();
    assert!(Store::open(name.clone()).await.is_ok());
    delete_session(&name).await.expect("deletes");
}

#[wasm_bindgen_test]
async fn a_value_that_cannot_be_written_leaves_nothing_of_its_batch() {
    let name = name("aborted");
    let opened = Store::open(name.clone()).await.expect("storage works");
    let transaction = begin(&opened.store.database).expect("begins");
    opened.store.write(&transaction, &batch(&[outbound(1, b"one")])).expect("writes");
    let _ = transaction.abort().expect("aborts");
    drop(opened);
    check_entries(&name, &[]).await;
    delete_session(&name).await.expect("deletes");
}

#[wasm_bindgen_test]
async fn an_aborted_commit_is_an_error() {
    let name = name("refused");
    let opened = Store::open(name.clone()).await.expect("storage works");
    // A row that breaks the rules of its store fails the transaction.
    let transaction = begin(&opened.store.database).expect("begins");
    let sessions = transaction.object_store(SESSIONS).expect("is there");
    let _ = sessions.add(&JsValue::TRUE, Some(&name.key())).expect("asks");
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
    let denied = Store::open(name("denied")).await.map(drop);
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
