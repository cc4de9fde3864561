//! What the diagram, the inspector and the transcript read: one trace, from
//! wherever it comes.

use std::time::Duration;

use leptos::prelude::*;

use super::placement::Layout;
use crate::sim::Absence;
use crate::time::Instant;
use crate::trace::Trace;

/// A trace and what is selected in it. The live page offers its driver's, the
/// lab its timeline's; the components are the same. A handle: copies are the
/// same source.
#[derive(Clone, Copy)]
pub(super) struct TraceSource {
    /// Changes whenever the trace does, at most once a frame.
    pub news: Memo<News>,
    /// The record that is pointed at.
    pub pointed: RwSignal<Option<u64>>,
    /// The records that something beside the diagram speaks of.
    pub spoken: RwSignal<Vec<u64>>,
    /// Which of them is to be in view meanwhile.
    pub peeked: RwSignal<Option<u64>>,
    /// What the participants are, in the order of their lanes.
    pub roles: Memo<Vec<String>>,
    /// What times are counted from; `None`: the oldest record.
    pub zero: Option<Instant>,
    /// How it is shown.
    pub view: View,
    /// What the trace of a world has and a live one has not.
    pub stage: Option<Stage>,
    /// Which of several that are shown at once; `None`: it is the only one.
    pub pane: Option<Pane>,
    selected: RwSignal<Option<u64>>,
    lend: StoredValue<Box<Lend>, LocalStorage>,
}

/// Calls back with the trace, if there is one.
type Lend = dyn Fn(&mut dyn FnMut(&Trace));

/// How a trace is shown, by choice of the person who looks at it.
#[derive(Clone, Copy)]
pub(super) struct View {
    /// In words.
    pub as_text: RwSignal<bool>,
    /// One row a record, even where there is a layout in proportion to time.
    pub as_list: RwSignal<bool>,
    /// Without keep-alive packets.
    pub without_pings: RwSignal<bool>,
    /// Where a person has scrolled a pane to, for the others to follow.
    pub place: RwSignal<Option<Scrolled>>,
}

/// How far a pane was scrolled.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Scrolled {
    /// The pane that was.
    pub pane: &'static str,
    /// Pixels of the drawing above the view.
    pub y: f64,
    /// The moment there.
    pub at: Instant,
    /// Whether that is the end.
    pub is_end: bool,
}

/// A world has a present, and could have taken another course.
#[derive(Clone, Copy)]
pub(super) struct Stage {
    /// The layout in proportion to time.
    pub layout: fn() -> Box<dyn Layout>,
    /// The present.
    pub now: Memo<Instant>,
    /// Whether time goes on by itself.
    pub is_moving: Memo<bool>,
    /// How long a packet is expected to take to or from each lane.
    pub travel: Memo<Vec<Duration>>,
    /// When processes were gone.
    pub absences: Memo<Vec<Absence>>,
    /// The first record that is another in the pane beside it.
    pub differs: Memo<Option<u64>>,
    /// What can be done at once at a record.
    pub tools: fn(u64) -> AnyView,
    /// Asks for everything that can be done at a record.
    pub ask: Callback<Asked>,
}

/// At which record something is to be done.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Asked {
    /// The record.
    pub record: u64,
    /// Where to answer, in the window.
    pub at: (f64, f64),
}

/// One of several diagrams that are shown at once. The selection is in one of
/// them.
#[derive(Clone, Copy)]
pub(super) struct Pane {
    /// Ends the `id`s of its elements.
    pub name: &'static str,
    /// Whether the selection is in this one.
    pub is_active: Memo<bool>,
    /// Takes the selection here.
    pub activate: Callback<()>,
}

/// Which picture of which trace this is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct News {
    /// Rises with each new trace, whose records count from zero again.
    pub generation: u32,
    /// [`Trace::rewinds`]: sequence numbers up to `next` may be other records.
    pub rewinds: u64,
    /// [`Trace::dropped`].
    pub dropped: u64,
    /// [`Trace::next_sequence`].
    pub next: u64,
    /// [`Trace::revision`]: what became of a record may have changed.
    pub revision: u64,
}

impl TraceSource {
    /// A trace. `lend` calls back with it, if there is one.
    pub fn new(
        news: Memo<News>,
        selected: RwSignal<Option<u64>>,
        roles: Memo<Vec<String>>,
        zero: Option<Instant>,
        lend: impl Fn(&mut dyn FnMut(&Trace)) + 'static,
    ) -> TraceSource {
        let lend = StoredValue::new_local(Box::new(lend) as Box<Lend>);
        let view = View {
            as_text: RwSignal::new(false),
            as_list: RwSignal::new(false),
            without_pings: RwSignal::new(false),
            place: RwSignal::new(None),
        };
        TraceSource {
            news,
            pointed: RwSignal::new(None),
            spoken: RwSignal::new(Vec::new()),
            peeked: RwSignal::new(None),
            roles,
            zero,
            view,
            stage: None,
            pane: None,
            selected,
            lend,
        }
    }

    /// Offers it to all views below.
    pub fn provide(self) {
        provide_context(self);
    }

    /// The trace that is shown here.
    pub fn expect() -> TraceSource {
        expect_context()
    }

    /// The record whose bytes the inspector shows, if it is here.
    pub fn selected(self) -> Option<u64> {
        let is_here = self.pane.is_none_or(|pane| pane.is_active.get());
        self.selected.get().filter(|_| is_here)
    }

    /// Selects a record, or nothing.
    pub fn select(self, record: Option<u64>) {
        if let Some(pane) = self.pane {
            pane.activate.run(());
        }
        self.selected.set(record);
    }

    /// The `id` of an element, of which there may be one in each pane.
    pub fn id(self, name: &str) -> String {
        match self.pane {
            Some(pane) => format!("{name}-{}", pane.name),
            None => name.to_owned(),
        }
    }

    /// Lends the trace. `None` if there is none yet.
    pub fn read<R>(self, read: impl FnOnce(&Trace) -> R) -> Option<R> {
        let mut read = Some(read);
        let mut result = None;
        self.lend.with_value(|lend| {
            lend(&mut |trace| result = read.take().map(|read| read(trace)));
        });
        result
    }
}

impl News {
    /// The news of this trace.
    pub fn of(trace: &Trace, generation: u32) -> News {
        News {
            generation,
            rewinds: trace.rewinds(),
            dropped: trace.dropped(),
            next: trace.next_sequence(),
            revision: trace.revision(),
        }
    }
}
