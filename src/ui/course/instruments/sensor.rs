//! The sensor: played in the lab, and as a program to copy.

use leptos::prelude::*;

use super::fields::{number, one_of};
use crate::codec::QoS;
use crate::course::script::{READY, SUBSCRIBER, Script};
use crate::course::sensor::Sensor;
use crate::course::snippet::Library;
use crate::sim::Scenario;
use crate::ui::clipboard;
use crate::ui::course::study::{Play, Study};
use crate::ui::dynamic::{part, text};
use crate::ui::language::t;

/// What the learner chooses. A handle: copies are the same.
#[derive(Clone, Copy)]
pub(in crate::ui::course) struct Choice {
    /// By its number.
    qos: RwSignal<usize>,
    count: RwSignal<u32>,
    url: RwSignal<String>,
    /// By its place in [`Library::ALL`].
    library: RwSignal<usize>,
}

impl Default for Choice {
    fn default() -> Self {
        let Sensor { count, url, .. } = Sensor::default();
        Choice {
            qos: RwSignal::new(0),
            count: RwSignal::new(count),
            url: RwSignal::new(url.to_string()),
            library: RwSignal::new(0),
        }
    }
}

pub(super) fn view(study: Study, choice: Choice) -> AnyView {
    let Choice { qos, count, url, library } = choice;
    let sensor = Memo::new(move |_| Sensor {
        version: study.version.get(),
        qos: QoS::ALL[qos.get()],
        count: count.get(),
        url: url.get().into(),
        ..Sensor::default()
    });
    let program = Memo::new(move |_| {
        let library = Library::ALL[library.get()];
        sensor.with(|sensor| library.snippet(sensor)).map_err(|error| error.to_string())
    });
    let copied = RwSignal::new(false);
    Effect::new(move || {
        program.track();
        copied.set(false);
    });
    let copy = move |_| {
        if let Ok(program) = program.get_untracked() {
            clipboard::copy(program, move || copied.set(true));
        }
    };
    let play = move |_| study.play_this(Play::Instrument, scenario(&sensor.get_untracked()));
    let levels = QoS::ALL.map(|qos| format!("QoS {qos}")).into();
    let libraries = Library::ALL.map(|library| library.name().to_owned()).into();
    let code = part(move || {
        match program.get() {
        Ok(program) => view! {
            <pre class="code" tabindex="0" role="region" aria-label=t!(course.sensor_program)><code>{program}</code></pre>
        }
        .into_any(),
        Err(error) => view! { <p class="notice notice--bad" role="alert">{error}</p> }.into_any(),
    }
    });
    view! {
        <p class="instrument__about">{t!(course.sensor_about)}</p>
        <div class="sensor__fields">
            {one_of(t!(course.sensor_level), levels, qos.into(), move |level| qos.set(level))}
            {number(t!(course.sensor_count), count, (1, 1_000), || {})}
            <label class="field">
                <span class="field__label">{t!(course.sensor_url)}</span>
                <input
                    class="input input--mono"
                    type="text"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    prop:value=text(move || url.get())
                    on:input=move |event| url.set(event_target_value(&event))
                />
            </label>
        </div>
        <div class="buttons">
            <button class="button" type="button" on:click=play>{t!(course.sensor_play)}</button>
        </div>
        <div class="sensor__code">
            <div class="sensor__head">
                {one_of(t!(course.sensor_library), libraries, library.into(), move |it| library.set(it))}
                <button class="button button--small" type="button" on:click=copy>
                    {text(move || match copied.get() {
                        true => t!(course.sensor_copied),
                        false => t!(course.sensor_copy),
                    }.to_owned())}
                </button>
            </div>
            {code}
        </div>
    }
    .into_any()
}

/// The sensor and a subscriber, at QoS 2, in the lab.
fn scenario(sensor: &Sensor) -> Scenario {
    let mut client = sensor.client();
    client.link.latency = crate::sim::setups::LATENCY;
    let mut scenario = Script::new(sensor.version)
        .client(SUBSCRIBER)
        .connect(SUBSCRIBER)
        .subscribe(SUBSCRIBER, sensor.topic.clone(), QoS::ExactlyOnce)
        .finish();
    scenario.clients.push(client);
    let at = |millis, command| crate::sim::Step {
        at: crate::time::Instant::from_millis(millis),
        command,
    };
    scenario.steps.push(at(0, crate::sim::Command::Connect(1)));
    scenario.steps.push(at(READY, crate::sim::Command::Publish(1, sensor.publication())));
    scenario
}
