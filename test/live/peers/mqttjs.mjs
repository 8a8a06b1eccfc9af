// What mqtt.js does in a conversation of the usual kind: node mqttjs.mjs PORT VERSION [CA]

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import mqtt from 'mqtt';

const [port, version, ca] = process.argv.slice(2);
const isFive = version === '5.0';
const BURST = 40;

const clients = new Set();

async function connected(id, options = {}, properties = {}) {
  const client = mqtt.connect(`${ca ? 'mqtts' : 'mqtt'}://127.0.0.1:${port}`, {
    protocolVersion: isFive ? 5 : 4,
    clientId: id,
    reconnectPeriod: 0,
    ...(ca && { ca: readFileSync(ca) }),
    ...(isFive && { properties }),
    ...options,
  });
  clients.add(client);
  client.heard = [];
  client.on('message', (_topic, _payload, packet) => client.heard.push(packet));
  client.on('error', error => console.error(`${id}: ${error.message}`));
  await once(client, 'connect');
  return client;
}

async function until(what, holds) {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    if (holds()) return;
    await pause(10);
  }
  throw new Error(`waited in vain for ${what}`);
}

/** The connection breaks without a word. */
async function cut(client) {
  const closed = once(client, 'close');
  client.stream.destroy();
  await closed;
  client.end(true);
}

async function everyQuality() {
  const subscriber = await connected('js-sub');
  await subscriber.subscribeAsync({ 'q/0': { qos: 0 }, 'q/1': { qos: 1 }, 'q/2': { qos: 2 } });
  const publisher = await connected('js-pub');
  for (const qos of [0, 1, 2]) {
    for (let count = 0; count < 5; count++) await publisher.publishAsync(`q/${qos}`, `message ${count}`, { qos });
  }
  await until('all of them', () => subscriber.heard.length === 15);
  await subscriber.unsubscribeAsync(['q/0', 'q/1', 'q/2']);
  await publisher.endAsync();
  await subscriber.endAsync();
}

/** More at once than the server has said that it takes. */
async function burst() {
  const subscriber = await connected('js-slow', {}, { receiveMaximum: 3 });
  await subscriber.subscribeAsync('burst/#', { qos: 2 });
  const publisher = await connected('js-burst');
  const all = Array.from({ length: BURST }, (_, count) =>
    publisher
      .publishAsync(`burst/${count}`, 'x', { qos: 1 + (count % 2) })
      .catch(error => console.error(String(error))),
  );
  await Promise.race([Promise.all(all), pause(5_000)]);
  await pause(500);
  await publisher.endAsync();
  await subscriber.endAsync();
}

async function retained() {
  const publisher = await connected('js-retain');
  await publisher.publishAsync('kept/a', 'kept', { qos: 1, retain: true });
  const subscriber = await connected('js-late');
  await subscriber.subscribeAsync('kept/+', { qos: 1 });
  await until('the retained message', () => subscriber.heard.length === 1);
  await publisher.publishAsync('kept/a', '', { qos: 1, retain: true });
  await until('its end', () => subscriber.heard.length === 2);
  await publisher.endAsync();
  await subscriber.endAsync();
}

async function will() {
  const subscriber = await connected('js-heir');
  await subscriber.subscribeAsync('will/#', { qos: 2 });
  const message = { topic: 'will/js', payload: Buffer.from('gone'), qos: 1, retain: false };
  await cut(await connected('js-mortal', { will: message }));
  await until('the will', () => subscriber.heard.length === 1);
  const survivor = await connected('js-polite', { will: { ...message, topic: 'will/none' } });
  await survivor.endAsync();
  await pause(200);
  await subscriber.endAsync();
}

async function session() {
  const options = { clean: false };
  const kept = { sessionExpiryInterval: 60 };
  const first = await connected('js-keeper', options, kept);
  await first.subscribeAsync('session/#', { qos: 2 });
  await cut(first);
  const publisher = await connected('js-writer');
  for (const qos of [1, 2, 1, 2]) await publisher.publishAsync('session/a', 'while away', { qos });
  const second = await connected('js-keeper', options, kept);
  await until('what came meanwhile', () => second.heard.length === 4);
  await second.unsubscribeAsync('session/#');
  await second.endAsync();
  // Some of these wait for their acknowledgement when the connection breaks, and are sent again.
  const broken = await connected('js-broken', { ...options, reconnectPeriod: 50 }, kept);
  const all = Array.from({ length: 10 }, (_, count) =>
    broken.publishAsync('lost/a', `${count}`, { qos: 1 + (count % 2) }),
  );
  broken.stream.destroy();
  await Promise.race([Promise.all(all), pause(5_000)]);
  await broken.endAsync();
  await publisher.endAsync();
}

async function keepAlive() {
  const idle = await connected('js-idle', { keepalive: 4 });
  await pause(9_000);
  await idle.endAsync();
}

async function five() {
  const properties = { topicAliasMaximum: 5, requestResponseInformation: true };
  const subscriber = await connected('js-five', {}, properties);
  await subscriber.subscribeAsync('five/#', { qos: 1, rap: true, properties: { subscriptionIdentifier: 7 } });
  await subscriber.subscribeAsync('$share/group/five/shared', { qos: 1 });
  const publisher = await connected('js-alias', { autoAssignTopicAlias: true }, { topicAliasMaximum: 5 });
  const details = { contentType: 'text/plain', payloadFormatIndicator: true, messageExpiryInterval: 60 };
  const request = {
    responseTopic: 'five/answer',
    correlationData: Buffer.from('1'),
    userProperties: { a: ['1', '2'] },
  };
  for (let count = 0; count < 6; count++) {
    await publisher.publishAsync(count % 2 ? 'five/a' : 'five/shared', 'x', {
      qos: 1,
      properties: { ...details, ...request },
    });
  }
  await until('all of them', () => subscriber.heard.length >= 6);
  await publisher.endAsync(false, { reasonCode: 4 });
  await subscriber.endAsync(false, { properties: { reasonString: 'enough' } });
}

const steps = [everyQuality, burst, retained, will, session, keepAlive, ...(isFive ? [five] : [])];
for (const step of steps) {
  await step().catch(error => {
    console.error(`${step.name}: ${error.message}`);
    process.exitCode = 1;
  });
  for (const client of clients) client.end(true);
  clients.clear();
}
process.exit();
