//! The properties of MQTT 5.0 (section 2.2.2), from one table.

mod list;
mod place;
mod value;
mod wire;

use bytes::Bytes;
use bytestring::ByteString;

use super::reader::Reader;
use super::writer::Writer;
use super::{DecodeError, Rule};
use value::Value;

pub use list::{Iter, Properties};
pub(super) use place::Place;

/// Defines [`Property`], [`PropertyId`] and the accessors of [`Properties`]
/// from the one table below: a property's type says how the wire has it.
macro_rules! properties {
    ($($name:ident = $id:literal, $accessor:ident: $ty:ty, $text:literal, [$($place:ident)*];)*) => {
        /// One property with its value.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Property {
            $(#[doc = $text] $name($ty),)*
            /// User Property: a name and a value, the only one besides
            /// Subscription Identifier that may appear more than once.
            UserProperty(ByteString, ByteString),
            /// Subscription Identifier, 1 to 268,435,455.
            SubscriptionIdentifier(u32),
        }

        /// The identifier of a property (table 2-4).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum PropertyId {
            $(#[doc = $text] $name = $id,)*
            /// User Property.
            UserProperty = 0x26,
            /// Subscription Identifier.
            SubscriptionIdentifier = 0x0B,
        }

        impl PropertyId {
            /// Every property identifier.
            pub const ALL: &'static [PropertyId] = &[
                $(PropertyId::$name,)*
                PropertyId::UserProperty,
                PropertyId::SubscriptionIdentifier,
            ];

            /// The property identifier with this number, if there is one.
            pub const fn from_number(number: u8) -> Option<PropertyId> {
                match number {
                    $($id => Some(PropertyId::$name),)*
                    0x26 => Some(PropertyId::UserProperty),
                    0x0B => Some(PropertyId::SubscriptionIdentifier),
                    _ => None,
                }
            }

            /// The name as the specification prints it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(PropertyId::$name => $text,)*
                    PropertyId::UserProperty => "User Property",
                    PropertyId::SubscriptionIdentifier => "Subscription Identifier",
                }
            }
        }

        impl PropertyId {
            /// Whether this property may appear there (table 2-4).
            fn is_allowed_in(self, place: Place) -> bool {
                match self {
                    $(PropertyId::$name => matches!(place, $(Place::$place)|*),)*
                    PropertyId::UserProperty => true,
                    PropertyId::SubscriptionIdentifier => {
                        matches!(place, Place::Publish | Place::Subscribe)
                    }
                }
            }

            /// How many bytes the value at the start of `bytes` takes, which
            /// is known to be whole.
            fn skip(self, bytes: &[u8]) -> usize {
                match self {
                    $(PropertyId::$name => <$ty as Value>::skip(bytes),)*
                    PropertyId::UserProperty => {
                        let name = ByteString::skip(bytes);
                        name + ByteString::skip(bytes.get(name..).unwrap_or_default())
                    }
                    PropertyId::SubscriptionIdentifier => {
                        1 + bytes.iter().take_while(|byte| **byte >= 0x80).count()
                    }
                }
            }

            /// Reads the value of this property.
            fn read(self, reader: &mut Reader<'_>) -> Result<Property, DecodeError> {
                match self {
                    $(PropertyId::$name => Value::read(reader).map(Property::$name),)*
                    PropertyId::UserProperty => {
                        let name = reader.string("Name")?;
                        Ok(Property::UserProperty(name, reader.string("Value")?))
                    }
                    PropertyId::SubscriptionIdentifier => {
                        let value = reader.variable_byte_integer("Value")?;
                        Ok(Property::SubscriptionIdentifier(value))
                    }
                }
            }
        }

        impl Property {
            /// Writes the value of this property.
            fn write(&self, writer: &mut Writer<'_>) -> Result<(), Rule> {
                match self {
                    $(Property::$name(value) => value.write(writer),)*
                    Property::UserProperty(name, value) => {
                        writer.string(name)?;
                        writer.string(value)
                    }
                    Property::SubscriptionIdentifier(value) => {
                        writer.variable_byte_integer(*value)
                    }
                }
            }

            /// Which property this is.
            pub const fn id(&self) -> PropertyId {
                match self {
                    $(Property::$name(_) => PropertyId::$name,)*
                    Property::UserProperty(..) => PropertyId::UserProperty,
                    Property::SubscriptionIdentifier(_) => PropertyId::SubscriptionIdentifier,
                }
            }
        }

        impl Properties {
            $(
                #[doc = concat!($text, ", if present.")]
                pub fn $accessor(&self) -> Option<$ty> {
                    match self.first(PropertyId::$name)? {
                        Property::$name(value) => Some(value),
                        _ => None,
                    }
                }
            )*
        }
    };
}

properties! {
    PayloadFormatIndicator = 0x01, payload_format_indicator: u8, "Payload Format Indicator", [Publish Will];
    MessageExpiryInterval = 0x02, message_expiry_interval: u32, "Message Expiry Interval", [Publish Will];
    ContentType = 0x03, content_type: ByteString, "Content Type", [Publish Will];
    ResponseTopic = 0x08, response_topic: ByteString, "Response Topic", [Publish Will];
    CorrelationData = 0x09, correlation_data: Bytes, "Correlation Data", [Publish Will];
    SessionExpiryInterval = 0x11, session_expiry_interval: u32, "Session Expiry Interval", [Connect ConnAck Disconnect];
    AssignedClientIdentifier = 0x12, assigned_client_identifier: ByteString, "Assigned Client Identifier", [ConnAck];
    ServerKeepAlive = 0x13, server_keep_alive: u16, "Server Keep Alive", [ConnAck];
    AuthenticationMethod = 0x15, authentication_method: ByteString, "Authentication Method", [Connect ConnAck Auth];
    AuthenticationData = 0x16, authentication_data: Bytes, "Authentication Data", [Connect ConnAck Auth];
    RequestProblemInformation = 0x17, request_problem_information: bool, "Request Problem Information", [Connect];
    WillDelayInterval = 0x18, will_delay_interval: u32, "Will Delay Interval", [Will];
    RequestResponseInformation = 0x19, request_response_information: bool, "Request Response Information", [Connect];
    ResponseInformation = 0x1A, response_information: ByteString, "Response Information", [ConnAck];
    ServerReference = 0x1C, server_reference: ByteString, "Server Reference", [ConnAck Disconnect];
    ReasonString = 0x1F, reason_string: ByteString, "Reason String", [ConnAck PubAck PubRec PubRel PubComp SubAck UnsubAck Disconnect Auth];
    ReceiveMaximum = 0x21, receive_maximum: u16, "Receive Maximum", [Connect ConnAck];
    TopicAliasMaximum = 0x22, topic_alias_maximum: u16, "Topic Alias Maximum", [Connect ConnAck];
    TopicAlias = 0x23, topic_alias: u16, "Topic Alias", [Publish];
    MaximumQoS = 0x24, maximum_qos: u8, "Maximum QoS", [ConnAck];
    RetainAvailable = 0x25, retain_available: bool, "Retain Available", [ConnAck];
    MaximumPacketSize = 0x27, maximum_packet_size: u32, "Maximum Packet Size", [Connect ConnAck];
    WildcardSubscriptionAvailable = 0x28, wildcard_subscription_available: bool, "Wildcard Subscription Available", [ConnAck];
    SubscriptionIdentifierAvailable = 0x29, subscription_identifier_available: bool, "Subscription Identifier Available", [ConnAck];
    SharedSubscriptionAvailable = 0x2A, shared_subscription_available: bool, "Shared Subscription Available", [ConnAck];
}
