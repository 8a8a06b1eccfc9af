/** The least that a relay on Node can be: `node bare-relay.js tcp|udp PORT UPSTREAM_PORT`, on the loopback, until it is killed. */
import * as dgram from 'node:dgram';
import * as net from 'node:net';

const [kind, port, upstream] = process.argv.slice(2);
if (kind === 'tcp') {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, client => {
    const there = net.connect({ port: Number(upstream), host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    client.pipe(there).pipe(client);
    client.on('error', () => there.destroy());
    there.on('error', () => client.destroy());
  });
  server.listen({ port: Number(port), host: '127.0.0.1', backlog: 4_096 });
} else {
  const listener = dgram.createSocket('udp4').bind(Number(port), '127.0.0.1');
  const flows = new Map<number, dgram.Socket>();
  listener.on('message', (bytes, client) => {
    const known = flows.get(client.port);
    const there =
      known ?? dgram.createSocket('udp4').on('message', answer => listener.send(answer, client.port, client.address));
    if (!known) flows.set(client.port, there);
    there.send(bytes, Number(upstream), '127.0.0.1');
  });
}
