//! What most connections do without: the will, and the limits.

use leptos::prelude::*;

use super::form::Field;
use super::form_state::FormState;
use crate::ui::controls::{CheckBox, Choice, QOS_OPTIONS, TextArea, TextField};
use crate::ui::dynamic::{flag, part, text};
use crate::ui::language::t;
use crate::ui::memory::opened;

/// The will: a fieldset of its own, in a disclosure.
#[component]
pub(super) fn LastWill(state: FormState) -> impl IntoView {
    let is_on = state.is_on(Field::WillOn);
    let fields = move || {
        view! {
            <TextField
                id=Field::WillTopic.name()
                label=t!(client.will_topic)
                mono=true
                value=state.text(Field::WillTopic)
                on_input=state.set(Field::WillTopic)
                fault=state.fault(Field::WillTopic)
            />
            <TextArea
                id=Field::WillPayload.name()
                label=t!(client.will_payload)
                rows=2
                value=state.text(Field::WillPayload)
                on_input=state.set(Field::WillPayload)
                fault=state.fault(Field::WillPayload)
            />
            <Choice
                name="will-qos"
                legend=t!(client.will_qos)
                options=QOS_OPTIONS
                value=state.text(Field::WillQos)
                on_change=state.set(Field::WillQos)
            />
            <CheckBox
                label=t!(client.will_retain)
                checked=state.is_on(Field::WillRetain)
                on_change=state.set_on(Field::WillRetain)
            />
        }
    };
    view! {
        <details class="more" open=flag(move || is_on.get())>
            <summary>{t!(client.will)}</summary>
            <div class="more__body">
                <p class="field__hint">
                    {t!(client.will_in_words)}
                </p>
                <CheckBox
                    label=t!(client.leave_a_will)
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
    let body = view! {
            <div class="more__body">
                <CheckBox
                    label=t!(client.reconnect)
                    checked=state.is_on(Field::Reconnect)
                    on_change=state.set_on(Field::Reconnect)
                />
                <CheckBox
                    label=t!(client.resume_on_load)
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
                    label=t!(client.send_quota)
                    kind="number"
                    hint=t!(client.send_quota_in_words)
                    value=state.text(Field::SendQuota)
                    on_input=state.set(Field::SendQuota)
                    fault=state.fault(Field::SendQuota)
                    disabled=is_v5
                />
                <TextField
                    id=Field::RetryInterval.name()
                    label=t!(client.retry_after)
                    kind="number"
                    placeholder=t!(client.no_retry)
                    value=state.text(Field::RetryInterval)
                    on_input=state.set(Field::RetryInterval)
                    fault=state.fault(Field::RetryInterval)
                    disabled=is_v5
                />
                <p class="field__hint">
                    {text(move || if is_v5.get() { t!(client.no_retry_in_5) } else { t!(client.retry_in_3) }.to_owned())}
                </p>
            </div>
    };
    opened("advanced", t!(client.advanced), body)
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
                    label=t!(client.use_aliases)
                    checked=state.is_on(Field::UseTopicAliases)
                    on_change=state.set_on(Field::UseTopicAliases)
                />
            }
        })
    }
}
