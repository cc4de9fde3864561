//! The two kinds of error: the caller's and the peer's. Never mixed.

use std::fmt;

use crate::codec::{
    ConnAck, DecodeError, Disconnect, EncodeError, MAXIMUM_PACKET_SIZE, Properties, ReasonCode,
    Statement, Version,
};
use crate::language::readable;
use crate::session::Violation;

/// Why a connection ended: whose fault, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClosedReason {
    /// We said goodbye.
    Disconnected,
    /// The server refused CONNECT.
    Refused(ConnAck),
    /// The server sent DISCONNECT (5.0).
    ByServer(Disconnect),
    /// The server sent bytes that the protocol forbids.
    Malformed(DecodeError),
    /// The server sent a packet above our own limit. In 5.0 CONNECT announces
    /// it as Maximum Packet Size; 3.1.1 cannot, so there the server is not to
    /// blame.
    PacketTooLarge {
        /// Bytes that we accept.
        maximum: u32,
        /// The version in use.
        version: Version,
        /// Whether it is a message that the server keeps for this session and
        /// sends again on each connection. Then another attempt ends in the
        /// same way.
        is_kept: bool,
    },
    /// The server broke the rules of a flow.
    Violation(Violation),
    /// The server sent a packet that it may not send now.
    Unexpected {
        /// Its name and what was wrong with it, in one sentence.
        what: &'static str,
        /// The normative statement, without brackets, if there is one.
        statement: Option<&'static str>,
    },
    /// The server continues a session of which this client holds nothing.
    /// What follows is [`UnknownSession`](super::UnknownSession)'s to say.
    UnknownSession {
        /// The version in use: 5.0 demands to close, 3.1.1 allows it.
        version: Version,
    },
    /// The connection was made only to discard the server's session (3.1.1).
    /// The next one follows at once.
    SessionDiscarded,
    /// The server answered a CONNECT of 5.0 with the CONNACK of 3.1.1, as
    /// servers do that speak nothing else (3.1.1: [MQTT-3.1.2-2]).
    SpeaksOnlyV311(ConnAck),
    /// No connection, or no CONNACK, came in time.
    ConnectTimeout,
    /// PINGREQ was not answered in time: the connection is dead.
    KeepAliveTimeout,
    /// The AUTH of a re-authentication was not answered in time (5.0, 4.12.1).
    AuthenticationTimeout,
    /// The transport ended; the driver's words.
    TransportLost(String),
}

/// A command that cannot be carried out. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// `connect` while a connection exists or is being made.
    AlreadyConnected,
    /// The command needs a connection.
    NotConnected,
    /// The packet would break a rule of the protocol.
    Invalid(EncodeError),
    /// The protocol does not allow a client to do this, or not now.
    Forbidden {
        /// What is not allowed, in one sentence.
        what: &'static str,
        /// The normative statement, without brackets, if there is one.
        statement: Option<&'static str>,
    },
    /// The server said in CONNACK that it does not support this (5.0).
    NotSupported {
        /// What is not supported, in one sentence.
        what: &'static str,
        /// The normative statement, without brackets, or the section where the
        /// specification gives no number.
        statement: &'static str,
    },
    /// Larger than the server's Maximum Packet Size ([MQTT-3.2.2-15] in 5.0).
    PacketTooLarge {
        /// Bytes the packet would have.
        size: usize,
        /// Bytes the server accepts.
        maximum: u32,
    },
    /// The queue is full, and its policy is to refuse.
    QueueFull {
        /// Its capacity in messages.
        capacity: usize,
    },
    /// All 65,535 packet identifiers are in use.
    NoIdentifierLeft,
    /// The message is not one that waits for this decision: it is under way, or
    /// it has ended.
    NotHeld,
    /// A timed retry with MQTT 5.0, which forbids it ([MQTT-4.4.0-1]).
    RetryForbidden,
    /// The configuration contradicts itself; the sentence says where.
    Config(&'static str),
}

impl ClosedReason {
    /// A packet that may not come now, or not as it came.
    pub(super) fn unexpected(version: Version, what: &'static str, statement: Statement) -> Self {
        ClosedReason::Unexpected { what, statement: statement.in_version(version) }
    }

    /// The normative statement that the server broke, or that demands to close,
    /// without brackets, where there is one.
    pub fn statement(&self) -> Option<&'static str> {
        match self {
            ClosedReason::Malformed(error) => error.rule.statement(error.version),
            ClosedReason::PacketTooLarge { version, .. } => {
                Statement::v5("MQTT-3.1.2-24").in_version(*version)
            }
            // In 3.1.1 there is no Receive Maximum to exceed.
            ClosedReason::Violation(Violation::ReceiveMaximumExceeded) => {
                Statement::v5("MQTT-3.3.4-9").in_version(Version::V5)
            }
            ClosedReason::Unexpected { statement, .. } => *statement,
            ClosedReason::UnknownSession { version } => {
                Statement::v5("MQTT-3.2.2-4").in_version(*version)
            }
            _ => None,
        }
    }

    /// Whether another attempt with the same configuration may go better. A
    /// refused password does not become right, and two clients that take the
    /// session from each other would do so for ever.
    pub fn may_heal(&self) -> bool {
        match self {
            ClosedReason::Disconnected | ClosedReason::UnknownSession { .. } => false,
            ClosedReason::PacketTooLarge { is_kept, .. } => !is_kept,
            ClosedReason::SpeaksOnlyV311(_) => false,
            ClosedReason::Refused(connack) => is_transient(connack.reason),
            ClosedReason::ByServer(disconnect) => is_transient(disconnect.reason),
            _ => true,
        }
    }

    /// What we tell a 5.0 server before closing (4.13); `None` where it is the
    /// server that closes, or the connection is gone.
    pub(super) fn farewell(&self) -> Option<ReasonCode> {
        let reason = match self {
            ClosedReason::Malformed(error) => error.rule.reason(),
            ClosedReason::PacketTooLarge { .. } => ReasonCode::PacketTooLarge,
            ClosedReason::Violation(violation) => violation.reason(),
            ClosedReason::Unexpected { .. } => ReasonCode::ProtocolError,
            ClosedReason::AuthenticationTimeout => ReasonCode::UnspecifiedError,
            // Nothing is wrong with the server, and the will is not to be sent.
            ClosedReason::UnknownSession { .. } | ClosedReason::SessionDiscarded => {
                ReasonCode::Success
            }
            _ => return None,
        };
        Some(if reason.is_disconnect_of_client() { reason } else { ReasonCode::ProtocolError })
    }
}

impl From<EncodeError> for CommandError {
    fn from(error: EncodeError) -> Self {
        CommandError::Invalid(error)
    }
}

impl std::error::Error for CommandError {}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CommandError::AlreadyConnected => f.write_str(
                "There is a connection already, or one is being made: disconnect first.",
            ),
            CommandError::NotConnected => f.write_str("There is no connection: connect first."),
            CommandError::Invalid(error) => error.fmt(f),
            CommandError::Forbidden { what, statement } => cite(f, what, *statement),
            CommandError::NotSupported { what, statement } => cite(f, what, Some(statement)),
            CommandError::PacketTooLarge { size, maximum } => {
                let what =
                    format!("The packet would have {size} bytes; the receiver accepts {maximum}.");
                // The protocol's own limit is no announced one.
                let is_announced = *maximum < MAXIMUM_PACKET_SIZE;
                let statement = Statement::v5("MQTT-3.2.2-15").in_version(Version::V5);
                cite(f, &what, statement.filter(|_| is_announced))
            }
            CommandError::QueueFull { capacity } => write!(
                f,
                "The queue is full: {capacity} messages wait. Let some leave first, or choose the policy that drops the oldest."
            ),
            CommandError::NoIdentifierLeft => f.write_str(
                "All 65,535 packet identifiers are in use: wait until the server answers.",
            ),
            CommandError::NotHeld => {
                f.write_str("This message waits for no decision: it is under way, or it has ended.")
            }
            CommandError::RetryForbidden => {
                let what = "MQTT 5.0 forbids resending a message on a timer; only a new connection resends it.";
                cite(f, what, Statement::v5("MQTT-4.4.0-1").in_version(Version::V5))
            }
            CommandError::Config(sentence) => {
                write!(f, "The configuration does not fit: {sentence}.")
            }
        }
    }
}

impl fmt::Display for ClosedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClosedReason::Disconnected => f.write_str("Disconnected, as requested."),
            ClosedReason::Refused(connack) => {
                f.write_str("The server refused the connection")?;
                with_reason(f, connack.reason, &connack.properties)
            }
            ClosedReason::ByServer(disconnect) => {
                f.write_str("The server ended the connection")?;
                with_reason(f, disconnect.reason, &disconnect.properties)
            }
            ClosedReason::Malformed(error) => {
                write!(f, "The server sent what MQTT forbids: {error}")
            }
            ClosedReason::PacketTooLarge { maximum, is_kept: true, .. } => {
                let what = format!(
                    "The server sent a message of more than {maximum} bytes, which is our own limit, and sends it again on each connection of this session. No further attempt is made: raise the limit, or connect with a clean start."
                );
                cite(f, &what, self.statement())
            }
            ClosedReason::PacketTooLarge { maximum, version: Version::V311, .. } => write!(
                f,
                "The server sent a packet of more than {maximum} bytes, which is our own limit. MQTT 3.1.1 has no way to announce it: raise the limit, or ask for smaller messages."
            ),
            ClosedReason::PacketTooLarge { maximum, version: Version::V5, .. } => {
                let what = format!(
                    "The server sent a packet of more than {maximum} bytes, the Maximum Packet Size of our CONNECT."
                );
                cite(f, &what, self.statement())
            }
            ClosedReason::Violation(Violation::ReceiveMaximumExceeded) => {
                let what = "The server had more messages under way than our Receive Maximum.";
                cite(f, what, self.statement())
            }
            ClosedReason::Violation(Violation::NoRoom) => f.write_str(
                "The server sent a QoS 2 message for which there was no room until PUBREL.",
            ),
            ClosedReason::Violation(Violation::Unexpected {
                packet_type,
                packet_identifier,
                state,
            }) => write!(
                f,
                "The server sent {} for packet identifier {packet_identifier}, which was {state}.",
                packet_type.name()
            ),
            ClosedReason::Unexpected { what, statement } => cite(f, what, *statement),
            ClosedReason::UnknownSession { .. } => {
                let what = "The server goes on with a session of this client identifier, of which this client holds nothing: its own messages could be lost.";
                cite(f, what, self.statement())
            }
            ClosedReason::SessionDiscarded => {
                f.write_str("The server has discarded the old session; a new one follows.")
            }
            ClosedReason::SpeaksOnlyV311(_) => f.write_str(
                "The server answered in the form of MQTT 3.1.1: it does not speak 5.0. Connect with 3.1.1.",
            ),
            ClosedReason::ConnectTimeout => f.write_str(
                "The server did not answer in time. Check the address, and that an MQTT server listens there.",
            ),
            ClosedReason::KeepAliveTimeout => {
                f.write_str("The server did not answer a ping in time: the connection is dead.")
            }
            ClosedReason::AuthenticationTimeout => {
                f.write_str("The server did not answer a re-authentication in time.")
            }
            ClosedReason::TransportLost(why) if why.is_empty() => {
                f.write_str("The connection was lost.")
            }
            ClosedReason::TransportLost(why) => write!(f, "The connection was lost: {why}"),
        }
    }
}

fn cite(f: &mut fmt::Formatter<'_>, what: &str, statement: Option<&str>) -> fmt::Result {
    match statement {
        Some(statement) => write!(f, "{what} [{statement}]"),
        None => f.write_str(what),
    }
}

/// The reason, what to do about it, and the server's own words.
fn with_reason(
    f: &mut fmt::Formatter<'_>,
    reason: ReasonCode,
    properties: &Properties,
) -> fmt::Result {
    let meaning = meaning(reason);
    if meaning.is_empty() {
        write!(f, ": {reason}.")?;
    } else {
        write!(f, ": {meaning} ({reason}).")?;
    }
    if let Some(words) = properties.reason_string() {
        write!(f, " It says: “{}”.", readable(&words, WORDS))?;
    }
    if let Some(reference) = properties.server_reference() {
        write!(f, " It points to: {}.", readable(&reference, WORDS))?;
    }
    Ok(())
}

/// What a reason means for a person who wants to connect; empty where its name
/// says it all.
fn meaning(reason: ReasonCode) -> &'static str {
    match reason {
        ReasonCode::UnsupportedProtocolVersion => {
            "it does not speak this version of MQTT; try the other one"
        }
        ReasonCode::ClientIdentifierNotValid => {
            "it does not accept this client identifier; try another, shorter or of letters and digits only"
        }
        ReasonCode::BadUserNameOrPassword => {
            "user name or password is wrong, or one is needed; check both"
        }
        ReasonCode::NotAuthorized => {
            "this user may not connect; check user name and password, or ask the server's administrator"
        }
        ReasonCode::ServerUnavailable => "MQTT is not available there just now; try again later",
        ReasonCode::ServerBusy => "it is busy; try again later",
        ReasonCode::Banned => "this client is banned; ask the server's administrator",
        ReasonCode::ServerShuttingDown => "it is shutting down; try again later",
        ReasonCode::BadAuthenticationMethod => {
            "it does not support this authentication method; choose another"
        }
        ReasonCode::KeepAliveTimeout => "it heard nothing from us for one and a half keep-alives",
        ReasonCode::SessionTakenOver => {
            "another connection uses the same client identifier; choose a different one"
        }
        ReasonCode::TopicNameInvalid => "it does not accept the topic, perhaps that of the will",
        ReasonCode::PacketTooLarge => "a packet was larger than it accepts",
        ReasonCode::QuotaExceeded => "a quota is used up; ask the server's administrator",
        ReasonCode::RetainNotSupported => {
            "it keeps no retained messages; turn off retain in the will"
        }
        ReasonCode::QoSNotSupported => {
            "it does not support the QoS of the will; choose a lower one"
        }
        ReasonCode::UseAnotherServer => "it wants us to use another server for now",
        ReasonCode::ServerMoved => "it has moved; use the new address from now on",
        ReasonCode::ConnectionRateExceeded => "too many connections in a short time; wait a little",
        _ => "",
    }
}

/// Whether the condition passes by itself.
fn is_transient(reason: ReasonCode) -> bool {
    matches!(
        reason,
        ReasonCode::Success
            | ReasonCode::UnspecifiedError
            | ReasonCode::ImplementationSpecificError
            | ReasonCode::ServerUnavailable
            | ReasonCode::ServerBusy
            | ReasonCode::ServerShuttingDown
            | ReasonCode::KeepAliveTimeout
            | ReasonCode::ReceiveMaximumExceeded
            | ReasonCode::MessageRateTooHigh
            | ReasonCode::QuotaExceeded
            | ReasonCode::ConnectionRateExceeded
            | ReasonCode::MaximumConnectTime
    )
}

/// Characters of the server's own words in a sentence.
const WORDS: usize = 200;
