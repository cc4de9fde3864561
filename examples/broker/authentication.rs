//! An enhanced authentication, to show where one goes (5.0, 4.12).

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use bytes::Bytes;
use fourstep::broker::{ConnectionId, Verdict};
use fourstep::codec::ReasonCode;

/// One step of challenge and answer: the client has to send back what it gets.
///
/// This shows the exchange and proves nothing about the client. A real method,
/// such as SCRAM, takes its place here.
#[derive(Default)]
pub struct Challenges {
    open: HashMap<ConnectionId, Bytes>,
}

impl Challenges {
    /// Answers the client's Authentication Data.
    pub fn judge(&mut self, connection: ConnectionId, data: Option<Bytes>) -> Verdict {
        match self.open.remove(&connection) {
            None => {
                let challenge = Bytes::copy_from_slice(&random().to_be_bytes());
                self.open.insert(connection, challenge.clone());
                Verdict::Continue(challenge)
            }
            Some(challenge) if data.as_ref() == Some(&challenge) => Verdict::Accept(None),
            Some(_) => Verdict::Refuse(ReasonCode::NotAuthorized),
        }
    }

    /// The connection is gone.
    pub fn forget(&mut self, connection: ConnectionId) {
        self.open.remove(&connection);
    }
}

/// A number that nobody can guess, from the keys that the standard library
/// draws for its hash maps.
pub fn random() -> u64 {
    RandomState::new().hash_one(0)
}
