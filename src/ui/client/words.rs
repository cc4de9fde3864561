//! Values of the protocol as a person reads them.

use crate::codec::Property;
use crate::trace::{preview, readable};
use crate::ui::language::say;
use crate::view::inspector::MASK;

/// A property's value.
pub(super) fn value_in_words(property: &Property) -> String {
    use Property::*;
    match property {
        ContentType(text)
        | ResponseTopic(text)
        | AssignedClientIdentifier(text)
        | AuthenticationMethod(text)
        | ResponseInformation(text)
        | ServerReference(text)
        | ReasonString(text) => readable(text, LENGTH),
        CorrelationData(bytes) => preview(bytes, LENGTH),
        // It is for the two ends alone.
        AuthenticationData(_) => MASK.to_owned(),
        UserProperty(name, value) => {
            format!("{} = {}", readable(name, LENGTH), readable(value, LENGTH))
        }
        RequestProblemInformation(is)
        | RequestResponseInformation(is)
        | RetainAvailable(is)
        | WildcardSubscriptionAvailable(is)
        | SubscriptionIdentifierAvailable(is)
        | SharedSubscriptionAvailable(is) => say(if *is { "yes" } else { "no" }),
        PayloadFormatIndicator(number) | MaximumQoS(number) => number.to_string(),
        ServerKeepAlive(number)
        | ReceiveMaximum(number)
        | TopicAliasMaximum(number)
        | TopicAlias(number) => number.to_string(),
        MessageExpiryInterval(number)
        | SessionExpiryInterval(number)
        | WillDelayInterval(number)
        | MaximumPacketSize(number)
        | SubscriptionIdentifier(number) => number.to_string(),
    }
}

/// Characters.
const LENGTH: usize = 80;
