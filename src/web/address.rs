use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::explain::Explanation;
use super::typed_address::Parts;

/// A WebSocket address, read strictly enough to say what is wrong with one.
///
/// Displays without user name, password, query and fragment, which may be
/// secrets; [`Address::url`] has the query. No error quotes any of them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// Whether it is `wss:`.
    pub secure: bool,
    /// Host name in lower case, or an IP address; IPv6 without brackets.
    pub host: String,
    /// The port: the one given, or the scheme's own (80, 443).
    pub port: u16,
    /// The path, `/` if none was given.
    pub path: String,
    /// The query with its question mark, or empty.
    query: String,
}

impl Address {
    /// Reads `ws://host:port/path` or `wss://...`. User name and password in
    /// it are left out: MQTT has its own place for them.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and what it should look like.
    pub fn parse(url: &str) -> Result<Address, Explanation> {
        let parts = Parts::of(url)?;
        let secure = match parts.scheme.map(str::to_ascii_lowercase).as_deref() {
            None => return Err(no_scheme(&parts)),
            Some("ws") => false,
            Some("wss") => true,
            Some(other) => return Err(wrong_scheme(other, &parts)),
        };
        Address::new(secure, &parts)
    }

    /// The address that these parts name.
    ///
    /// # Errors
    ///
    /// They name no host, or a port that is none.
    pub(super) fn new(secure: bool, parts: &Parts<'_>) -> Result<Address, Explanation> {
        let (host, port) = split_port(parts.authority).ok_or_else(|| {
            Explanation::new("The address names no host.")
                .hint("A host and its port follow the scheme: ws://localhost:9001.")
        })?;
        let port = match port {
            None if secure => 443,
            None => 80,
            Some(port) => parse_port(port).ok_or_else(|| {
                Explanation::new("What follows the host is not a port: ports are 1 to 65535.")
            })?,
        };
        let path = if parts.path.is_empty() { "/" } else { parts.path };
        Ok(Address {
            secure,
            host: host.to_ascii_lowercase(),
            port,
            path: path.to_owned(),
            query: parts.query.to_owned(),
        })
    }

    /// What a WebSocket is opened with: the whole address but for user name,
    /// password and fragment.
    pub fn url(&self) -> String {
        format!("{self}{}", self.query)
    }

    /// Whether the host is this very machine. Browsers trust `ws:` to it even
    /// from a page that came by https (Safari does not).
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self.host.ends_with(".localhost")
            || self.host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
            || self.host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
    }

    /// Whether the host is visibly in a local network: a private address or a
    /// `.local` name. Some browsers let a page reach it once the user has
    /// agreed.
    pub fn is_local(&self) -> bool {
        self.is_loopback()
            || self.host.ends_with(".local")
            || self
                .host
                .parse::<Ipv4Addr>()
                .is_ok_and(|address| address.is_private() || address.is_link_local())
            || self
                .host
                .parse::<Ipv6Addr>()
                .is_ok_and(|address| address.is_unique_local() || address.is_unicast_link_local())
    }

    /// The same host and port for a browser tab, in which a bad certificate
    /// shows itself: `https://host:port/`.
    pub fn page(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}:{}/", self.bracketed_host(), self.port)
    }

    fn bracketed_host(&self) -> String {
        if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "wss" } else { "ws" };
        write!(f, "{scheme}://{}:{}{}", self.bracketed_host(), self.port, self.path)
    }
}

impl fmt::Debug for Address {
    /// Prints no more than [`Display`](fmt::Display) does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// Host and port of `host:port` or `[v6]:port`; `None` if it is neither.
pub(super) fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let (host, rest) = match authority.strip_prefix('[') {
        Some(v6) => {
            let (host, rest) = v6.split_once(']')?;
            host.parse::<Ipv6Addr>().ok()?;
            (host, rest)
        }
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let port = match rest {
        "" | ":" => None,
        rest => Some(rest.strip_prefix(':')?),
    };
    let is_name = !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c == '\\');
    is_name.then_some((host, port))
}

/// A port; `None` for anything else.
pub(super) fn parse_port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0)
}

fn no_scheme(parts: &Parts<'_>) -> Explanation {
    let example = match Address::new(false, parts) {
        Ok(address) => format!("{}:{}{}", address.bracketed_host(), address.port, parts.path),
        Err(_) => "localhost:9001".to_owned(),
    };
    Explanation::new("The address has no scheme.")
        .hint(format!("Write it as ws://{example} or wss://{example}."))
}

/// A scheme that is none of ours. What else is written there is shown only if
/// it is an address.
fn wrong_scheme(scheme: &str, parts: &Parts<'_>) -> Explanation {
    let explanation = match OTHER_SCHEMES.contains(&scheme) {
        true => Explanation::new(format!(
            "A browser cannot connect to {scheme}: addresses; it reaches MQTT brokers by \
             WebSocket only."
        )),
        // It may be the beginning of something else.
        false => Explanation::new(
            "A browser cannot connect to such addresses; it reaches MQTT brokers by WebSocket \
             only.",
        ),
    };
    let address = |secure| Address::new(secure, parts);
    match (scheme, address(scheme == "https")) {
        ("http" | "https", Ok(address)) => explanation.hint(format!("Write it as {address}")),
        ("mqtt" | "tcp" | "mqtts" | "ssl" | "tls", _) => explanation.hint(
            "Ask for the broker's WebSocket listener: it has a port of its own, \
             often 8080, 8083, 9001, or 8084 and 443 for wss:, and often the path /mqtt.",
        ),
        _ => explanation.hint("Write ws:// or wss:// in front of the host name."),
    }
}

/// Schemes that an error names.
const OTHER_SCHEMES: [&str; 7] = ["http", "https", "mqtt", "mqtts", "tcp", "ssl", "tls"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_secrets_are_not_shown() {
        let cases = [
            ("ws://localhost:9001", "ws://localhost:9001/"),
            (" WSS://Example.com/mqtt ", "wss://example.com:443/mqtt"),
            ("ws://example.com", "ws://example.com:80/"),
            ("ws://example.com:", "ws://example.com:80/"),
            ("ws://ann:secret@example.com:8083/mqtt?token=1#x", "ws://example.com:8083/mqtt"),
            ("wss://example.com?token=1", "wss://example.com:443/"),
            ("ws://[::1]:9001/", "ws://[::1]:9001/"),
        ];
        for (url, expect) in cases {
            assert_eq!(Address::parse(url).map(|a| a.to_string()), Ok(expect.to_owned()), "{url}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_a_better_one() {
        let cases = [
            ("", "no scheme"),
            ("localhost:9001", "ws://localhost:9001 or wss://localhost:9001"),
            ("https://example.com/mqtt", "wss://example.com:443/mqtt"),
            ("mqtt://example.com", "WebSocket listener"),
            ("ws://", "no host"),
            ("ws://:9001", "no host"),
            ("ws://my host/", "no host"),
            ("ws://[::1", "no host"),
            ("ws://[1.2.3.4]/", "no host"),
            ("ws://host:0", "not a port"),
            ("ws://host:65536", "not a port"),
            ("ws://host:mqtt", "not a port"),
        ];
        for (url, expect) in cases {
            let explanation = Address::parse(url).expect_err(url).to_string();
            assert!(explanation.contains(expect), "{url}: {explanation}");
        }
    }

    #[test]
    fn near_hosts_are_told_from_far_ones() {
        let cases = [
            ("localhost", true, true),
            ("broker.localhost", true, true),
            ("127.8.9.1", true, true),
            ("[::1]", true, true),
            ("192.168.1.5", false, true),
            ("10.0.0.1", false, true),
            ("169.254.3.4", false, true),
            ("[fd00::1]", false, true),
            ("printer.local", false, true),
            ("test.mosquitto.org", false, false),
            ("8.8.8.8", false, false),
            ("localhost.example.com", false, false),
        ];
        for (host, loopback, local) in cases {
            let address = Address::parse(&format!("ws://{host}/")).expect(host);
            assert_eq!((address.is_loopback(), address.is_local()), (loopback, local), "{host}");
        }
    }
}
