//! Whatever the settings are, a program says exactly them.

use bytestring::ByteString;
use fourstep::course::sensor::Sensor;
use fourstep::course::snippet::Library;
use proptest::prelude::*;

/// What stands before the topic, the client identifier and the user name.
fn places(library: Library) -> [&'static str; 3] {
    match library {
        Library::Paho => ["client.publish(", "client_id=", "username_pw_set("],
        Library::MqttJs => ["publishAsync(", "clientId: ", "username: "],
        Library::Rumqttc => ["sensor.publish(", "MqttOptions::new(", "set_credentials("],
    }
}

proptest! {
    #[test]
    fn a_text_in_a_program_is_the_text_of_the_settings(
        topic in any::<String>(),
        identifier in any::<String>(),
        user_name in r#"[\PC\n\r\t"'\\{}$%`\u{202E}\u{1F600}]*"#,
    ) {
        let sensor = Sensor {
            topic: topic.clone().into(),
            client_identifier: identifier.clone().into(),
            user_name: Some(user_name.clone().into()),
            ..Sensor::default()
        };
        for library in Library::ALL {
            let snippet = library.snippet(&sensor).expect("an address");
            for (place, expected) in places(library).iter().zip([&topic, &identifier, &user_name]) {
                let (_, literal) = snippet.split_once(place).expect("the place is there");
                prop_assert_eq!(read(literal, library), Some(expected.clone()));
            }
        }
    }

    #[test]
    fn no_setting_can_add_a_line_to_a_program(text in any::<String>()) {
        let lines = |text: ByteString| {
            let sensor = Sensor {
                topic: text.clone(),
                client_identifier: text.clone(),
                user_name: Some(text),
                ..Sensor::default()
            };
            Library::ALL.map(|library| library.snippet(&sensor).map(|code| code.lines().count()))
        };
        prop_assert_eq!(lines(text.into()), lines("plain".into()));
    }
}

proptest! {
    #[test]
    fn an_address_is_refused_or_cannot_leave_its_literal(
        scheme in "(mqtt|mqtts|ws|wss)",
        host in r#"[a-z0-9.\-"'\\ \n;\]\[:é温]{1,12}"#,
        port in "(:[0-9]{1,6})?",
        path in r#"(/[a-z"'\\ \n\r;{}$`%#?é\u{202E}]{0,12})?"#,
    ) {
        let program = |url: String, library: Library| {
            library.snippet(&Sensor { url: url.into(), ..Sensor::default() })
        };
        for library in Library::ALL {
            let Ok(code) = program(format!("{scheme}://{host}{port}{path}"), library) else { continue };
            let plain = program(format!("{scheme}://host/path"), library).expect("an address");
            let lines = |code: &str| shape(code, library).map(|it| it.lines().count());
            prop_assert_eq!(lines(&code), lines(&plain), "{}", code);
        }
    }
}

/// A program with its texts left out; `None` if one of them is none.
fn shape(code: &str, library: Library) -> Option<String> {
    let mut shape = String::new();
    let mut rest = code;
    while let Some(start) = rest.find('"') {
        shape.push_str(&rest[..start]);
        shape.push('"');
        let literal = &rest[start..];
        read(literal, library)?;
        let mut is_escaped = true;
        let end = literal.find(|character| {
            let ends = character == '"' && !is_escaped;
            is_escaped = character == '\\' && !is_escaped;
            ends
        })?;
        rest = &literal[end + 1..];
    }
    shape.push_str(rest);
    Some(shape)
}

#[test]
fn what_cannot_be_seen_is_written_by_its_number() {
    for (character, python, others) in [
        ('\0', r"\u0000", r"\u{0}"),
        ('\u{7F}', r"\u007f", r"\u{7f}"),
        ('\u{A0}', r"\u00a0", r"\u{a0}"),
        ('\u{200B}', r"\u200b", r"\u{200b}"),
        ('\u{202E}', r"\u202e", r"\u{202e}"),
        ('\u{E0001}', r"\U000e0001", r"\u{e0001}"),
        ('é', "é", "é"),
        ('温', "温", "温"),
        ('\u{1F600}', "\u{1F600}", "\u{1F600}"),
        ('\'', "'", "'"),
        ('\n', r"\n", r"\n"),
    ] {
        let sensor = Sensor { topic: character.to_string().into(), ..Sensor::default() };
        for library in Library::ALL {
            let expected = if library == Library::Paho { python } else { others };
            let snippet = library.snippet(&sensor).expect("an address");
            let place = format!("{}\"{expected}\"", places(library)[0]);
            assert!(snippet.contains(&place), "{place} is not in\n{snippet}");
        }
    }
}

/// Reads the string literal at the start of a text, strictly: what the three
/// languages do not all refuse has no place in it.
fn read(code: &str, library: Library) -> Option<String> {
    let mut characters = code.strip_prefix('"')?.chars();
    let mut text = String::new();
    loop {
        text.push(match characters.next()? {
            '"' => return Some(text),
            '\\' => match characters.next()? {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                same @ ('"' | '\\') => same,
                'u' if library == Library::Paho => number(characters.by_ref().take(4))?,
                'U' if library == Library::Paho => number(characters.by_ref().take(8))?,
                'u' => {
                    (characters.next()? == '{').then_some(())?;
                    number(characters.by_ref().take_while(|character| *character != '}'))?
                }
                _ => return None,
            },
            raw if raw.is_control() => return None,
            raw => raw,
        });
    }
}

fn number(digits: impl Iterator<Item = char>) -> Option<char> {
    let digits: String = digits.collect();
    u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
}
