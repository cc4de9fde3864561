//! What `--help` prints.

/// The flags.
pub const TEXT: &str = "\
client pub -t TOPIC (-m PAYLOAD | -n | -l | -f FILE) [-q QOS] [-r] [FLAGS]
client sub -t FILTER... [-q QOS] [-v | -F FORMAT] [-C COUNT] [FLAGS]

  -m PAYLOAD   one message            -v          print topic and payload
  -n           an empty message       -F FORMAT   %t topic, %p payload, %q QoS, %r RETAIN, %d DUP
  -l           one for each line      -C COUNT    stop after so many messages
  -f FILE      a file's content
  -r           retain it

  -h HOST, -p PORT        where to (localhost, 1883)
  --ws                    as a WebSocket (port 80), path /mqtt
  -L URL                  mqtt://HOST[:PORT] or ws://HOST[:PORT]/PATH
  -V VERSION              311 or mqttv311; 5 or mqttv5 (the default)
  -i IDENTIFIER           client identifier (the server chooses)
  -c                      keep the server's session, without end or
  -x SECONDS              for so long (5.0); ours ends with the program, so it does for sub alone
  --session FILE          keep ours too, in this file (means -c, needs -i): what is unfinished goes
                          on the next time. Synced to the disk before a packet that depends on it
                          leaves; refused while another program has it open
  -k SECONDS              keep-alive (60)
  -u NAME, -P PASSWORD    user name and password
  --will-topic TOPIC, --will-payload PAYLOAD, --will-qos QOS, --will-retain
  -W SECONDS              give up after so long
  -d                      tell on standard error what happens

Exit codes: 0 done, 1 failed, 2 wrong flags, 27 timed out.
";
