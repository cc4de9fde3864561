//! The connect form, as its views share it.

use leptos::prelude::*;

use super::form::{Fault, Field, Form, Settled};
use crate::codec::Version;

/// The text of the form, and what is wrong with it.
#[derive(Clone, Copy)]
pub(super) struct FormState {
    pub form: RwSignal<Form>,
    pub faults: RwSignal<Vec<Fault>>,
    /// What was last changed about the address.
    pub settled: RwSignal<Settled>,
}

impl FormState {
    pub fn text(self, field: Field) -> Signal<String> {
        Signal::derive(move || self.form.with(|form| form.text(field).to_owned()))
    }

    pub fn is_on(self, field: Field) -> Signal<bool> {
        Signal::derive(move || self.form.with(|form| form.is_on(field)))
    }

    pub fn set(self, field: Field) -> impl Fn(String) + Copy + 'static {
        move |text| {
            if field == Field::Url {
                self.settled.set(Settled::default());
            }
            self.form.update(|form| form.set(field, text));
            if self.faults.with_untracked(|faults| !faults.is_empty()) {
                self.faults.update(|faults| faults.retain(|(faulty, _)| *faulty != field));
            }
        }
    }

    pub fn set_on(self, field: Field) -> impl Fn(bool) + Copy + 'static {
        move |on| self.form.update(|form| form.set_on(field, on))
    }

    pub fn fault(self, field: Field) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.faults.with(|faults| {
                let fault = faults.iter().find(|(faulty, _)| *faulty == field);
                fault.map(|(_, sentence)| sentence.clone())
            })
        })
    }

    pub fn is_v5(self) -> Signal<bool> {
        Signal::derive(move || self.form.with(|form| form.version() == Version::V5))
    }
}
