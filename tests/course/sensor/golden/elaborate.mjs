// npm install mqtt
import { setTimeout as sleep } from "node:timers/promises";
import mqtt from "mqtt";

const client = await mqtt.connectAsync("wss://broker.example:443/mqtt?key=\"a\"", {
  protocolVersion: 5,
  clientId: "it's \"sensor\" 7",
  clean: false,
  properties: { sessionExpiryInterval: 3600 },
  username: "ada\\\nlovelace",
  password: process.env.MQTT_PASSWORD,
});

for (let i = 0; i < 7; i++) {
  const reading = ((3.0 - 1.0 * i) / 10.0).toFixed(1);
  await client.publishAsync("温度/${x}/{y}/\u{202e}😀", reading, { qos: 2, retain: true });
  console.log(reading);
  await sleep(1250);
}

await client.endAsync();
