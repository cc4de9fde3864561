//! Prints the temperature sensor as a program for an MQTT client library.
//!
//! ```text
//! $ cargo run --example sensor -- paho-mqtt --url mqtt://localhost:1883 -q 1 > sensor.py
//! ```
//!
//! `--help` lists the flags.

#![cfg_attr(target_arch = "wasm32", no_main)]
#![cfg(not(target_arch = "wasm32"))]

use std::process::ExitCode;
use std::time::Duration;

use bytestring::ByteString;
use fourstep::codec::{QoS, Version, topic};
use fourstep::course::sensor::Sensor;
use fourstep::course::snippet::Library;
use fourstep::sim::Publication;
use lexopt::{Arg, Error, Parser, ValueExt};

const HELP: &str = "\
sensor LIBRARY [FLAGS]

LIBRARY is paho-mqtt (Python), MQTT.js (JavaScript) or rumqttc (Rust).
  --url URL            mqtt://, mqtts://, ws:// or wss:// (ws://localhost:9001)
  -V VERSION           mqttv311 or mqttv5 (mqttv5)
  -i IDENTIFIER        client identifier (sensor)
  -c                   keep the session: Clean Session or Clean Start 0
  -x SECONDS           Session Expiry Interval (0; mqttv5 only)
  -u NAME              user name
  --password           a password goes with it: the program takes it from MQTT_PASSWORD
  -t TOPIC             (sensor/temperature)
  -q 0|1|2             QoS (0)
  -r                   retain
  --count N            readings (10)
  --every MILLISECONDS from one to the next (1000)
  --start NUMBER       the first reading (20.0)
  --step NUMBER        what each adds (0.5)
";

fn main() -> ExitCode {
    match run() {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("sensor: {error}. --help lists the flags.");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<String, Error> {
    let mut sensor = Sensor::default();
    let mut library = None;
    let mut parser = Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(HELP.to_owned()),
            Arg::Value(name) if library.is_none() => {
                let name = name.string()?;
                let named = Library::ALL.into_iter().find(|library| library.name() == name);
                library = Some(named.ok_or_else(|| format!("{name} is no library"))?);
            }
            Arg::Long(name) => {
                let name = name.to_owned();
                read(&mut sensor, &name, &mut parser)?;
            }
            Arg::Short(letter) => read(&mut sensor, &letter.to_string(), &mut parser)?,
            other => return Err(other.unexpected()),
        }
    }
    let library = library.ok_or("a library is missing")?;
    library.snippet(&sensor).map_err(|error| Error::Custom(Box::new(error)))
}

fn read(sensor: &mut Sensor, flag: &str, parser: &mut Parser) -> Result<(), Error> {
    match flag {
        "url" => sensor.url = text(parser)?,
        "V" => sensor.version = version(parser)?,
        "i" => sensor.client_identifier = text(parser)?,
        "c" => sensor.clean_start = false,
        "x" => sensor.session_expiry_interval = parser.value()?.parse()?,
        "u" => sensor.user_name = Some(text(parser)?),
        "password" => sensor.has_password = true,
        "t" => {
            sensor.topic = text(parser)?;
            topic::validate_name(&sensor.topic).map_err(|rule| rule.sentence())?;
        }
        "q" => sensor.qos = qos(parser)?,
        "r" => sensor.retain = true,
        "count" => sensor.count = count(parser)?,
        "every" => sensor.every = Duration::from_millis(parser.value()?.parse()?),
        "start" => sensor.start = parser.value()?.parse()?,
        "step" => sensor.step = parser.value()?.parse()?,
        flag => return Err(Error::UnexpectedOption(flag.to_owned())),
    }
    Ok(())
}

fn text(parser: &mut Parser) -> Result<ByteString, Error> {
    Ok(parser.value()?.string()?.into())
}

fn version(parser: &mut Parser) -> Result<Version, Error> {
    match parser.value()?.string()?.as_str() {
        "mqttv311" => Ok(Version::V311),
        "mqttv5" => Ok(Version::V5),
        other => Err(format!("{other} is no version").into()),
    }
}

fn qos(parser: &mut Parser) -> Result<QoS, Error> {
    let number: u8 = parser.value()?.parse()?;
    QoS::from_bits(number).ok_or_else(|| format!("{number} is no QoS").into())
}

fn count(parser: &mut Parser) -> Result<u32, Error> {
    let number: u32 = parser.value()?.parse()?;
    let most = Publication::MOST_TIMES;
    let fits = (1..=most).contains(&number);
    if fits { Ok(number) } else { Err(format!("--count is 1 to {most}").into()) }
}
