//! What most connections do without: the will, and the limits.

use leptos::prelude::*;

use super::connect::FormState;
use super::form::Field;
use crate::ui::controls::{CheckBox, Choice, QOS_OPTIONS, TextArea, TextField};
use crate::ui::dynamic::{flag, part, text};

/// The will: a fieldset of its own, in a disclosure.
#[component]
pub(super) fn LastWill(state: FormState) -> impl IntoView {
    let is_on = state.is_on(Field::WillOn);
    let fields = move || {
        view! {
            <TextField
                id=Field::WillTopic.name()
                label="Will topic"
                mono=true
                value=state.text(Field::WillTopic)
                on_input=state.set(Field::WillTopic)
                fault=state.fault(Field::WillTopic)
            />
            <TextArea
                id=Field::WillPayload.name()
                label="Will payload"
                rows=2
                value=state.text(Field::WillPayload)
                on_input=state.set(Field::WillPayload)
                fault=state.fault(Field::WillPayload)
            />
            <Choice
                name="will-qos"
                legend="Will QoS"
                options=QOS_OPTIONS
                value=state.text(Field::WillQos)
                on_change=state.set(Field::WillQos)
            />
            <CheckBox
                label="Will retain"
                checked=state.is_on(Field::WillRetain)
                on_change=state.set_on(Field::WillRetain)
            />
        }
    };
    view! {
        <details class="more" open=flag(move || is_on.get())>
            <summary>"Will"</summary>
            <div class="more__body">
                <p class="field__hint">
                    "The broker publishes it if this connection ends without a DISCONNECT [MQTT-3.1.2-8]."
                </p>
                <CheckBox
                    label="Leave a will"
                    checked=is_on
                    on_change=state.set_on(Field::WillOn)
                />
                {part(move || is_on.get().then(fields))}
            </div>
        </details>
    }
}

/// Limits, aliases, retry and reconnecting.
#[component]
pub(super) fn Advanced(state: FormState) -> impl IntoView {
    let is_v5 = state.is_v5();
    view! {
        <details class="more">
            <summary>"Advanced"</summary>
            <div class="more__body">
                <CheckBox
                    label="Reconnect after a lost connection"
                    checked=state.is_on(Field::Reconnect)
                    on_change=state.set_on(Field::Reconnect)
                />
                <CheckBox
                    label="Resume the stored session when the page opens"
                    checked=state.is_on(Field::ResumeOnLoad)
                    on_change=state.set_on(Field::ResumeOnLoad)
                />
                <div class="pair">
                    <TextField
                        id=Field::ReceiveMaximum.name()
                        label="Receive Maximum"
                        kind="number"
                        value=state.text(Field::ReceiveMaximum)
                        on_input=state.set(Field::ReceiveMaximum)
                        fault=state.fault(Field::ReceiveMaximum)
                    />
                    <TextField
                        id=Field::MaximumPacketSize.name()
                        label="Maximum Packet Size"
                        kind="number"
                        value=state.text(Field::MaximumPacketSize)
                        on_input=state.set(Field::MaximumPacketSize)
                        fault=state.fault(Field::MaximumPacketSize)
                    />
                </div>
                <Aliases state/>
                <TextField
                    id=Field::SendQuota.name()
                    label="Messages in flight at most"
                    kind="number"
                    hint="A 5.0 broker announces what it takes (Receive Maximum). A 3.1.1 broker cannot; mosquitto takes 20 and closes the connection at one more."
                    value=state.text(Field::SendQuota)
                    on_input=state.set(Field::SendQuota)
                    fault=state.fault(Field::SendQuota)
                    disabled=is_v5
                />
                <TextField
                    id=Field::RetryInterval.name()
                    label="Retry after, seconds"
                    kind="number"
                    placeholder="no retry"
                    value=state.text(Field::RetryInterval)
                    on_input=state.set(Field::RetryInterval)
                    fault=state.fault(Field::RetryInterval)
                    disabled=is_v5
                />
                <p class="field__hint">
                    {text(move || if is_v5.get() { NO_RETRY } else { RETRY }.to_owned())}
                </p>
            </div>
        </details>
    }
}

#[component]
fn Aliases(state: FormState) -> impl IntoView {
    let is_v5 = state.is_v5();
    move || {
        is_v5.get().then(|| {
            view! {
                <TextField
                    id=Field::TopicAliasMaximum.name()
                    label="Topic Alias Maximum"
                    kind="number"
                    value=state.text(Field::TopicAliasMaximum)
                    on_input=state.set(Field::TopicAliasMaximum)
                    fault=state.fault(Field::TopicAliasMaximum)
                />
                <CheckBox
                    label="Use topic aliases as far as the broker allows"
                    checked=state.is_on(Field::UseTopicAliases)
                    on_change=state.set_on(Field::UseTopicAliases)
                />
            }
        })
    }
}

const NO_RETRY: &str = "MQTT 5.0 forbids repeating a packet while the connection lasts; only a reconnect repeats it [MQTT-4.4.0-1].";

const RETRY: &str =
    "Empty: repeat only after a reconnect. MQTT 3.1.1 allows a timer and does not ask for one.";
