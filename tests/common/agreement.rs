//! What decoder, dissection and encoder must agree on, for any bytes. For the
//! fuzz targets and the codec's tests.

use bytes::Bytes;
use fourstep::codec::{Field, Packet, Version, decode, dissect, encode};

/// Decodes, dissects and encodes again. Returns the packet, if it is one.
pub fn packet(version: Version, data: &[u8]) -> Option<Packet> {
    let decoded = decode(version, &Bytes::copy_from_slice(data));
    let dissection = dissect(version, data);
    assert_eq!(dissection.error, decoded.as_ref().err().copied());
    let end = dissection.fields.iter().fold(0, covered);
    assert_eq!(dissection.undissected, end..data.len());
    match decoded {
        Ok(packet) => {
            assert_eq!(end, data.len());
            let mut again = Vec::new();
            encode(version, &packet, &mut again).expect("what decodes encodes");
            let omitted = omitted(&again, data);
            assert!(may_be_omitted(version, &packet, omitted), "{data:02x?} became {again:02x?}");
            assert_eq!(decode(version, &again.into()).as_ref(), Ok(&packet));
            Some(packet)
        }
        Err(error) => {
            assert!(error.offset <= data.len());
            assert!(!error.to_string().is_empty());
            None
        }
    }
}

/// What the end of `data` has and `again` has not, where everything before it
/// is the same but for the length in the fixed header.
fn omitted<'a>(again: &[u8], data: &'a [u8]) -> &'a [u8] {
    if again == data {
        return &[];
    }
    let (body, whole) = (body(again), body(data));
    assert_eq!((again[0], &body), (data[0], &&whole[..body.len().min(whole.len())]));
    &whole[body.len()..]
}

/// Whether 5.0 lets these bytes be left out: the acknowledgements of PUBLISH,
/// DISCONNECT and AUTH may do without a Property Length of 0, and then without
/// a reason of 0x00 as well (3.4.2.1 and its likes, 3.14.2.1, 3.15.2.1).
fn may_be_omitted(version: Version, packet: &Packet, omitted: &[u8]) -> bool {
    let has_short_form = matches!(
        packet,
        Packet::PubAck(_)
            | Packet::PubRec(_)
            | Packet::PubRel(_)
            | Packet::PubComp(_)
            | Packet::Disconnect(_)
            | Packet::Auth(_)
    );
    let has_short_form = version == Version::V5 && has_short_form;
    omitted.is_empty() || has_short_form && matches!(omitted, [0] | [0, 0])
}

/// What follows the fixed header.
fn body(packet: &[u8]) -> &[u8] {
    let length = packet.iter().skip(1).take_while(|byte| **byte >= 0x80).count() + 1;
    &packet[1 + length..]
}

/// Where a field ends that begins where the one before it ended, its parts
/// without a gap.
fn covered(start: usize, field: &Field) -> usize {
    assert_eq!(field.range.start, start, "{}", field.name);
    let mut parts = field.children.iter().filter(|child| child.mask.is_none()).peekable();
    if parts.peek().is_some() {
        assert_eq!(parts.fold(start, covered), field.range.end, "{}", field.name);
    }
    field.range.end
}
