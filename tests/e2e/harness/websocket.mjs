// Takes one direction of a recorded WebSocket connection apart (RFC 6455).

const OPCODE_CONTINUATION = 0x0;
const OPCODE_BINARY = 0x2;

/// Splits the bytes of one direction into
/// - `head`: the HTTP request or response, as text, or `null` while it is incomplete;
/// - `frames`: the complete frames, each `{ fin, opcode, masked, payload }`;
/// - `data`: the payloads of the binary frames one after the other, which is the MQTT byte stream;
/// - `rest`: how many bytes at the end are an incomplete frame.
export function decodeWebSocket(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return { head: null, frames: [], data: Buffer.alloc(0), rest: bytes.length };
  const head = bytes.subarray(0, end).toString("latin1");
  const { frames, rest } = decodeFrames(bytes.subarray(end + 4));
  const data = frames
    .filter(({ opcode }) => opcode === OPCODE_BINARY || opcode === OPCODE_CONTINUATION)
    .map(({ payload }) => payload);
  return { head, frames, data: Buffer.concat(data), rest };
}

/// Splits an MQTT byte stream into its complete control packets, fixed header included.
export function splitPackets(bytes) {
  const packets = [];
  let start = 0;
  for (;;) {
    const end = packetEnd(bytes, start);
    if (end === null || end > bytes.length) return packets;
    packets.push(bytes.subarray(start, end));
    start = end;
  }
}

/// The names of the complete packets in an MQTT byte stream.
export function packetTypes(bytes) {
  return splitPackets(bytes).map((packet) => TYPES[packet[0] >> 4]);
}

const TYPES = [
  "", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK",
  "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH",
];

function decodeFrames(bytes) {
  const frames = [];
  let offset = 0;
  for (;;) {
    const frame = decodeFrame(bytes, offset);
    if (!frame) return { frames, rest: bytes.length - offset };
    offset = frame.end;
    delete frame.end;
    frames.push(frame);
  }
}

function decodeFrame(bytes, start) {
  if (bytes.length < start + 2) return null;
  const [first, second] = [bytes[start], bytes[start + 1]];
  if (first & 0x70) throw new Error("a reserved bit is set: an extension was negotiated");
  const masked = (second & 0x80) !== 0;
  const extended = { 126: 2, 127: 8 }[second & 0x7f] ?? 0;
  const maskAt = start + 2 + extended;
  const payloadAt = maskAt + (masked ? 4 : 0);
  if (bytes.length < payloadAt) return null;
  const length = extended
    ? Number(BigInt(`0x${bytes.subarray(start + 2, maskAt).toString("hex")}`))
    : second & 0x7f;
  const end = payloadAt + length;
  if (bytes.length < end) return null;
  const payload = Buffer.from(bytes.subarray(payloadAt, end));
  if (masked) {
    for (let i = 0; i < length; i++) payload[i] ^= bytes[maskAt + (i % 4)];
  }
  return { fin: (first & 0x80) !== 0, opcode: first & 0x0f, masked, payload, end };
}

// The remaining length is one to four bytes, seven bits each, lowest first.
function packetEnd(bytes, start) {
  let length = 0;
  for (let i = 0; i < 4; i++) {
    const at = start + 1 + i;
    if (at >= bytes.length) return null;
    length |= (bytes[at] & 0x7f) << (7 * i);
    if (bytes[at] < 0x80) return at + 1 + length;
  }
  throw new Error("the remaining length is longer than four bytes");
}
