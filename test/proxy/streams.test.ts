import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, linkSync, statSync, writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FIN, RST } from '../../src/proxy/packets.ts';
import { heardOf, portOf, scratch, startProxy, streamClient, streamServer, Torrent, until } from '../kit/proxy.ts';

/** Flags of the TCP packets, IPv4 without options. */
const flagsOf = (frames: readonly { bytes: Uint8Array }[]) => frames.map(({ bytes }) => bytes[33]);

const echo = (socket: net.Socket) => socket.pipe(socket);

test('bytes go through as they are, both ways at once, and so does the end of each direction', async () => {
  const { server, seen } = await startProxy('tcp:0', `tcp:${await streamServer(echo)}`);
  const client = await streamClient(portOf(server));
  const sent = Buffer.alloc(8 * 1024 * 1024, 'wirelint ');
  client.end(sent);
  const heard = await heardOf(client);
  expect(createHash('sha256').update(heard).digest('hex')).toBe(createHash('sha256').update(sent).digest('hex'));
  await until('both to be gone', () => server.open === 0);
  expect(flagsOf(seen.frames).filter(flags => flags & FIN)).toHaveLength(2);
  expect(seen.facts).toMatchObject({ knownComplete: true, complete: true, packets: seen.frames.length });
});

test('a server that has said all it has to may still listen', async () => {
  const port = await streamServer(async socket => {
    socket.end('bye');
    const rest = await heardOf(socket);
    received = rest.toString();
  });
  let received = '';
  const { server } = await startProxy('tcp:0', `tcp:${port}`);
  const client = await streamClient(portOf(server));
  const [first] = await once(client, 'data');
  await once(client, 'end');
  client.end('thanks');
  await until('the rest', () => received !== '');
  expect([String(first), received]).toEqual(['bye', 'thanks']);
});

describe('a reset stays a reset', () => {
  test('of the client', async () => {
    let failure = '';
    const port = await streamServer(socket => {
      socket.on('error', error => {
        failure = 'code' in error ? String(error.code) : '';
      });
      socket.write('go');
    });
    const { server, seen } = await startProxy('tcp:0', `tcp:${port}`);
    const client = await streamClient(portOf(server));
    await once(client, 'data');
    client.resetAndDestroy();
    await until('the server to hear of it', () => failure !== '');
    expect(failure).toBe('ECONNRESET');
    expect(flagsOf(seen.frames).at(-1)! & RST).toBe(RST);
    expect(server.open).toBe(0);
  });

  test('of the server', async () => {
    const { server, seen } = await startProxy('tcp:0', `tcp:${await streamServer(socket => socket.resetAndDestroy())}`);
    const client = await streamClient(portOf(server));
    const [error] = await once(client, 'error').catch(reason => [reason]);
    expect(error).toMatchObject({ code: 'ECONNRESET' });
    expect(flagsOf(seen.frames).at(-1)! & RST).toBe(RST);
  });
});

test('a server that is not there: the client is reset, the packets show who refused, the proxy goes on', async () => {
  const gone = net.createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as net.AddressInfo;
  gone.close();
  await once(gone, 'close');
  const { server, seen } = await startProxy('tcp:0', `tcp:${port}`);
  const client = await streamClient(portOf(server));
  const [error] = await once(client, 'error').catch(reason => [reason]);
  expect(error).toMatchObject({ code: 'ECONNRESET' });
  expect(seen.frames).toHaveLength(2);
  expect(seen.events).toEqual([{ kind: 'refused', message: `tcp:127.0.0.1:${port}: connection refused` }]);
  await streamServer(echo, port);
  const next = await streamClient(portOf(server));
  next.end('back');
  expect((await heardOf(next)).toString()).toBe('back');
});

test('a client that does not read holds its server up, and not the memory of the proxy', async () => {
  const torrent = new Torrent();
  const { server } = await startProxy('tcp:0', `tcp:${await streamServer(torrent.serve)}`);
  const client = net.connect(portOf(server), '127.0.0.1');
  client.pause();
  await once(client, 'connect');
  // Buffers of the kernel on both connections, and what the proxy keeps.
  expect(await torrent.heldUp()).toBeLessThan(32 * 1024 * 1024);
  client.destroy();
});

describe('a Unix socket', () => {
  test('is passed on to, is for its owner only, and is gone with the proxy', async () => {
    const folder = scratch();
    const upstream = join(folder, 'up.sock');
    const listen = join(folder, 'in.sock');
    await streamServer(echo, upstream);
    const { server, seen } = await startProxy(`unix:${listen}`, `unix:${upstream}`);
    expect(statSync(listen).mode & 0o777).toBe(0o600);
    const client = await streamClient(listen);
    client.end('through the file system');
    expect((await heardOf(client)).toString()).toBe('through the file system');
    expect(seen.frames[0].comment).toBe(`unix:${upstream}`);
    await server.stop();
    expect(existsSync(listen)).toBe(false);
  });

  test('that a process left behind is replaced', async () => {
    const listen = join(scratch(), 'in.sock');
    const left = net.createServer().listen(listen);
    await once(left, 'listening');
    // The second name stays, as the first one does when its process is killed.
    const path = `${listen}.left`;
    linkSync(listen, path);
    left.close();
    await once(left, 'close');
    expect(existsSync(path)).toBe(true);
    const { server } = await startProxy(`unix:${path}`, `tcp:${await streamServer(echo)}`);
    expect(server.pairs[0].listen).toEqual({ scheme: 'unix', path });
  });

  test('that somebody listens on is left alone, and so is a file', async () => {
    const folder = scratch();
    const used = join(folder, 'used.sock');
    await streamServer(echo, used);
    await expect(startProxy(`unix:${used}`, 'tcp:1')).rejects.toThrow(
      `unix:${used}: another program listens there already`,
    );
    const file = join(folder, 'file');
    writeFileSync(file, 'kept');
    await expect(startProxy(`unix:${file}`, 'tcp:1')).rejects.toThrow('a file that is not a socket');
    expect(statSync(file).size).toBe(4);
    await expect(startProxy(`unix:${folder}/no/x.sock`, 'tcp:1')).rejects.toThrow('no such directory');
  });
});

test('an address that is taken is refused in one line', async () => {
  const port = await streamServer(echo);
  await expect(startProxy(`tcp:${port}`, 'tcp:1')).rejects.toThrow(
    `cannot listen on tcp:127.0.0.1:${port}: the address is in use already`,
  );
});

test('more clients than flows are allowed: the next one is refused and reported, the others live on', async () => {
  const { server, seen } = await startProxy('tcp:0', `tcp:${await streamServer(echo)}`, {
    limits: { 'proxy-flows': 2 },
  });
  const clients = [await streamClient(portOf(server)), await streamClient(portOf(server))];
  await until('two flows', () => server.open === 2);
  const third = net.connect(portOf(server), '127.0.0.1').on('error', () => {});
  await new Promise(resolve => third.once('close', resolve));
  expect(seen.events.map(({ kind }) => kind)).toEqual(['limit']);
  for (const client of clients) client.end('still here');
  expect(await Promise.all(clients.map(async client => String(await heardOf(client))))).toEqual([
    'still here',
    'still here',
  ]);
  await until('room', () => server.open === 0);
  const fourth = await streamClient(portOf(server));
  fourth.end('again');
  expect(String(await heardOf(fourth))).toBe('again');
});

test('IPv6, and a name', async () => {
  const port = await streamServer(echo);
  const { server, seen } = await startProxy('tcp:[::1]:0', `tcp:localhost:${port}`);
  const client = net.connect(portOf(server), '::1');
  client.end('six');
  expect(String(await heardOf(client))).toBe('six');
  expect(seen.frames[0].bytes[0] >>> 4).toBe(6);
});
