//! How `sub` prints a message.

use std::io::{self, Write};

use fourstep::codec::Publish;

/// A line with places for the parts of a message.
#[derive(Clone)]
pub struct Format(String);

impl Default for Format {
    /// The payload alone.
    fn default() -> Self {
        Format("%p".to_owned())
    }
}

impl Format {
    /// `%t` topic, `%p` payload, `%q` QoS, `%r` RETAIN, `%d` DUP, `%%` a
    /// percent sign.
    pub fn new(pattern: String) -> Self {
        Format(pattern)
    }

    /// The topic and the payload.
    pub fn verbose() -> Self {
        Format("%t %p".to_owned())
    }

    /// Writes a message and the end of its line.
    pub fn write(&self, message: &Publish, out: &mut impl Write) -> io::Result<()> {
        let mut rest = self.0.chars();
        while let Some(character) = rest.next() {
            match (character, if character == '%' { rest.next() } else { None }) {
                ('%', Some('t')) => write!(out, "{}", message.topic)?,
                ('%', Some('p')) => out.write_all(&message.payload)?,
                ('%', Some('q')) => write!(out, "{}", message.qos.bits())?,
                ('%', Some('r')) => write!(out, "{}", u8::from(message.retain))?,
                ('%', Some('d')) => write!(out, "{}", u8::from(message.dup))?,
                ('%', Some(other)) => write!(out, "{other}")?,
                (other, _) => write!(out, "{other}")?,
            }
        }
        writeln!(out)
    }
}
