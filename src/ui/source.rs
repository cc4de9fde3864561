//! What the diagram, the inspector and the transcript read: one trace, from
//! wherever it comes.

use leptos::prelude::*;

use crate::time::Instant;
use crate::trace::Trace;

/// A trace and what is selected in it. The live page offers its driver's, the
/// lab its timeline's; the components are the same. A handle: copies are the
/// same source.
#[derive(Clone, Copy)]
pub(super) struct TraceSource {
    /// Changes whenever the trace does, at most once a frame.
    pub news: Memo<News>,
    /// The record whose bytes the inspector shows.
    pub selected: RwSignal<Option<u64>>,
    /// What the participants are, in the order of their lanes.
    pub roles: Memo<Vec<String>>,
    /// What times are counted from; `None`: the oldest record.
    pub zero: Option<Instant>,
    lend: StoredValue<Box<Lend>, LocalStorage>,
}

/// Calls back with the trace, if there is one.
type Lend = dyn Fn(&mut dyn FnMut(&Trace));

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
    /// Offers a trace to all views below. `lend` calls back with it, if there
    /// is one.
    pub fn provide(
        news: Memo<News>,
        selected: RwSignal<Option<u64>>,
        roles: Memo<Vec<String>>,
        zero: Option<Instant>,
        lend: impl Fn(&mut dyn FnMut(&Trace)) + 'static,
    ) -> TraceSource {
        let lend = StoredValue::new_local(Box::new(lend) as Box<Lend>);
        let source = TraceSource { news, selected, roles, zero, lend };
        provide_context(source);
        source
    }

    /// The trace that is shown here.
    pub fn expect() -> TraceSource {
        expect_context()
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
