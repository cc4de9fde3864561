//! `examples/dissect.rs`, by what it answers.

#[expect(dead_code, reason = "the example's main reads standard input")]
#[path = "../../examples/dissect.rs"]
mod dissect;

#[test]
fn lines_are_answered() {
    let table = [
        (
            "5 3009000161032300076869",
            r#"{"ok":true,"packet":{"type":"PUBLISH","dup":false,"qos":0,"retain":false,"topic":"a","packet_identifier":null,"properties":[{"id":35,"name":"Topic Alias","value":7}],"payload":"6869"}}"#,
        ),
        (
            "4 3d 05 0001 61 000A\r",
            r#"{"ok":true,"packet":{"type":"PUBLISH","dup":true,"qos":2,"retain":true,"topic":"a","packet_identifier":10,"properties":[],"payload":""}}"#,
        ),
        (
            "4 100d00044d5154540402003c000161",
            r#"{"ok":true,"packet":{"type":"CONNECT","version":4,"clean_start":true,"keep_alive":60,"properties":[],"client_identifier":"a","will":null,"user_name":null,"password":null}}"#,
        ),
        (
            "5 1024 0004 4d515454 05 54 000a 08 11 ffffffff 21 0014 0000 05 18 00000005 0001 77 0001 78 0001 ff",
            r#"{"ok":true,"packet":{"type":"CONNECT","version":5,"clean_start":false,"keep_alive":10,"properties":[{"id":17,"name":"Session Expiry Interval","value":4294967295},{"id":33,"name":"Receive Maximum","value":20}],"client_identifier":"","will":{"qos":2,"retain":false,"properties":[{"id":24,"name":"Will Delay Interval","value":5}],"topic":"w","payload":"78"},"user_name":null,"password":"ff"}}"#,
        ),
        (
            "4 20020005",
            r#"{"ok":true,"packet":{"type":"CONNACK","session_present":false,"reason":{"code":135,"name":"Not authorized"},"properties":[],"return_code":5}}"#,
        ),
        (
            "5 500b00019707260001 6b000176",
            r#"{"ok":true,"packet":{"type":"PUBREC","packet_identifier":1,"reason":{"code":151,"name":"Quota exceeded"},"properties":[{"id":38,"name":"User Property","value":["k","v"]}]}}"#,
        ),
        (
            "5 820b000a020b010003612f2b2d",
            r#"{"ok":true,"packet":{"type":"SUBSCRIBE","packet_identifier":10,"properties":[{"id":11,"name":"Subscription Identifier","value":1}],"subscriptions":[{"filter":"a/+","qos":1,"no_local":true,"retain_as_published":true,"retain_handling":2}]}}"#,
        ),
        (
            "4 9004000a0080",
            r#"{"ok":true,"packet":{"type":"SUBACK","packet_identifier":10,"properties":[],"reasons":[{"code":0,"name":"Granted QoS 0"},{"code":128,"name":"Unspecified error"}]}}"#,
        ),
        (
            "5 a206000a00000161",
            r#"{"ok":true,"packet":{"type":"UNSUBSCRIBE","packet_identifier":10,"properties":[],"filters":["a"]}}"#,
        ),
        ("4 c000", r#"{"ok":true,"packet":{"type":"PINGREQ"}}"#),
        (
            "5 e000",
            r#"{"ok":true,"packet":{"type":"DISCONNECT","reason":{"code":0,"name":"Normal disconnection"},"properties":[]}}"#,
        ),
        (
            "4 3605000161000a",
            r#"{"ok":false,"offset":0,"error":"Both QoS bits of a PUBLISH are set.","rule":"MQTT-3.3.1-4"}"#,
        ),
        (
            "5 e0020004",
            r#"{"ok":false,"offset":3,"error":"The packet ends before this field is complete.","rule":null}"#,
        ),
        (
            "5",
            r#"{"ok":false,"offset":0,"error":"The packet ends before this field is complete.","rule":null}"#,
        ),
        (
            "3 c000",
            r#"{"ok":false,"offset":0,"error":"A line must begin with the version, 4 or 5.","rule":null}"#,
        ),
        (
            "",
            r#"{"ok":false,"offset":0,"error":"A line must begin with the version, 4 or 5.","rule":null}"#,
        ),
        (
            "4 c00",
            r#"{"ok":false,"offset":0,"error":"The packet has an odd number of hexadecimal digits.","rule":null}"#,
        ),
        ("4 zz", r#"{"ok":false,"offset":0,"error":"The packet is not hexadecimal.","rule":null}"#),
    ];
    for (line, expect) in table {
        assert_eq!(dissect::answer(line).to_string(), expect, "{line}");
    }
}
