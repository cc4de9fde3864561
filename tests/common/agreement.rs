//! What decoder, dissection and encoder must agree on, for any bytes. For the
//! fuzz targets.

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
            assert!(again.len() <= data.len(), "the encoder takes the shortest form");
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
