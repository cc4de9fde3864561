//! A scenario as a short text that fits behind the `#` of a link.
//!
//! ```text
//! v1;client,publisher,5;client,subscriber,5;link,latency:100ms
//!   ;0s,0,connect;0s,1,connect;0s,1,subscribe,sensor/%23,2
//!   ;1s,0,publish,sensor/temperature,20.5,2
//!   ;1s,0,fault,before:to-client.PUBREC.1,cut
//! ```
//!
//! (in one line). Items are separated by `;` and their fields by `,`. What is
//! not written has its default. `will` and `link` belong to the client before
//! them; an item that starts with a time is a step, and its second field is the
//! index of the client. All but letters, digits and `-._~/+$` is
//! percent-encoded in texts.

mod error;
mod fields;
mod limits;
mod read;
mod write;

use super::{Command, Scenario};
use crate::time::Instant;

pub use error::{ShareError, Wrong};

use limits::{LONGEST, LONGEST_TIME, MOST_BYTES, MOST_CLIENTS, MOST_MESSAGES, MOST_STEPS};

impl Scenario {
    /// The scenario as a text of characters that a URL's fragment may have.
    /// Times are exact to the microsecond. Fails if the scenario is too large
    /// for [`Scenario::from_link`], or refers to clients that it has not.
    pub fn to_link(&self) -> Result<String, ShareError> {
        check(self)?;
        let text = write::scenario(self);
        if text.len() > LONGEST { Err(ShareError::TooLong) } else { Ok(text) }
    }

    /// Reads what [`Scenario::to_link`] wrote. Strict: whatever is unknown,
    /// repeated, out of range or out of order is refused.
    pub fn from_link(text: &str) -> Result<Scenario, ShareError> {
        if text.len() > LONGEST {
            return Err(ShareError::TooLong);
        }
        let scenario = read::scenario(text)?;
        check(&scenario)?;
        Ok(scenario)
    }
}

/// What holds for a shared scenario beyond what its types say.
fn check(scenario: &Scenario) -> Result<(), ShareError> {
    let (mut messages, mut bytes) = (0_u64, 0_u64);
    let mut last = Instant::ZERO;
    if scenario.clients.len() > MOST_CLIENTS || scenario.steps.len() > MOST_STEPS {
        return Err(ShareError::TooMany);
    }
    for step in &scenario.steps {
        if step.command.client() >= scenario.clients.len() {
            return Err(ShareError::NoSuchClient);
        }
        if step.at < last || step.at.since(Instant::ZERO) > LONGEST_TIME {
            return Err(ShareError::Times);
        }
        last = step.at;
        match &step.command {
            Command::Publish(_, publication) => {
                let times = u64::from(publication.times);
                messages += times;
                bytes += times * (publication.topic.len() + publication.payload.len()) as u64;
            }
            Command::Fault(fault) if !fault.is_possible() => return Err(ShareError::Impossible),
            _ => {}
        }
    }
    if messages > MOST_MESSAGES {
        Err(ShareError::TooMany)
    } else if bytes > MOST_BYTES {
        Err(ShareError::TooMuch)
    } else {
        Ok(())
    }
}
