//! How sessions are laid out in IndexedDB: keys, ranges and rows.

use bytes::Bytes;
use idb::KeyRange;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::SessionName;
use crate::codec::PacketIdentifier;
use crate::session::{Key, Token};

/// The rows of one session.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// The engine's entries.
    pub entries: Vec<(Key, Bytes)>,
    /// Received messages by number, rising.
    pub received: Vec<(u64, Bytes)>,
}

/// The row of a session itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Visit {
    /// When it was last used: milliseconds since 1970-01-01 UTC, as far as an
    /// earlier version noted it.
    pub used: Option<f64>,
    /// The address under which it was.
    pub address: Option<String>,
}

impl Rows {
    /// Takes one row. `None` for one that no version of the page has written.
    pub fn take(&mut self, key: &JsValue, value: &JsValue) -> Option<()> {
        let parts: &Array = key.dyn_ref()?;
        let number = parts.get(3).as_f64()?;
        let value = value.dyn_ref::<Uint8Array>()?.to_vec().into();
        let key = match parts.get(2).as_f64()? as u8 {
            OUTBOUND => Key::Outbound(Token(number as u64)),
            INBOUND => Key::Inbound(PacketIdentifier::new(number as u16)?),
            SUBSCRIPTION => Key::Subscription(number as u64),
            SESSION => Key::Session,
            RECEIVED => {
                self.received.push((number as u64, value));
                return Some(());
            }
            _ => return None,
        };
        self.entries.push((key, value));
        Some(())
    }
}

impl Visit {
    /// Now, under this address.
    pub fn now(address: &str) -> Self {
        Visit { used: Some(js_sys::Date::now()), address: Some(address.to_owned()) }
    }

    pub fn read(value: &JsValue) -> Self {
        let Some(parts) = value.dyn_ref::<Array>() else { return Visit::default() };
        Visit { used: parts.get(0).as_f64(), address: parts.get(1).as_string() }
    }

    pub fn write(&self) -> JsValue {
        Array::of2(&self.used.into(), &self.address.as_deref().into()).into()
    }
}

/// The key of a session, with which the keys of its entries start.
pub fn session_key(name: &SessionName) -> Array {
    Array::of2(&name.server.as_str().into(), &name.client_identifier.as_str().into())
}

/// The two parts of a session's key, which those of its entries start with.
pub fn session_of(key: &JsValue) -> Option<(String, String)> {
    let key: &Array = key.dyn_ref()?;
    Some((key.get(0).as_string()?, key.get(1).as_string()?))
}

pub fn entry_key(name: &SessionName, key: Key) -> Array {
    match key {
        Key::Outbound(token) => numbered(name, OUTBOUND, token.0),
        Key::Inbound(identifier) => numbered(name, INBOUND, identifier.value().into()),
        Key::Subscription(place) => numbered(name, SUBSCRIPTION, place),
        Key::Session => numbered(name, SESSION, 0),
    }
}

pub fn received_key(name: &SessionName, number: u64) -> Array {
    numbered(name, RECEIVED, number)
}

/// All rows of the session: arrays sort part by part, and an array sorts after
/// every number.
pub fn all_rows(name: &SessionName) -> Result<KeyRange, idb::Error> {
    let end = session_key(name);
    end.push(&Array::new());
    KeyRange::bound(&session_key(name), &end, None, None)
}

/// The engine's entries alone, as two ranges: received messages lie between.
pub fn engine_rows(name: &SessionName) -> Result<[KeyRange; 2], idb::Error> {
    let after = session_key(name);
    after.push(&Array::new());
    let [received, next] = [RECEIVED, RECEIVED + 1].map(|kind| {
        let key = session_key(name);
        key.push(&kind.into());
        key
    });
    Ok([
        KeyRange::bound(&session_key(name), &received, None, Some(true))?,
        KeyRange::bound(&next, &after, None, None)?,
    ])
}

fn numbered(name: &SessionName, kind: u8, number: u64) -> Array {
    let array = session_key(name);
    array.push(&kind.into());
    array.push(&(number as f64).into());
    array
}

const OUTBOUND: u8 = 0;
const INBOUND: u8 = 1;
const SUBSCRIPTION: u8 = 2;
const RECEIVED: u8 = 3;
const SESSION: u8 = 4;
