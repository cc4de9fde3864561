//! An address as a person types or pastes it.
//!
//! The browser's `URL` and the `url` crate, which also brings 100 kB of tables
//! for names, read such a text as the standard has it. So a password with a
//! slash, a `?` or a `#` ends the host early: what follows becomes a path, or
//! the error quotes it. Here an address is taken apart from its last `@`
//! first, and where a password could be part of a path, it is refused.

use super::Address;
use super::address::{parse_port, split_port};
use super::explain::Explanation;

/// What a person typed as an address, taken apart.
#[derive(Clone, PartialEq, Eq)]
pub struct TypedAddress {
    /// With its scheme, and without user name, password and fragment.
    pub url: String,
    /// User name and password, if they were in it.
    pub login: Option<TypedLogin>,
    /// Whether it had no scheme and was given one.
    pub scheme_added: bool,
    /// What it leads to.
    pub address: Address,
}

/// User name and password of an address, as they are meant: `%40` is an `@`.
#[derive(Clone, PartialEq, Eq)]
pub struct TypedLogin {
    /// The user name; may be empty.
    pub user_name: String,
    /// The password, if there was a colon.
    pub password: Option<String>,
}

impl TypedAddress {
    /// Reads an address. One without a scheme is completed: with `wss://` if
    /// the page itself came by https and the host is not this very machine,
    /// else with `ws://`.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as [`Address::parse`] says it, in words that
    /// quote neither user name nor password.
    pub fn read(text: &str, page_is_secure: bool) -> Result<TypedAddress, Explanation> {
        let parts = Parts::of(text)?;
        let (scheme, address) = match parts.scheme {
            Some(scheme) => (scheme, Address::parse(text)?),
            None => {
                let plain = Address::new(false, &parts)?;
                let secure = plain.port == 443 || page_is_secure && !plain.is_loopback();
                let scheme = if secure { "wss" } else { "ws" };
                (scheme, Address::new(secure, &parts)?)
            }
        };
        let Parts { authority, path, query, .. } = parts;
        Ok(TypedAddress {
            url: format!("{scheme}://{authority}{path}{query}"),
            login: parts.userinfo.map(TypedLogin::of),
            scheme_added: parts.scheme.is_none(),
            address,
        })
    }

    /// The address as it may be stored: without its query too, in which many
    /// services have a token.
    pub fn without_query(&self) -> &str {
        self.url.split('?').next().unwrap_or_default()
    }
}

impl TypedLogin {
    fn of(userinfo: &str) -> TypedLogin {
        match userinfo.split_once(':') {
            None => TypedLogin { user_name: decoded(userinfo), password: None },
            Some((user_name, password)) => {
                TypedLogin { user_name: decoded(user_name), password: Some(decoded(password)) }
            }
        }
    }
}

/// The parts of an address.
pub(super) struct Parts<'a> {
    /// Without `://`; `None` if there is none.
    pub scheme: Option<&'a str>,
    /// User name and password, as they are written.
    pub userinfo: Option<&'a str>,
    /// Host and port.
    pub authority: &'a str,
    /// From the slash on, or empty.
    pub path: &'a str,
    /// From the question mark on, or empty. The fragment is left out.
    pub query: &'a str,
}

impl<'a> Parts<'a> {
    /// Takes a text apart.
    ///
    /// # Errors
    ///
    /// It may have a password in it, and it cannot be told where that ends.
    pub fn of(text: &'a str) -> Result<Parts<'a>, Explanation> {
        let text = text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
            _ => (None, text.strip_prefix("//").unwrap_or(text)),
        };
        let (userinfo, rest) = split_userinfo(rest)?;
        let rest = rest.split('#').next().unwrap_or_default();
        let (rest, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        Ok(Parts { scheme, userinfo, authority, path, query })
    }
}

/// What stands before the `@` in front of the host, and what follows.
fn split_userinfo(rest: &str) -> Result<(Option<&str>, &str), Explanation> {
    let Some((before, after)) = rest.rsplit_once('@') else { return Ok((None, rest)) };
    let end = rest.find(DELIMITERS).unwrap_or(rest.len());
    if before.len() < end {
        return Ok((Some(before), after));
    }
    // The last `@` is behind what usually ends the host.
    let first = &rest[..end];
    if !before.contains([':', '@']) {
        // A path or a query has it: there is no password without a colon.
        return Ok((None, rest));
    }
    let is_host = |(_, port): (&str, Option<&str>)| port.is_none_or(|p| parse_port(p).is_some());
    if first.contains('@') || !first.contains(':') || split_port(first).is_some_and(is_host) {
        return Err(Explanation::new(
            "It is not clear whether this address has a password in it.",
        )
        .hint(
            "Put user name and password into their own fields. An @ that belongs to the path is \
             written %40.",
        ));
    }
    Ok((Some(before), after))
}

/// Whether this can be a scheme, such as `ws`.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// A text with `%40` and the like replaced by what they stand for. What is no
/// such code stays: a person who pastes a password does not always encode it.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = match after {
            [high, low, ..] if first == b'%' => digit(*high).zip(digit(*low)),
            _ => None,
        };
        match code {
            Some((high, low)) => {
                bytes.push(high << 4 | low);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn digit(byte: u8) -> Option<u8> {
    // A hexadecimal digit fits into a byte.
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// What ends host and port. Browsers read a backslash like a slash.
const DELIMITERS: [char; 4] = ['/', '?', '#', '\\'];

#[cfg(test)]
mod tests {
    use super::*;

    /// User name and password.
    type Userinfo = (String, Option<String>);

    /// The address, user name and password that a text is read as.
    fn read(text: &str) -> Option<(String, Option<Userinfo>)> {
        let typed = TypedAddress::read(text, false).ok()?;
        Some((typed.url, typed.login.map(|login| (login.user_name, login.password))))
    }

    #[test]
    fn user_name_and_password_are_taken_out_of_an_address() {
        let cases = [
            ("ws://ann:secret@host:9001/mqtt", "ws://host:9001/mqtt", "ann", Some("secret")),
            ("wss://ann@host", "wss://host", "ann", None),
            ("ws://:secret@host", "ws://host", "", Some("secret")),
            ("ws://ann:@host", "ws://host", "ann", Some("")),
            ("ws://ann:sec:ret@host", "ws://host", "ann", Some("sec:ret")),
            ("ws://ann:sec@ret@host:1", "ws://host:1", "ann", Some("sec@ret")),
            ("ws://ann:sec/ret@host:9001/mqtt", "ws://host:9001/mqtt", "ann", Some("sec/ret")),
            ("ws://ann:sec?ret@host", "ws://host", "ann", Some("sec?ret")),
            ("ws://ann:sec#ret@host/a?b#c", "ws://host/a?b", "ann", Some("sec#ret")),
            ("ws://ann:sec\\ret@host", "ws://host", "ann", Some("sec\\ret")),
            ("ws://ann:sec://ret@host", "ws://host", "ann", Some("sec://ret")),
            ("ws://ann:secret@[::1]:9001", "ws://[::1]:9001", "ann", Some("secret")),
            ("ws://a%40b:s%2Fr%C3%A9t@host", "ws://host", "a@b", Some("s/rét")),
            ("ws://ann:100%@host", "ws://host", "ann", Some("100%")),
            ("ws://ann:%ff@host", "ws://host", "ann", Some("%ff")),
            ("ann:secret@host:9001", "ws://host:9001", "ann", Some("secret")),
            ("ann:sec/ret@host:9001", "ws://host:9001", "ann", Some("sec/ret")),
        ];
        for (text, url, user_name, password) in cases {
            let login = (user_name.to_owned(), password.map(str::to_owned));
            assert_eq!(read(text), Some((url.to_owned(), Some(login))), "{text}");
        }
    }

    #[test]
    fn an_address_without_userinfo_stays_and_is_given_a_scheme() {
        let cases = [
            ("ws://host:9001/a@b", "ws://host:9001/a@b", true),
            ("ws://host/a@b", "ws://host/a@b", false),
            ("ws://host?user=a%40b", "ws://host?user=a%40b", false),
            (" 127.0.0.1:1884 ", "ws://127.0.0.1:1884", false),
            ("//host/mqtt", "ws://host/mqtt", false),
            ("[::1]:9001", "ws://[::1]:9001", false),
            ("host:443", "wss://host:443", false),
        ];
        for (text, url, is_refused) in cases {
            let expect = (!is_refused).then(|| (url.to_owned(), None));
            assert_eq!(read(text), expect, "{text}");
        }
        let secure = |text| TypedAddress::read(text, true).map(|typed| typed.url);
        assert_eq!(secure("broker.example/mqtt"), Ok("wss://broker.example/mqtt".to_owned()));
        assert_eq!(secure("localhost:9001"), Ok("ws://localhost:9001".to_owned()));
        assert_eq!(secure("ws://broker.example"), Ok("ws://broker.example".to_owned()));
    }

    #[test]
    fn no_error_and_no_address_quotes_a_password() {
        let schemes = ["ws://", "wss://", "http://", "mqtt://", "hunter://", "//", ""];
        let users = ["ann:", ":", "ann@x:", "a/b:", "1:", "host:80/", "ann:80?"];
        let passwords = ["hunter2", "hun/ter2", "hun?ter2", "hun#ter2", "hun@ter2", "hun\\ter2"];
        let hosts = ["host", "host:9001/mqtt?x#y", "", ":9001", "my host", "host:99999", "[::1"];
        let secret = ["hunter", "ter2", "hun"];
        let mut refused = 0;
        for (scheme, user, password, host) in schemes
            .iter()
            .flat_map(|s| users.iter().map(move |u| (s, u)))
            .flat_map(|(s, u)| passwords.iter().map(move |p| (s, u, p)))
            .flat_map(|(s, u, p)| hosts.iter().map(move |h| (s, u, p, h)))
        {
            let text = format!("{scheme}{user}{password}@{host}");
            let said = match TypedAddress::read(&text, false) {
                Ok(typed) => format!("{} {:?}", typed.url, typed.address),
                Err(explanation) => {
                    refused += 1;
                    format!("{explanation}")
                }
            };
            let said = match Address::parse(&text) {
                Ok(address) => format!("{said} {} {address:?}", address.url()),
                Err(explanation) => format!("{said} {explanation}"),
            };
            for part in secret {
                assert!(!said.contains(part), "{text}: {said}");
            }
        }
        assert!(refused > 0);
    }

    #[test]
    fn what_is_stored_of_an_address_has_no_query() {
        let typed = TypedAddress::read("wss://host/mqtt?token=secret#x", false).ok();
        let typed = typed.expect("an address");
        assert_eq!(typed.without_query(), "wss://host/mqtt");
        assert_eq!(typed.address.url(), "wss://host:443/mqtt?token=secret");
        assert!(!format!("{:?}", typed.address).contains("secret"));
    }
}
