use std::collections::VecDeque;

use bytes::Bytes;

use super::{CommandError, ConnectionNumber, Event, Output};
use crate::codec::EncodeError;

/// The one ordered queue of outputs.
///
/// Packets are encoded straight into the bytes of a `Send`. One that has not
/// been polled yet takes more packets as long as only events came after it,
/// and these are told before it: no acknowledgement leaves before its message
/// is told, since the server never sends that message again. Nor does a packet
/// overtake the storage that it depends on.
#[derive(Clone, Debug, Default)]
pub(super) struct Outbox {
    queue: VecDeque<Output>,
    /// Where in `queue` the `Send` stands whose bytes are in `bytes`.
    open: Option<usize>,
    /// Empty while no `Send` is open.
    bytes: Vec<u8>,
}

impl Outbox {
    /// Adds anything but a `Send` and an event.
    pub fn push(&mut self, output: Output) {
        self.seal();
        self.queue.push_back(output);
    }

    /// Adds an event.
    pub fn event(&mut self, event: Event) {
        let place = self.open.unwrap_or(self.queue.len());
        self.queue.insert(place, Output::Event(event));
        self.open = self.open.map(|at| at + 1);
    }

    /// Adds the packet that `write` appends, if it has at most `maximum`
    /// bytes. On an error nothing is added.
    pub fn packet(
        &mut self,
        maximum: u32,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), EncodeError>,
    ) -> Result<(), CommandError> {
        let start = self.bytes.len();
        write(&mut self.bytes)?;
        let size = self.bytes.len().saturating_sub(start);
        if size > maximum as usize {
            self.bytes.truncate(start);
            return Err(CommandError::PacketTooLarge { size, maximum });
        }
        if self.open.is_none() {
            self.open = Some(self.queue.len());
            self.queue.push_back(Output::Send(Bytes::new()));
        }
        Ok(())
    }

    /// The oldest output.
    pub fn pop(&mut self) -> Option<Output> {
        match self.open {
            Some(0) => self.seal(),
            Some(at) => self.open = Some(at - 1),
            None => {}
        }
        self.queue.pop_front()
    }

    /// Drops what was meant for the newest connection, which is gone. An
    /// earlier one may still have to be closed, and told goodbye before.
    pub fn forget_connection(&mut self, connection: ConnectionNumber) {
        self.seal();
        let closes_earlier =
            |output: &Output| matches!(output, Output::Close(closed) if *closed != connection);
        let mut earlier = self.queue.iter().rposition(closes_earlier).map_or(0, |last| last + 1);
        self.queue.retain(|output| {
            let is_earlier = earlier > 0;
            earlier = earlier.saturating_sub(1);
            is_earlier || !matches!(output, Output::Open(_) | Output::Send(_) | Output::Close(_))
        });
    }

    /// Ends the open `Send`: its bytes are complete.
    fn seal(&mut self) {
        let Some(at) = self.open.take() else { return };
        let bytes = std::mem::take(&mut self.bytes);
        if let Some(place) = self.queue.get_mut(at) {
            *place = Output::Send(bytes.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Publish, QoS};
    use crate::session::{Key, Token};

    fn send(outbox: &mut Outbox, byte: u8) {
        let write = |out: &mut Vec<u8>| {
            out.push(byte);
            Ok(())
        };
        outbox.packet(1, write).expect("one byte fits");
    }

    fn drain(mut outbox: Outbox) -> Vec<Output> {
        std::iter::from_fn(|| outbox.pop()).collect()
    }

    fn bytes(bytes: &'static [u8]) -> Output {
        Output::Send(Bytes::from_static(bytes))
    }

    fn started_over(token: u64) -> Event {
        Event::StartedOver(Token(token))
    }

    #[test]
    fn an_acknowledgement_never_comes_before_its_message() {
        let message = |qos| Event::Message(Publish { qos, ..Publish::default() });
        let mut outbox = Outbox::default();
        for (qos, byte) in [(QoS::AtLeastOnce, 1), (QoS::AtMostOnce, 2), (QoS::ExactlyOnce, 3)] {
            outbox.event(message(qos));
            send(&mut outbox, byte);
        }
        let expected = [
            Output::Event(message(QoS::AtLeastOnce)),
            Output::Event(message(QoS::AtMostOnce)),
            Output::Event(message(QoS::ExactlyOnce)),
            bytes(&[1, 2, 3]),
        ];
        assert_eq!(drain(outbox), expected);
    }

    #[test]
    fn packets_that_are_ready_together_are_one_send_even_across_events() {
        let mut outbox = Outbox::default();
        outbox.event(started_over(1));
        send(&mut outbox, 1);
        send(&mut outbox, 2);
        outbox.event(started_over(2));
        send(&mut outbox, 3);
        let expected =
            [Output::Event(started_over(1)), Output::Event(started_over(2)), bytes(&[1, 2, 3])];
        assert_eq!(drain(outbox), expected);
    }

    #[test]
    fn no_packet_overtakes_storage() {
        for storage in [
            Output::Store(Key::Outbound(Token(1)), Bytes::new()),
            Output::Remove(Key::Outbound(Token(1))),
        ] {
            let mut outbox = Outbox::default();
            send(&mut outbox, 1);
            outbox.push(storage.clone());
            send(&mut outbox, 2);
            assert_eq!(drain(outbox), [bytes(&[1]), storage, bytes(&[2])]);
        }
    }

    #[test]
    fn a_packet_that_is_too_large_leaves_nothing_behind() {
        let mut outbox = Outbox::default();
        let write = |out: &mut Vec<u8>| {
            out.extend([1, 2, 3]);
            Ok(())
        };
        let refused = outbox.packet(2, write);
        assert_eq!(refused, Err(CommandError::PacketTooLarge { size: 3, maximum: 2 }));
        assert_eq!(drain(outbox), []);
    }

    #[test]
    fn a_send_that_was_polled_takes_no_more_packets() {
        let mut outbox = Outbox::default();
        send(&mut outbox, 1);
        assert_eq!(outbox.pop(), Some(bytes(&[1])));
        send(&mut outbox, 2);
        assert_eq!(drain(outbox), [bytes(&[2])]);
    }
}
