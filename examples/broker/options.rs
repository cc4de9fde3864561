//! The flags.

use std::net::IpAddr;

use bytes::Bytes;
use bytestring::ByteString;
use fourstep::broker::{Config, Limits};
use fourstep::codec::{QoS, topic};
use lexopt::{Arg, Error, Parser, ValueExt};

use crate::authentication::random;
use crate::sockets::Origins;

type Result<T, E = Error> = std::result::Result<T, E>;

/// What the command line asks for.
pub struct Options {
    /// Addresses for MQTT on TCP.
    pub tcp: Vec<String>,
    /// Addresses for MQTT on WebSocket.
    pub websocket: Vec<String>,
    /// Origins whose pages may connect to a WebSocket; `any` for all.
    pub origins: Vec<String>,
    /// The broker's own.
    pub config: Config,
    /// Tell on standard error what happens.
    pub is_verbose: bool,
}

impl Options {
    /// Reads the command line; `None` if it asks for help.
    pub fn parse() -> Result<Option<Options>> {
        let mut options = Options {
            tcp: Vec::new(),
            websocket: Vec::new(),
            origins: Vec::new(),
            // Clients cannot guess which topics have the same hash.
            config: Config {
                seed: random(),
                // Nor the identifier of another.
                identifier_seed: u128::from(random()) << 64 | u128::from(random()),
                limits: Limits { session_expiry_maximum: WEEK, ..Limits::default() },
                ..Config::default()
            },
            is_verbose: false,
        };
        let mut parser = Parser::from_env();
        while let Some(arg) = parser.next()? {
            let flag = match arg {
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                Arg::Long(name) => name.to_owned(),
                Arg::Short('v') => "verbose".to_owned(),
                other => return Err(other.unexpected()),
            };
            options.read(&flag, &mut parser)?;
        }
        if options.tcp.is_empty() && options.websocket.is_empty() {
            options.tcp.push("127.0.0.1:1883".to_owned());
        }
        Ok(Some(options))
    }

    /// Whose pages may connect to a WebSocket that listens here. Unless said
    /// otherwise any on a loopback address, where one tries things out.
    pub fn origins(&self, listens: IpAddr) -> Origins {
        let is_any = self.origins.iter().any(|origin| origin == "any");
        match self.origins.is_empty() {
            _ if is_any => Origins::Any,
            true if listens.is_loopback() => Origins::Any,
            _ => Origins::Only(self.origins.clone()),
        }
    }

    fn read(&mut self, flag: &str, parser: &mut Parser) -> Result<()> {
        let Config { limits, access, authentication_methods, .. } = &mut self.config;
        match flag {
            "tcp" => self.tcp.push(parser.value()?.string()?),
            "websocket" => self.websocket.push(parser.value()?.string()?),
            "origin" => self.origins.push(origin(parser)?),
            "receive-maximum" => limits.receive_maximum = positive(parser)?,
            "topic-alias-maximum" => limits.topic_alias_maximum = parser.value()?.parse()?,
            "maximum-packet-size" => limits.maximum_packet_size = Some(positive(parser)?),
            "maximum-qos" => limits.maximum_qos = qos(parser)?,
            "retain-available" => limits.retain_available = parser.value()?.parse()?,
            "max-connections" => limits.max_connections = parser.value()?.parse()?,
            "server-keep-alive" => limits.server_keep_alive = Some(parser.value()?.parse()?),
            "in-flight" => limits.in_flight = positive(parser)?,
            "client-id-length" => limits.client_identifier_length = parser.value()?.parse()?,
            "session-expiry-maximum" => {
                limits.session_expiry_maximum = parser.value()?.parse()?;
            }
            "assigned-session-expiry-maximum" => {
                limits.assigned_session_expiry_maximum = parser.value()?.parse()?;
            }
            "allow-anonymous" => access.allow_anonymous = parser.value()?.parse()?,
            "allow-zero-length-client-id" => {
                access.allow_zero_length_client_identifier = parser.value()?.parse()?;
            }
            "user" => access.users.push(user(parser)?),
            "deny-subscribe" => access.deny_subscribe.push(filter(parser)?),
            "deny-publish" => access.deny_publish.push(filter(parser)?),
            "auth-method" => authentication_methods.push(parser.value()?.string()?.into()),
            "verbose" => self.is_verbose = true,
            _ => return Err(Error::UnexpectedOption(format!("--{flag}"))),
        }
        Ok(())
    }
}

/// A number that the protocol does not allow to be 0.
fn positive<T: TryFrom<u32>>(parser: &mut Parser) -> Result<T> {
    let number: u32 = parser.value()?.parse()?;
    match T::try_from(number) {
        Ok(fitting) if number > 0 => Ok(fitting),
        _ => Err(format!("{number} is not within the protocol's range").into()),
    }
}

/// Scheme, host and port, as a browser names it: it never ends with a slash.
fn origin(parser: &mut Parser) -> Result<String> {
    let origin = parser.value()?.string()?;
    let is_one = |(scheme, host): (&str, &str)| !scheme.is_empty() && !host.contains('/');
    match origin.split_once("://").is_some_and(is_one) || origin == "any" {
        true => Ok(origin),
        false => Err(format!("{origin} is no origin such as https://example.org, nor any").into()),
    }
}

fn qos(parser: &mut Parser) -> Result<QoS> {
    let number: u8 = parser.value()?.parse()?;
    QoS::from_bits(number).ok_or_else(|| format!("{number} is no QoS").into())
}

fn user(parser: &mut Parser) -> Result<(ByteString, Bytes)> {
    let user = parser.value()?.string()?;
    let (name, password) = user.split_once(':').ok_or("--user needs NAME:PASSWORD")?;
    Ok((name.into(), Bytes::copy_from_slice(password.as_bytes())))
}

fn filter(parser: &mut Parser) -> Result<ByteString> {
    let filter = parser.value()?.string()?;
    match topic::validate_filter(&filter) {
        Ok(()) => Ok(filter.into()),
        Err(rule) => Err(format!("{filter}: {}", rule.sentence()).into()),
    }
}

/// In seconds.
const WEEK: u32 = 7 * 24 * 60 * 60;
