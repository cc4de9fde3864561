//! What a person is told when something goes wrong.

use fourstep::client::{Config, Status};
use fourstep::codec::{QoS, Version};
use fourstep::web::{Driver, Options};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{Tab, odd, until};

/// Connects and checks the words in the trouble that it meets.
async fn check(url: &str, expect: &[&str]) {
    let mut config = Config::new(Version::V311, "failures");
    config.connect_timeout = std::time::Duration::from_millis(700);
    let tab = Tab::open(url, config).await;
    tab.driver.connect().expect("at rest");
    until("in trouble", || tab.driver.snapshot().trouble.is_some()).await;
    let text = tab.driver.snapshot().trouble.map(|t| t.to_string()).unwrap_or_default();
    for part in expect {
        assert!(text.contains(part), "{url}: “{part}” is not in: {text}");
    }
    assert_eq!(tab.status(), Status::Disconnected, "{url}");
    assert!(tab.driver.with(|view| view.trace.to_text()).contains("closed"), "{url}");
}

#[wasm_bindgen_test]
async fn a_connection_that_cannot_be_opened_is_explained() {
    // Nothing listens on this port.
    check("ws://127.0.0.1:59999/mqtt", &["No connection", "listening", "port 59999", "/mqtt?"])
        .await;
    // There is an HTTP server here, but nothing on this path.
    check(&odd("/nowhere"), &["No connection", "/nowhere?"]).await;
    // A WebSocket server that does not know the subprotocol.
    check(&odd("/other"), &["“mqtt” subprotocol"]).await;
    // Browsers refuse this port.
    check("ws://127.0.0.1:25/", &["127.0.0.1:25"]).await;
}

#[wasm_bindgen_test]
async fn a_server_that_is_no_broker_is_explained() {
    check(&odd("/silent"), &["did not answer in time"]).await;
    check(&odd("/slam"), &["without answering CONNECT", "policy", "1008", "who are you"]).await;
    check(&odd("/refuse"), &["refused", "Bad User Name or Password", "Check the user name"]).await;
}

#[wasm_bindgen_test]
async fn mqtt_6_0_0_1_a_text_message_ends_the_connection() {
    check(&odd("/text"), &["text message", "MQTT-6.0.0-1"]).await;
}

#[wasm_bindgen_test]
async fn a_lost_connection_is_explained() {
    check(&odd("/cut"), &["is lost"]).await;
}

#[wasm_bindgen_test]
async fn trouble_is_over_with_the_next_connack() {
    let tab = Tab::open(&odd("/moody?trouble"), Config::new(Version::V311, "over")).await;
    tab.driver.connect().expect("at rest");
    until("in trouble", || tab.driver.snapshot().trouble.is_some()).await;
    tab.driver.connect().expect("at rest again");
    until("connected", || tab.status() == Status::Connected).await;
    assert_eq!(tab.driver.snapshot().trouble, None);
}

#[wasm_bindgen_test]
async fn an_address_that_cannot_work_is_refused_before_anything_else() {
    for (url, expect) in [
        ("", "no scheme"),
        ("http://127.0.0.1:9001/mqtt", "ws://127.0.0.1:9001/mqtt"),
        ("ws://127.0.0.1:99999/", "not a port"),
    ] {
        let options = Options::new(url, Config::new(Version::V5, ""));
        let refused = Driver::open(options, || {}).await.map(drop).expect_err(url).to_string();
        assert!(refused.contains(expect), "{url}: {refused}");
    }
}

#[wasm_bindgen_test]
async fn a_command_that_cannot_be_carried_out_changes_nothing() {
    let tab = Tab::open(&odd("/accept"), Config::new(Version::V311, "misuse")).await;
    let before = tab.driver.snapshot();
    assert!(tab.driver.disconnect().is_err());
    assert!(tab.driver.subscribe(Vec::new(), Default::default()).is_err());
    let invalid = crate::support::message("not/a/+/name", QoS::AtLeastOnce, "");
    assert!(tab.driver.publish(invalid).is_err());
    assert_eq!(tab.driver.snapshot(), before);
}
