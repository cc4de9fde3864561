use std::fmt;

/// Where a broker is, read from a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Whether MQTT is carried in WebSocket messages.
    pub websocket: bool,
    /// Whether the connection is encrypted.
    pub secure: bool,
    /// Host name or IP address; IPv6 without brackets.
    pub host: String,
    /// The port: the one given, or the scheme's own.
    pub port: u16,
    /// Path and query of a WebSocket address, from the slash on; else empty.
    pub path: String,
}

/// Why a text is no broker's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// It does not start with `mqtt://`, `mqtts://`, `ws://` or `wss://`.
    Scheme,
    /// There is no host, or it has characters that no host has.
    Host,
    /// What stands behind the colon is no port from 1 to 65535.
    Port,
}

impl Address {
    /// Reads an address. A user name in it is ignored: it has its own place.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(url: &str) -> Result<Address, AddressError> {
        let (scheme, rest) = url.trim().split_once("://").ok_or(AddressError::Scheme)?;
        let (websocket, secure, port) = match scheme.to_ascii_lowercase().as_str() {
            "mqtt" => (false, false, 1883),
            "mqtts" => (false, true, 8883),
            "ws" => (true, false, 80),
            "wss" => (true, true, 443),
            _ => return Err(AddressError::Scheme),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, given) = host_and_port(authority).ok_or(AddressError::Host)?;
        let port = match given {
            "" => port,
            given => given.parse().ok().filter(|port| *port != 0).ok_or(AddressError::Port)?,
        };
        let path = match (websocket, path) {
            (false, _) => String::new(),
            (true, path) if path.starts_with('/') => path.to_owned(),
            (true, query) => format!("/{query}"),
        };
        Ok(Address { websocket, secure, host: host.to_owned(), port, path })
    }

    /// The host as URLs have it: IPv6 in brackets.
    pub fn bracketed_host(&self) -> String {
        if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match (self.websocket, self.secure) {
            (false, false) => "mqtt",
            (false, true) => "mqtts",
            (true, false) => "ws",
            (true, true) => "wss",
        };
        write!(f, "{scheme}://{}:{}{}", self.bracketed_host(), self.port, self.path)
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AddressError::Scheme => "an address starts with mqtt://, mqtts://, ws:// or wss://",
            AddressError::Host => "the address names no host",
            AddressError::Port => "ports are 1 to 65535",
        })
    }
}

impl std::error::Error for AddressError {}

/// Host and port of `host:port` or `[v6]:port`; the port is empty if there is
/// none.
fn host_and_port(authority: &str) -> Option<(&str, &str)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(v6) => {
            let (host, rest) = v6.split_once(']')?;
            let port = if rest.is_empty() { rest } else { rest.strip_prefix(':')? };
            let is_v6 = host.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte));
            (is_v6 && host.contains(':')).then_some((host, port))?
        }
        None => authority.split_once(':').unwrap_or((authority, "")),
    };
    let is_host = |c: char| !c.is_whitespace() && !c.is_control() && !"\\\"<>^`{|}%".contains(c);
    (!host.is_empty() && host.chars().all(is_host)).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_in_full() {
        for (url, expected) in [
            ("mqtt://localhost", "mqtt://localhost:1883"),
            ("mqtts://broker.example/ignored", "mqtts://broker.example:8883"),
            ("ws://localhost:9001", "ws://localhost:9001/"),
            (" WSS://broker.example/mqtt?key=a#part ", "wss://broker.example:443/mqtt?key=a"),
            ("ws://broker.example?key=a", "ws://broker.example:80/?key=a"),
            ("ws://user:secret@broker.example/", "ws://broker.example:80/"),
            ("mqtt://[::1]:1884", "mqtt://[::1]:1884"),
        ] {
            assert_eq!(Address::parse(url).map(|address| address.to_string()), Ok(expected.into()));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for (url, expected) in [
            ("localhost:1883", AddressError::Scheme),
            ("http://localhost", AddressError::Scheme),
            ("ws://", AddressError::Host),
            ("ws:///path", AddressError::Host),
            ("ws://a b", AddressError::Host),
            ("ws://[nothing]", AddressError::Host),
            ("ws://[::1", AddressError::Host),
            ("ws://host:0", AddressError::Port),
            ("ws://host:65536", AddressError::Port),
            ("ws://host:port", AddressError::Port),
        ] {
            assert_eq!(Address::parse(url), Err(expected), "{url}");
        }
    }
}
