// npm install mqtt
import { setTimeout as sleep } from "node:timers/promises";
import mqtt from "mqtt";

const client = await mqtt.connectAsync("ws://localhost:9001/", {
  protocolVersion: 5,
  clientId: "sensor",
  clean: true,
});

for (let i = 0; i < 10; i++) {
  const reading = (20.0 + 0.5 * i).toFixed(1);
  await client.publishAsync("sensor/temperature", reading, { qos: 0 });
  console.log(reading);
  await sleep(1000);
}

await client.endAsync();
