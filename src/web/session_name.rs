use std::net::Ipv6Addr;

use super::Address;

/// Names one stored session: one client identifier at one server, as the
/// server does. The protocol version may change from one connection to the
/// next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionName {
    /// The server: `host:port` and the path. However its address is spelled,
    /// this is the same; user name, password and query are never part of it.
    pub server: String,
    /// The client identifier; never empty.
    pub client_identifier: String,
}

impl SessionName {
    /// The session of this client identifier there.
    ///
    /// `ws:` and `wss:` on one port are one server, since a port has one
    /// listener. Two paths are two servers, which they may be behind a proxy:
    /// a session that is not found is asked about, but messages that wait for
    /// one server must never go to another.
    pub fn new(address: &Address, client_identifier: &str) -> Self {
        let host = address.host.strip_suffix('.').unwrap_or(&address.host).to_ascii_lowercase();
        let host = match host.parse::<Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) => host,
        };
        let path = address.path.trim_end_matches('/');
        let server = format!("{host}:{}{path}", address.port);
        SessionName { server, client_identifier: client_identifier.to_owned() }
    }

    /// The name of a session that an earlier version stored under an address;
    /// `None` for any other.
    #[cfg(any(test, target_arch = "wasm32"))]
    pub(super) fn of_earlier(server: &str, client_identifier: &str) -> Option<Self> {
        let is_address = server.starts_with("ws://") || server.starts_with("wss://");
        let address = Address::parse(server).ok().filter(|_| is_address)?;
        Some(SessionName::new(&address, client_identifier))
    }

    /// The name of the lock that a tab holds while it uses the session.
    #[cfg(target_arch = "wasm32")]
    pub(super) fn lock(&self) -> String {
        format!("fourstep session {} {}", self.server, self.client_identifier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> String {
        SessionName::new(&Address::parse(url).expect(url), "a").server
    }

    #[test]
    fn a_session_is_found_under_each_spelling_of_its_address() {
        let spellings: [&[&str]; 5] = [
            &[
                "ws://broker.example/mqtt",
                "WS://Broker.EXAMPLE:80/mqtt/",
                "ws://ann:secret@broker.example./mqtt?token=1#x",
            ],
            &["wss://broker.example", "wss://broker.example:443/"],
            &["ws://[::1]:9001", "wss://[0:0:0:0:0:0:0:1]:9001/", "ws://[::0001]:9001?x"],
            &["ws://localhost:9001", "wss://LOCALHOST:9001/"],
            &["ws://127.0.0.1:9001/"],
        ];
        let mut servers = Vec::new();
        for same in spellings {
            let first = server(same[0]);
            for other in same {
                assert_eq!(server(other), first, "{other}");
                let earlier = SessionName::of_earlier(other, "a").map(|name| name.server);
                assert!(earlier.is_none() || earlier.as_ref() == Some(&first), "{other}");
            }
            servers.push(first);
        }
        servers.push(server("ws://broker.example/other"));
        let count = servers.len();
        servers.sort();
        servers.dedup();
        assert_eq!(servers.len(), count, "different servers have different names: {servers:?}");
        assert!(servers.iter().all(|server| !server.contains("secret")));
    }

    #[test]
    fn a_session_of_an_earlier_version_keeps_its_place() {
        for (stored, expect) in [
            ("ws://localhost:9001/", Some("localhost:9001")),
            ("wss://broker.example:443/mqtt", Some("broker.example:443/mqtt")),
            ("localhost:9001", None),
            ("broker.example:443/mqtt", None),
        ] {
            let name = SessionName::of_earlier(stored, "a");
            assert_eq!(name.as_ref().map(|name| name.server.as_str()), expect, "{stored}");
        }
    }
}
