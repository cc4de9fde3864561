//! The flags, which are those of mosquitto_pub and mosquitto_sub.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use fourstep::client::{Backoff, Config, Login, UnknownSession};
use fourstep::codec::{QoS, Subscription, Version, Will};
use lexopt::{Arg, Error, Parser, ValueExt};

use crate::format::Format;
use crate::session::SessionFile;

type Result<T, E = Error> = std::result::Result<T, E>;

/// What the command line asks for.
pub struct Options {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// With a path it is a WebSocket.
    pub path: Option<String>,
    /// How to connect.
    pub config: Config,
    /// The file of the session.
    pub session: Option<PathBuf>,
    /// Give up after this long.
    pub time_limit: Option<Duration>,
    /// Tell on standard error what happens.
    pub is_verbose: bool,
    /// What to do then.
    pub action: Action,
}

/// What to do with the connection.
#[derive(Clone)]
pub enum Action {
    /// `pub`
    Publish {
        /// Topic name.
        topic: ByteString,
        /// QoS of the publisher's hop.
        qos: QoS,
        /// RETAIN.
        retain: bool,
        /// Where the payload is from.
        source: Source,
    },
    /// `sub`
    Subscribe {
        /// One for each `-t`.
        subscriptions: Vec<Subscription>,
        /// How a message is printed.
        format: Format,
        /// Stop after so many.
        count: Option<u64>,
    },
}

/// Where a payload is from.
#[derive(Clone)]
pub enum Source {
    /// One message.
    Payload(Bytes),
    /// One for each line of standard input.
    Lines,
}

impl Options {
    /// Reads the command line; `None` if it asks for help.
    pub fn parse() -> Result<Option<Options>> {
        let mut flags = Flags::default();
        let mut parser = Parser::from_env();
        while let Some(arg) = parser.next()? {
            let flag = match arg {
                Arg::Value(word) => {
                    flags.read_word(word)?;
                    continue;
                }
                Arg::Long("help") => return Ok(None),
                Arg::Long(name) => format!("--{name}"),
                Arg::Short(letter) => format!("-{letter}"),
            };
            flags.read(&flag, &mut parser)?;
        }
        flags.finish().map(Some)
    }

    /// Opens the session's file, if there is to be one.
    pub fn open_session(&self) -> io::Result<Option<SessionFile>> {
        let Some(path) = &self.session else { return Ok(None) };
        let server = format!("{}:{}", self.host, self.port);
        SessionFile::open(path, &server, &self.config.client_identifier).map(Some)
    }
}

/// The flags as they come, before they are put together.
#[derive(Default)]
struct Flags {
    is_publisher: Option<bool>,
    host: Option<String>,
    port: Option<u16>,
    path: Option<String>,
    topics: Vec<ByteString>,
    qos: QoS,
    retain: bool,
    source: Option<Source>,
    version: Version,
    client_identifier: ByteString,
    keep_session: bool,
    session: Option<PathBuf>,
    session_expiry_interval: Option<u32>,
    keep_alive: Option<u16>,
    user_name: Option<ByteString>,
    password: Option<Bytes>,
    will: Will,
    format: Format,
    count: Option<u64>,
    time_limit: Option<u64>,
    is_verbose: bool,
}

impl Flags {
    fn read(&mut self, flag: &str, parser: &mut Parser) -> Result<()> {
        match flag {
            "-h" | "--host" => self.host = Some(parser.value()?.string()?),
            "-p" | "--port" => self.port = Some(parser.value()?.parse()?),
            "-L" | "--url" => self.read_url(&parser.value()?.string()?)?,
            "--ws" => self.path = Some("/mqtt".to_owned()),
            "-t" | "--topic" => self.topics.push(text(parser)?),
            "-q" | "--qos" => self.qos = qos(parser)?,
            "-V" => self.version = parser.value()?.parse_with(version)?,
            "-i" | "--id" => self.client_identifier = text(parser)?,
            "-c" => self.keep_session = true,
            "--session" => self.session = Some(parser.value()?.into()),
            "-x" => self.session_expiry_interval = Some(parser.value()?.parse()?),
            "-k" | "--keepalive" => {
                self.keep_alive = Some(parser.value()?.parse()?);
            }
            "-u" | "--username" => self.user_name = Some(text(parser)?),
            "-P" | "--pw" => self.password = Some(bytes(parser.value()?)),
            "--will-topic" => self.will.topic = text(parser)?,
            "--will-payload" => self.will.payload = bytes(parser.value()?),
            "--will-qos" => self.will.qos = qos(parser)?,
            "--will-retain" => self.will.retain = true,
            "-d" | "--debug" => self.is_verbose = true,
            "-W" => self.time_limit = Some(parser.value()?.parse()?),
            _ if self.is_publisher == Some(true) => return self.read_pub(flag, parser),
            _ => return self.read_sub(flag, parser),
        }
        Ok(())
    }

    fn read_pub(&mut self, flag: &str, parser: &mut Parser) -> Result<()> {
        let source = match flag {
            "-r" | "--retain" => {
                self.retain = true;
                return Ok(());
            }
            "-m" | "--message" => Source::Payload(bytes(parser.value()?)),
            "-n" | "--null-message" => Source::Payload(Bytes::new()),
            "-l" | "--stdin-line" => Source::Lines,
            "-f" | "--file" => {
                let path = parser.value()?;
                let payload = std::fs::read(&path)
                    .map_err(|error| format!("{}: {error}", path.to_string_lossy()))?;
                Source::Payload(payload.into())
            }
            _ => return Err(Error::UnexpectedOption(flag.to_owned())),
        };
        self.source = Some(source);
        Ok(())
    }

    fn read_sub(&mut self, flag: &str, parser: &mut Parser) -> Result<()> {
        match flag {
            "-v" | "--verbose" => self.format = Format::verbose(),
            "-F" => self.format = Format::new(parser.value()?.string()?),
            "-C" => self.count = Some(parser.value()?.parse()?),
            _ => return Err(Error::UnexpectedOption(flag.to_owned())),
        }
        Ok(())
    }

    fn read_word(&mut self, word: OsString) -> Result<()> {
        self.is_publisher = match (self.is_publisher, word.to_str()) {
            (None, Some("pub")) => Some(true),
            (None, Some("sub")) => Some(false),
            _ => return Err(Arg::Value(word).unexpected()),
        };
        Ok(())
    }

    /// `mqtt://HOST[:PORT]` or `ws://HOST[:PORT][/PATH]`.
    fn read_url(&mut self, url: &str) -> Result<()> {
        let (rest, is_websocket) = match (url.strip_prefix("mqtt://"), url.strip_prefix("ws://")) {
            (Some(rest), _) => (rest, false),
            (_, Some(rest)) => (rest, true),
            _ => return Err(format!("{url} does not begin with mqtt:// or ws://").into()),
        };
        let (authority, path) = match rest.split_once('/') {
            Some((authority, path)) => (authority, format!("/{path}")),
            None => (rest, "/".to_owned()),
        };
        // A colon within brackets belongs to an IPv6 address.
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        self.host = Some(host.trim_matches(['[', ']']).to_owned());
        if let Some(port) = port {
            self.port = Some(port.parse().map_err(|_| format!("{port} is no port"))?);
        }
        self.path = is_websocket.then_some(path);
        Ok(())
    }

    fn finish(mut self) -> Result<Options> {
        let action = self.action()?;
        let config = self.config()?;
        let default_port = if self.path.is_some() { 80 } else { 1883 };
        Ok(Options {
            host: self.host.unwrap_or_else(|| "localhost".to_owned()),
            port: self.port.unwrap_or(default_port),
            path: self.path,
            config,
            session: self.session,
            time_limit: self.time_limit.map(Duration::from_secs),
            is_verbose: self.is_verbose,
            action,
        })
    }

    fn action(&mut self) -> Result<Action> {
        let topics = std::mem::take(&mut self.topics);
        match (self.is_publisher, topics.as_slice()) {
            (None, _) => Err("pub or sub is missing".into()),
            (Some(_), []) => Err("-t is missing".into()),
            (Some(true), [topic]) => Ok(Action::Publish {
                topic: topic.clone(),
                qos: self.qos,
                retain: self.retain,
                source: self.source.take().ok_or("-m, -n, -l or -f is missing")?,
            }),
            (Some(true), _) => Err("pub takes one topic".into()),
            (Some(false), _) => Ok(Action::Subscribe {
                subscriptions: topics
                    .into_iter()
                    .map(|filter| Subscription { filter, qos: self.qos, ..Subscription::default() })
                    .collect(),
                format: std::mem::take(&mut self.format),
                count: self.count,
            }),
        }
    }

    fn config(&mut self) -> Result<Config> {
        let mut config = Config::new(self.version, self.client_identifier.clone());
        self.keep_session |= self.session.is_some();
        if self.session.is_some() && self.client_identifier.is_empty() {
            return Err("--session needs -i: a session belongs to a client identifier".into());
        }
        config.limits.durable = self.session.is_some();
        config.clean_start = !self.keep_session;
        // Without a file of our own the server's session does for someone who only receives.
        if self.session.is_none() && self.is_publisher == Some(false) {
            config.unknown_session = UnknownSession::Adopt;
        }
        // As with mosquitto, -c alone asks for a session without end.
        let unlimited = if self.keep_session { u32::MAX } else { 0 };
        config.session_expiry_interval = self.session_expiry_interval.unwrap_or(unlimited);
        config.keep_alive = self.keep_alive.unwrap_or(config.keep_alive);
        config.login = match (self.user_name.take(), self.password.take()) {
            (None, None) => None,
            (None, Some(_)) if self.version == Version::V311 => {
                return Err("-P needs -u, unless MQTT 5.0 is spoken (-V 5)".into());
            }
            (user_name, password) => Some(Login { user_name, password }),
        };
        let will = std::mem::take(&mut self.will);
        config.will = match will {
            will if !will.topic.is_empty() => Some(will),
            will if will == Will::default() => None,
            _ => return Err("--will-topic is missing".into()),
        };
        // A publisher whose connection is lost says so instead.
        config.reconnect =
            (self.is_publisher == Some(false)).then(|| Backoff::new(std::process::id().into()));
        config.validate().map_err(|error| error.to_string())?;
        Ok(config)
    }
}

fn text(parser: &mut Parser) -> Result<ByteString> {
    Ok(parser.value()?.string()?.into())
}

fn bytes(value: OsString) -> Bytes {
    value.into_encoded_bytes().into()
}

fn qos(parser: &mut Parser) -> Result<QoS> {
    let number: u8 = parser.value()?.parse()?;
    QoS::from_bits(number).ok_or_else(|| format!("{number} is no QoS").into())
}

fn version(text: &str) -> Result<Version, String> {
    match text {
        "311" | "mqttv311" => Ok(Version::V311),
        "5" | "mqttv5" => Ok(Version::V5),
        _ => Err(format!("{text} is neither 311 nor 5")),
    }
}
