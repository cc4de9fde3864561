//! What every view shares: the driver, one [`Frame`] a change, and the
//! commands that views may send.

use bytestring::ByteString;
use leptos::prelude::*;

use super::form::{Field, Form, Settled};
use super::outcome::{Line, Outcomes};
use super::remembered;
use crate::client::{self, CommandError, Config, Status, UnknownSession};
use crate::codec::{Properties, Publish, Subscription, Version};
use crate::course::sensor::Sensor;
use crate::session::Token;
use crate::ui::language::t;
use crate::ui::live;
use crate::ui::source::{News, TraceSource};
use crate::view::table::{self, SubscriptionRow};
use crate::web::explain::{Explanation, Remedy};
use crate::web::{
    Driver, Level, Options, StorageState, StoredSession, View, page_is_secure, stored_sessions,
};

/// What a view may ask for.
pub(super) enum Command {
    /// Connect here, like this.
    Connect { url: String, config: Box<Config> },
    /// Say goodbye, or stop trying.
    Disconnect,
    /// Do not wait for the backoff.
    ReconnectNow,
    /// Publish this `count` times.
    Publish { message: Box<Publish>, count: usize },
    /// Ask for a subscription.
    Subscribe { subscription: Subscription, properties: Properties },
    /// Send a message again that is held.
    SendHeld(Token),
    /// Give up a message that is held.
    GiveUp(Token),
    /// End a subscription.
    Unsubscribe(ByteString),
}

/// Where a refused command is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Connect,
    Publish,
    Subscribe,
}

/// What views know of the engine: plain and comparable. The lists behind the
/// counts are read with [`Lab::read`].
#[derive(Clone, Default, PartialEq)]
pub(super) struct Frame {
    /// Rises with each driver, whose records count from zero again.
    pub generation: u32,
    pub client: client::Snapshot,
    pub url: String,
    pub version: Version,
    pub storage: StorageState,
    pub trouble: Option<Explanation>,
    /// In the order of the client's subscriptions.
    pub subscriptions: Vec<SubscriptionRow>,
    /// Bytes that wait to leave.
    pub buffered: usize,
    pub records_dropped: u64,
    pub records_next: u64,
    pub inbox_dropped: u64,
    pub inbox_total: u64,
    pub finished_total: u64,
    /// The latest outcomes of our messages, newest first.
    pub outcomes: Vec<Line>,
    /// The latest notices, oldest first.
    pub notices: Vec<(Level, String)>,
}

/// The page's model. A handle: copies are the same lab.
#[derive(Clone, Copy)]
pub(super) struct Lab {
    frame: RwSignal<Frame>,
    /// The connect form, remembered between visits.
    pub form: RwSignal<Form>,
    /// What was last changed about the form's address.
    pub settled: RwSignal<Settled>,
    /// The record whose bytes the inspector shows.
    pub selected: RwSignal<Option<u64>>,
    opening: RwSignal<bool>,
    refusal: RwSignal<Option<(Place, String)>>,
    stored: RwSignal<Vec<StoredSession>>,
    engine: StoredValue<Engine, LocalStorage>,
}

/// The driver and what it was made from.
#[derive(Default)]
struct Engine {
    driver: Option<Driver>,
    made_from: Option<(String, Config)>,
    generation: u32,
    outcomes: Outcomes,
}

impl Lab {
    /// A lab at rest, offered to all views below.
    pub fn provide() -> Lab {
        let lab = Lab {
            frame: RwSignal::new(Frame::default()),
            form: RwSignal::new(remembered::load_form()),
            settled: RwSignal::new(Settled::default()),
            selected: RwSignal::new(None),
            opening: RwSignal::new(false),
            refusal: RwSignal::new(None),
            stored: RwSignal::new(Vec::new()),
            engine: StoredValue::new_local(Engine::default()),
        };
        provide_context(lab);
        lab
    }

    /// The lab of the page.
    pub fn expect() -> Lab {
        expect_context()
    }

    /// A slice of the frame that changes only when its value does.
    pub fn slice<T>(self, read: impl Fn(&Frame) -> T + Send + Sync + 'static) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| self.frame.with(&read))
    }

    /// Lends the driver's lists. `None` before the first connection.
    pub fn read<R>(self, read: impl FnOnce(View<'_>) -> R) -> Option<R> {
        let driver = self.engine.with_value(|engine| engine.driver.clone())?;
        Some(driver.with(read))
    }

    /// Whether a connection exists, is being made, or is waited for.
    pub fn is_wanted(self) -> Memo<bool> {
        let status = self.slice(|frame| frame.client.status);
        Memo::new(move |_| self.opening.get() || status.get() != Status::Disconnected)
    }

    /// Offers the driver's trace to the diagram, the inspector and the
    /// transcript.
    pub fn provide_trace(self) {
        let news = self.news();
        let roles = Memo::new(|_| [t!(shell.client), t!(client.broker)].map(str::to_owned).into());
        let source = TraceSource::new(news, self.selected, roles, None, move |lend| {
            self.read(|view| lend(view.trace));
        });
        source.provide();
    }

    /// Lends the driver's trace to the course.
    pub fn lend_trace(self) {
        live::lend(self.news(), move |lend| {
            self.read(|view| lend(view.trace));
        });
    }

    fn news(self) -> Memo<News> {
        self.slice(|frame| News {
            generation: frame.generation,
            dropped: frame.records_dropped,
            next: frame.records_next,
            ..News::default()
        })
    }

    /// The version of the connection, or else of the form.
    pub fn version(self) -> Memo<Version> {
        let wanted = self.is_wanted();
        let spoken = self.slice(|frame| frame.version);
        Memo::new(move |_| if wanted.get() { spoken.get() } else { self.form.with(Form::version) })
    }

    /// Why the last command of this place was refused.
    pub fn refusal(self, place: Place) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.refusal.with(|refusal| match refusal {
                Some((at, text)) if *at == place => Some(text.clone()),
                _ => None,
            })
        })
    }

    /// Whether this browser keeps a session for what the form says.
    pub fn has_stored_session(self) -> Memo<bool> {
        Memo::new(move |_| {
            let form = self.form.read();
            self.stored.with(|stored| stored.iter().any(|stored| form.names(&stored.name)))
        })
    }

    /// The sessions that this browser keeps, besides the form's own.
    pub fn other_sessions(self) -> Memo<Vec<StoredSession>> {
        Memo::new(move |_| {
            let form = self.form.read();
            let others = self.stored.get().into_iter();
            others.filter(|stored| stored.address.is_some() && !form.names(&stored.name)).collect()
        })
    }

    /// A topic of this client's own, so that strangers do not meet on a
    /// public broker.
    pub fn suggested_topic(self, leaf: &str) -> String {
        let form = self.form.read_untracked();
        let identifier = form.text(Field::ClientIdentifier);
        let own = identifier.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let first = if own && !identifier.is_empty() { identifier } else { "fourstep" };
        format!("{first}/{leaf}")
    }

    /// Looks for sessions of earlier visits, and goes on with the one of the
    /// form if the form says so.
    pub fn look_for_sessions(self) {
        leptos::task::spawn_local(async move {
            let stored = stored_sessions().await.unwrap_or_default();
            self.stored.set(stored);
            let resume = self.form.with_untracked(|form| form.is_on(Field::ResumeOnLoad));
            if resume && self.has_stored_session().get_untracked() {
                self.resume();
            }
        });
    }

    /// Completes the form's address and takes secrets out of it. What was done
    /// before stays said until the address is another.
    pub fn settle_address(self) {
        let mut form = self.form.get_untracked();
        let settled = form.settle(page_is_secure());
        if form != *self.form.read_untracked() {
            self.form.set(form);
        }
        if settled != Settled::default() {
            self.settled.set(settled);
        }
    }

    /// Does what an explanation offers.
    pub fn remedy(self, remedy: Remedy) {
        let decision = match remedy {
            Remedy::SpeakV311 => {
                self.form.update(|form| form.set(Field::Version, "4"));
                return self.connect_as_the_form_says();
            }
            Remedy::StartOver => UnknownSession::StartOver,
            Remedy::TakeSession => UnknownSession::Adopt,
        };
        let driver = self.engine.with_value(|engine| engine.driver.clone());
        let done = driver
            .ok_or(CommandError::NotConnected)
            .and_then(|driver| driver.connect_deciding(decision));
        self.refusal.set(done.err().map(|error| (Place::Connect, error.to_string())));
        self.refresh();
    }

    /// Connects with another stored session than the form names.
    pub fn resume_stored(self, stored: &StoredSession) {
        let Some(address) = stored.address.clone() else { return };
        self.form.update(|form| {
            form.set(Field::Url, address);
            form.set(Field::ClientIdentifier, stored.name.client_identifier.clone());
        });
        self.resume();
    }

    /// Connects and goes on with the stored session.
    pub fn resume(self) {
        self.settle_address();
        self.form.update(|form| form.set_on(Field::Clean, false));
        self.connect_as_the_form_says();
    }

    fn connect_as_the_form_says(self) {
        let form = self.form.get_untracked();
        if let Ok(config) = form.config(remembered::random_seed()) {
            self.send(Command::Connect { url: form.url().to_owned(), config: Box::new(config) });
        }
    }

    /// Carries out a command. What is wrong with it is shown at its place.
    pub fn send(self, command: Command) {
        let place = command.place();
        self.refusal.set(None);
        if let Err(error) = self.carry_out(command) {
            self.refusal.set(Some((place, error.to_string())));
        }
        self.refresh();
    }

    fn carry_out(self, command: Command) -> Result<(), CommandError> {
        if let Command::Connect { url, config } = command {
            return self.connect(url, *config);
        }
        let driver = self.engine.with_value(|engine| engine.driver.clone());
        let driver = driver.ok_or(CommandError::NotConnected)?;
        match command {
            Command::Connect { .. } => {}
            Command::Disconnect => driver.disconnect()?,
            Command::ReconnectNow => driver.reconnect_now(),
            Command::Publish { message, count } => self.publish(&driver, &message, count)?,
            Command::Subscribe { subscription, properties } => {
                driver.subscribe(vec![subscription], properties)?;
            }
            Command::SendHeld(token) => driver.send_held(token)?,
            Command::GiveUp(token) => driver.give_up(token)?,
            Command::Unsubscribe(filter) => {
                driver.unsubscribe(vec![filter], Properties::new())?;
            }
        }
        Ok(())
    }

    /// Goes on with the driver at hand if nothing has changed, so that its
    /// trace goes on too. A clean start in 5.0 needs a new one: an engine
    /// starts clean once and then goes on with its session.
    fn connect(self, url: String, config: Config) -> Result<(), CommandError> {
        if self.opening.get_untracked() {
            return Err(CommandError::AlreadyConnected);
        }
        let made_from = (url, config);
        let starts_clean = made_from.1.version == Version::V5 && made_from.1.clean_start;
        let same = self.engine.with_value(|engine| {
            engine.made_from.as_ref().is_some_and(|earlier| is_same(earlier, &made_from))
        });
        let at_hand = self.engine.with_value(|engine| engine.driver.clone());
        match at_hand {
            Some(driver) if same && !starts_clean => driver.connect(),
            _ => {
                self.open(made_from);
                Ok(())
            }
        }
    }

    fn open(self, made_from: (String, Config)) {
        self.opening.set(true);
        // The old driver lets go of its stored session before the new one asks.
        let earlier = self.engine.try_update_value(|engine| {
            let earlier = engine.driver.take().map(|driver| driver.retire());
            *engine = Engine { generation: engine.generation + 1, ..Engine::default() };
            earlier
        });
        self.selected.set(None);
        let (url, version) = (made_from.0.clone(), made_from.1.version);
        let generation = self.engine.with_value(|engine| engine.generation);
        self.frame.set(Frame { generation, url, version, ..Frame::default() });
        leptos::task::spawn_local(async move {
            let options = Options::new(made_from.0.clone(), made_from.1.clone());
            let earlier = earlier.flatten();
            let driver = Driver::open_after(options, earlier, move || self.refresh()).await;
            self.opening.set(false);
            match driver {
                Ok(driver) => self.start(driver, made_from),
                Err(trouble) => self.frame.update(|frame| frame.trouble = Some(trouble)),
            }
        });
    }

    fn start(self, driver: Driver, made_from: (String, Config)) {
        let connected = driver.connect();
        self.engine.update_value(|engine| {
            // What an earlier driver left is there again, and is read again.
            engine.generation += 1;
            engine.outcomes = Outcomes::after(driver.snapshot().finished_total);
            engine.driver = Some(driver);
            engine.made_from = Some(made_from);
        });
        if let Err(error) = connected {
            self.refusal.set(Some((Place::Connect, error.to_string())));
        }
        self.refresh();
    }

    fn publish(self, driver: &Driver, message: &Publish, count: usize) -> Result<(), CommandError> {
        for number in 1..=count {
            let token = driver.publish(numbered(message, number, count))?;
            self.engine.update_value(|engine| engine.outcomes.published(token, message.qos));
        }
        Ok(())
    }

    /// Takes a new picture of the driver. Called at most once a frame.
    fn refresh(self) {
        let engine = self.engine.with_value(|engine| {
            Some((engine.driver.clone()?, engine.made_from.as_ref()?.1.version))
        });
        let Some((driver, version)) = engine else { return };
        let snapshot = driver.snapshot();
        let mut next = Frame {
            version,
            client: snapshot.client,
            url: snapshot.url,
            storage: snapshot.storage,
            trouble: snapshot.trouble,
            buffered: snapshot.buffered,
            records_dropped: snapshot.records_dropped,
            records_next: snapshot.records_next,
            inbox_total: snapshot.inbox_total,
            finished_total: snapshot.finished_total,
            ..Frame::default()
        };
        self.engine.update_value(|engine| {
            next.generation = engine.generation;
            driver.with(|view| {
                next.subscriptions = table::subscriptions(&next.client, view.deliveries);
                next.inbox_dropped = view.inbox.dropped();
                next.outcomes = engine.outcomes.latest(view.finished);
                let notices = view.notices.iter().rev().take(NOTICES).rev();
                next.notices = notices.map(|notice| (notice.level, notice.text.clone())).collect();
            });
        });
        if self.frame.with_untracked(|frame| *frame != next) {
            self.frame.set(next);
        }
    }
}

/// Whether an engine made from the one would be the same as from the other:
/// the seed of the jitter is drawn for each.
fn is_same(one: &(String, Config), other: &(String, Config)) -> bool {
    let without_seed = |config: &Config| {
        let mut config = config.clone();
        config.reconnect.iter_mut().for_each(|backoff| backoff.seed = 0);
        config
    };
    one.0 == other.0 && without_seed(&one.1) == without_seed(&other.1)
}

impl Command {
    fn place(&self) -> Place {
        match self {
            Command::Connect { .. } | Command::Disconnect | Command::ReconnectNow => Place::Connect,
            Command::Publish { .. } | Command::SendHeld(_) | Command::GiveUp(_) => Place::Publish,
            Command::Subscribe { .. } | Command::Unsubscribe(_) => Place::Subscribe,
        }
    }
}

/// The message with `{n}` in its payload replaced by its number in a burst, and
/// `{t}` by that reading of the course's sensor.
fn numbered(message: &Publish, number: usize, count: usize) -> Publish {
    let mut message = message.clone();
    if count > 1
        && let Ok(text) = std::str::from_utf8(&message.payload)
        && text.contains('{')
    {
        let reading = Sensor::default().publication().payload_at(number.saturating_sub(1) as u32);
        let reading = String::from_utf8_lossy(&reading);
        let text = text.replace("{n}", &number.to_string()).replace("{t}", &reading);
        message.payload = text.into_bytes().into();
    }
    message
}

/// How many notices are shown.
const NOTICES: usize = 3;
