//! What `--help` prints.

/// The flags.
pub const TEXT: &str = "\
broker [--tcp ADDRESS]... [--websocket ADDRESS]... [FLAGS]

Where to listen; with neither, --tcp 127.0.0.1:1883. Port 0 is any free port.
  --tcp ADDRESS                     MQTT on TCP
  --websocket ADDRESS               MQTT on WebSocket, any path
  --origin ORIGIN                   pages of this origin, such as https://example.org, may connect to a
                                    WebSocket, besides those of its own host and port; any is all.
                                    Repeatable. Without it all may on a loopback address

What clients may do, and what CONNACK tells 5.0 clients.
  --receive-maximum N               unfinished QoS 1 and 2 messages from one client (20)
  --topic-alias-maximum N           topic aliases, in both directions (10)
  --maximum-packet-size BYTES       (no limit but the protocol's)
  --maximum-qos 0|1|2               (2)
  --retain-available true|false     (true)
  --max-connections N               (100000)
  --server-keep-alive SECONDS       the most: for clients that ask for more or for 0 (5.0 only)
  --in-flight N                     unfinished QoS 1 and 2 messages to one client (1000)
  --client-id-length BYTES          the longest client identifier, 23 at least (1024)
  --session-expiry-maximum SECONDS  how long a session is kept without its client (604800, a week;
                                    4294967295 for ever)
  --assigned-session-expiry-maximum SECONDS
                                    the same where the broker assigned the identifier (3600)

Who may do it.
  --allow-anonymous true|false             (true)
  --allow-zero-length-client-id true|false (true)
  --user NAME:PASSWORD              repeatable
  --deny-subscribe FILTER           nobody may subscribe to what it matches; repeatable
  --deny-publish FILTER             nobody may publish to what it matches; repeatable
  --auth-method NAME                an enhanced authentication that shows the exchange: the client
                                    has to send back what it gets; repeatable (5.0 only)

  -v, --verbose                     tell on standard error what happens
";
