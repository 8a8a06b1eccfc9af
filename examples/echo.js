/**
 * A server of ministreaming that says back what it hears, and a client that speaks to it through wirelint's proxy:
 *
 *     npx wirelint proxy udp:0 udp:127.0.0.1:26999 -- node examples/echo.js
 *
 * The proxy says in the environment where it listens and where it expects the server. With `--bug` the server answers under
 * the id that it has given itself, and not under the client's. Its client is happy with that.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import process from 'node:process';

const SYN = 0xa1;
const ACK = 0x51;
const CLIENT_DATA = 0xa0;
const SERVER_DATA = 0x50;
const CLIENT_CLOSE = 0xa2;
const SERVER_CLOSE = 0x52;
const CLIENT_ID = Buffer.from('00c0de', 'hex');
const SERVER_ID = Buffer.from('5e77e7', 'hex');
const KEY = Buffer.alloc(387, 'a key');

const isBuggy = process.argv.includes('--bug');
const { WIRELINT_UPSTREAM_1: upstream = '', WIRELINT_HOST_1: host, WIRELINT_PORT_1: port } = process.env;
if (!port)
  throw new Error('run it through the proxy: npx wirelint proxy udp:0 udp:127.0.0.1:26999 -- node examples/echo.js');

const server = createSocket('udp4');
server.on('message', (message, client) => {
  const answer = (type, ...parts) =>
    server.send(Buffer.concat([Uint8Array.of(type), ...parts]), client.port, client.address);
  if (message[0] === SYN) answer(ACK, message.subarray(1, 4), SERVER_ID);
  if (message[0] === CLIENT_DATA) answer(SERVER_DATA, isBuggy ? SERVER_ID : CLIENT_ID, message.subarray(4));
  if (message[0] === CLIENT_CLOSE) answer(SERVER_CLOSE, CLIENT_ID);
});
server.bind(Number(upstream.split(':').at(-1)), '127.0.0.1');
await once(server, 'listening');

const client = createSocket(host.includes(':') ? 'udp6' : 'udp4');
/** Sends a message and waits for what comes back. */
async function say(type, ...parts) {
  client.send(Buffer.concat([Uint8Array.of(type), ...parts]), Number(port), host);
  const [answer] = await once(client, 'message');
  return answer;
}

const serverId = (await say(SYN, CLIENT_ID, KEY)).subarray(4);
for (const line of ['hello', 'is anybody there?']) {
  const heard = await say(CLIENT_DATA, serverId, Buffer.from(line));
  process.stdout.write(`heard ${heard.toString('latin1', 4)}\n`);
}
await say(CLIENT_CLOSE, serverId);
client.close();
server.close();
