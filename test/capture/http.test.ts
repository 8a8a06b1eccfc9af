/** Captures by URL: the same frames and facts as from the file, whatever the server and the connection do. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Ends, endsOf } from '../../src/capture/http-ends.ts';
import type { Network } from '../../src/capture/http-request.ts';
import { openCapture } from '../../src/capture/open.ts';
import { sorted } from '../../src/capture/sorted.ts';
import { CaptureError } from '../../src/capture/source.ts';
import { LONG_AFTER } from '../../src/capture/store.ts';
import { storeCapture } from '../../src/capture/stored.ts';
import { hex } from '../../src/testkit/bytes.ts';
import { pcap } from '../../src/testkit/capture.ts';
import { type FileManner, giveFile, IMPATIENT, PATIENT, type Server, serve } from '../kit/file-server.ts';
import { placesOf } from '../kit/portion.ts';
import { type Collected, collect, collectBytes } from './collect.ts';

const SMALL = pcap([1, 2, 3].map(seconds => ({ seconds, bytes: hex('0a0b0c') })));
/** Many pieces of a body long. */
const LARGE = pcap(
  Array.from({ length: 800 }, (_, index) => ({ seconds: index, bytes: new Uint8Array(1500).fill(index) })),
);

const network: Network = { clock: PATIENT };

const openUrl = (url: string, own: Network = network) => openCapture(url, { network: own });
const read = async (url: string, own?: Network) => collect(await openUrl(url, own));

const serveFile = (bytes: Uint8Array, manner?: FileManner) =>
  serve((request, response) => giveFile(request, response, bytes, manner));

/** But for its name. */
const content = ({ frames, facts: { path: _, ...facts } }: Collected) => ({ frames, facts });

async function reasonOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CaptureError);
  return (error as CaptureError).message;
}

const FIXTURES = readdirSync('fixtures', { recursive: true, encoding: 'utf8' })
  .filter(name => /\.pcap(ng)?(\.gz)?$/.test(name))
  .map(name => `fixtures/${name}`);

/** A third of them, another one for each turn. */
const someFixtures = (turn: number) => placesOf(FIXTURES.length, 3, turn).map(place => FIXTURES[place]!);

describe('every fixture is read as from its file', () => {
  const readers: readonly (readonly [string, FileManner, turn: number])[] = [
    ['at once', {}, 0],
    ['from a server that breaks off again and again, with ranges', { breakAfter: 20_011 }, 1],
    ['the same without ranges, as far as it can be gone on', { ranges: false }, 2],
  ];
  test.each(readers)('%s', async (_, manner, turn) => {
    const server = await serve((request, response) =>
      giveFile(request, response, readFileSync(`.${request.url}`), manner),
    );
    expect(FIXTURES.length).toBeGreaterThan(100);
    for (const path of someFixtures(turn)) {
      const fromFile = await collect(await openCapture(path));
      expect(content(await read(`${server.origin}/${path}`)), path).toEqual(content(fromFile));
    }
  });

  test('in the order of time, and at any place', async () => {
    const server = await serve((request, response) => giveFile(request, response, readFileSync(`.${request.url}`)));
    for (const path of someFixtures(1)) {
      const [own, others] = await Promise.all(
        [path, `${server.origin}/${path}`].map(async place => {
          const stored = await storeCapture(place, { clock: LONG_AFTER, network });
          const all = await collect(await sorted(stored, 1_000_000).open());
          const found = [stored.size, stored.read(24, 60), stored.frame(2), stored.live];
          await stored.close();
          return [content(all), found];
        }),
      );
      expect(others, path).toEqual(own);
    }
  });
});

describe('a connection that breaks', () => {
  test('is made again where it broke off, for the version that was begun', async () => {
    const server = await serveFile(LARGE, { breakAfter: 500_000 });
    expect(content(await read(`${server.origin}/a.pcap`))).toEqual(content(await collectBytes(LARGE)));
    expect(server.asked.map(({ headers }) => [headers.range, headers['if-range']])).toEqual([
      [undefined, undefined],
      ['bytes=500000-', '"one"'],
      ['bytes=1000000-', '"one"'],
    ]);
  });

  test('is made again with the time of the last change where there is no entity tag', async () => {
    const modified = 'Sun, 01 Jan 2023 00:00:00 GMT';
    const server = await serveFile(LARGE, { breakAfter: 900_000, headers: { 'last-modified': modified } });
    expect((await read(`${server.origin}/a.pcap`)).facts.complete).toBe(true);
    expect(server.asked[1]?.headers['if-range']).toBe(modified);
  });

  test('goes on behind what is there from a server that knows no ranges', async () => {
    let answers = 0;
    const server = await serve((request, response) => {
      const last = answers++ === 2;
      giveFile(request, response, LARGE, { ranges: false, ...(!last && { breakAfter: 400_000 * answers }) });
    });
    expect(content(await read(`${server.origin}/a.pcap`))).toEqual(content(await collectBytes(LARGE)));
    expect(answers).toBe(3);
  });

  test.each<[string, FileManner]>([
    ['nothing', { headers: {} }],
    ['a weak tag', { headers: { etag: 'W/"one"' } }],
    ['a time that is not over', { headers: { 'last-modified': new Date(Date.now() + 60_000).toUTCString() } }],
  ])('ends the reading where the version has %s to go on by', async (_, manner) => {
    const server = await serveFile(LARGE, { ...manner, breakAfter: 500_000 });
    const { frames, facts } = await read(`${server.origin}/a.pcap`);
    expect(facts).toMatchObject({ complete: false, packets: 329 });
    expect(facts.problem?.message).toContain('500000 of 1212824 bytes');
    expect([frames.length, server.asked.length]).toEqual([329, 1]);
  });

  test('that brings nothing any more is tried five times', async () => {
    let answers = 0;
    const server = await serve((request, response) => {
      if (answers++ === 0) giveFile(request, response, LARGE, { breakAfter: 500_000 });
      else response.destroy();
    });
    const { facts } = await read(`${server.origin}/a.pcap`);
    expect(facts.problem?.message).toContain('500000 of 1212824 bytes');
    expect(answers).toBe(6);
  });

  test('and comes back with a status that stays is given up at once', async () => {
    let answers = 0;
    const server = await serve((request, response) => {
      if (answers++ === 0) giveFile(request, response, LARGE, { breakAfter: 500_000 });
      else response.writeHead(403).end();
    });
    expect((await read(`${server.origin}/a.pcap`)).facts.problem?.message).toContain('403 Forbidden');
    expect(answers).toBe(2);
  });

  test('and comes back with one that passes is tried again', async () => {
    let answers = 0;
    const server = await serve((request, response) => {
      answers++;
      if (answers === 2) response.writeHead(503).end();
      else giveFile(request, response, LARGE, answers === 1 ? { breakAfter: 500_000 } : {});
    });
    expect(content(await read(`${server.origin}/a.pcap`))).toEqual(content(await collectBytes(LARGE)));
    expect(answers).toBe(3);
  });

  test('in a body without a length goes on for the same version, and finds out where the end is', async () => {
    for (const sent of [LARGE.length, 700_000]) {
      const server = await serve((request, response) => {
        if (request.headers.range) return giveFile(request, response, LARGE);
        response.writeHead(200, { etag: '"one"' });
        response.write(LARGE.subarray(0, sent), () => response.destroy());
      });
      expect(content(await read(`${server.origin}/a.pcap`))).toEqual(content(await collectBytes(LARGE)));
      expect(server.asked.map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${sent}-`]);
    }
  });

  test('in a body without a length is a cut capture where there is no version', async () => {
    const server = await serve((_, response) => response.write(SMALL.subarray(0, 60), () => response.destroy()));
    const { facts } = await read(`${server.origin}/a.pcap`);
    expect(facts).toMatchObject({ complete: false, packets: 1 });
  });
});

/** What a server does in one answer. */
const deed = fc.oneof(
  { weight: 6, arbitrary: fc.record({ breakAfter: fc.integer({ min: 0, max: 4000 }), ranges: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constantFrom(503, 404) },
  { weight: 1, arbitrary: fc.constant('another version' as const) },
);

test('whatever a server does, the frames are those of the file, all of them or the first ones', async () => {
  const whole = await collectBytes(LARGE.subarray(0, 24 + 30 * 1516));
  const bytes = LARGE.slice(0, 24 + 30 * 1516);
  const complete = new Set<boolean>();
  let deeds: readonly (number | FileManner | 'another version')[] = [];
  const server = await serve((request, response) => {
    const [next = {}, ...others] = deeds;
    deeds = others;
    if (typeof next === 'number') response.writeHead(next).end();
    else if (next === 'another version')
      giveFile(request, response, new Uint8Array(bytes.length).fill(7), { headers: { etag: '"two"' } });
    else giveFile(request, response, bytes, next);
  });
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 12 }), async all => {
      deeds = [{ breakAfter: 3000 }, ...all];
      const { frames, facts } = await read(`${server.origin}/a.pcap`);
      complete.add(facts.complete);
      expect(frames).toEqual(whole.frames.slice(0, frames.length));
      expect(facts.complete).toBe(frames.length === whole.frames.length);
      expect(facts.problem === undefined).toBe(facts.complete);
    }),
    { numRuns: 60 },
  );
  expect([...complete].toSorted()).toEqual([false, true]);
});

describe('a file that changes while it is read', () => {
  const other = LARGE.map(byte => byte ^ 1);
  const manners: readonly (readonly [string, FileManner, Uint8Array])[] = [
    ['another tag', { headers: { etag: '"two"' } }, other],
    ['another tag, and no ranges', { headers: { etag: '"two"' }, ranges: false }, other],
    ['another length', {}, LARGE.subarray(0, -1)],
    ['no bytes where it went on', {}, LARGE.subarray(0, 100)],
  ];
  test.each(manners)('is never mixed: %s', async (_, manner, bytes) => {
    let answers = 0;
    const server = await serve((request, response) => {
      if (answers++ === 0) giveFile(request, response, LARGE, { breakAfter: 500_000 });
      else giveFile(request, response, bytes, manner);
    });
    const { frames, facts } = await read(`${server.origin}/a.pcap`);
    expect(facts.problem?.message).toContain('changed on the server');
    expect(frames).toEqual((await collectBytes(LARGE)).frames.slice(0, 329));
    expect(answers).toBe(2);
  });

  test.each([
    ['from before it', 'bytes 400000-1212823/1212824'],
    ['that does not say where it stands', ''],
  ])('is not gone on with a part %s', async (_, range) => {
    let answers = 0;
    const server = await serve((request, response) => {
      if (answers++ === 0) giveFile(request, response, LARGE, { breakAfter: 500_000 });
      else response.writeHead(206, { etag: '"one"', 'content-range': range }).end(LARGE.subarray(400_000));
    });
    expect((await read(`${server.origin}/a.pcap`)).facts.problem?.message).toContain('another part');
  });
});

describe('an answer that is no capture', () => {
  test.each([
    [401, 'WIRELINT_HTTP_AUTHORIZATION'],
    [403, 'signed URL'],
    [404, 'no such file'],
    [410, 'no more'],
    [416, '416 Range Not Satisfiable'],
    [500, 'try again later'],
    [503, 'try again later'],
    [204, '204 No Content'],
    [206, '206 Partial Content'],
    [304, '304 Not Modified'],
    [799, '799'],
  ])('with status %i', async (status, words) => {
    const server = await serve((_, response) => response.writeHead(status, 'Words of the server').end());
    const reason = await reasonOf(openUrl(`${server.origin}/a.pcap`));
    expect(reason).toMatch(new RegExp(`^${server.origin}/a.pcap: .*${words}`));
    expect(reason).not.toContain('Words');
    expect(server.asked.length).toBe(1);
  });

  test('with a page instead of a file', async () => {
    const server = await serve((_, response) => response.end('<html>Sign in</html>'));
    expect(await reasonOf(openUrl(`${server.origin}/a.pcap`))).toContain('not a capture');
  });

  test('with nothing in it', async () => {
    const server = await serve((_, response) => response.end());
    expect(await reasonOf(openUrl(`${server.origin}/a.pcap`))).toContain('is empty');
  });

  test('of a server that speaks no HTTP', async () => {
    const server = createServer(socket => socket.end('SSH-2.0-OpenSSH_9\r\n')).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise(resolve => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    expect(await reasonOf(openUrl(`http://127.0.0.1:${port}/a.pcap`))).toContain('no HTTP');
    expect(await reasonOf(openUrl(`https://127.0.0.1:${port}/a.pcap`))).toContain('TLS');
  });

  test('of a server with which TLS cannot be agreed on', async () => {
    const server = createTlsServer({}).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise(resolve => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const reason = await reasonOf(openUrl(`https://127.0.0.1:${port}/a.pcap`));
    expect(reason).toMatch(/^https:\S+: TLS cannot be agreed on: [\w ]+$/);
  });

  test('where nobody listens', async () => {
    expect(await reasonOf(openUrl('http://127.0.0.1:1/a.pcap'))).toBe('http://127.0.0.1:1/a.pcap: connection refused');
  });

  test('in a name that is no URL, of which nothing is shown', async () => {
    expect(await reasonOf(openUrl('http://user:pass word@[::1/x'))).toMatch(/^http:\/\/\.\.\.: /);
  });
});

describe('a server that is silent', () => {
  const impatient: Network = { clock: IMPATIENT };

  test('instead of answering', async () => {
    const server = await serve(() => {});
    expect(await reasonOf(openUrl(`${server.origin}/a.pcap`, impatient))).toContain('no byte came for 30 seconds');
  });

  test('in the middle of a file is asked again for the rest', async () => {
    let answers = 0;
    const server = await serve((request, response) => {
      if (answers++ > 0) return giveFile(request, response, LARGE);
      response.writeHead(200, { etag: '"one"', 'content-length': LARGE.length });
      response.write(LARGE.subarray(0, 500_000));
    });
    expect(content(await read(`${server.origin}/a.pcap`, impatient))).toEqual(content(await collectBytes(LARGE)));
    expect(server.asked[1]?.headers.range).toBe('bytes=500000-');
  });

  test('is left alone by those who have enough', async () => {
    let ended = () => {};
    const isEnded = new Promise<void>(resolve => {
      ended = resolve;
    });
    const server = await serve((_, response) => {
      response.on('close', ended);
      response.writeHead(200, { 'content-length': LARGE.length }).write(SMALL.subarray(0, 60));
    });
    const stored = await storeCapture(`${server.origin}/a.pcap`, { clock: LONG_AFTER, network });
    const opening = reasonOf(stored.open());
    await stored.close();
    await isEnded;
    expect(await opening).toContain('stopped');
  });
});

describe('a body', () => {
  test('without a length is taken for a pipe', async () => {
    const server = await serve((_, response) => {
      response.write(LARGE.subarray(0, 70_000));
      response.end(LARGE.subarray(70_000));
    });
    const source = await openUrl(`${server.origin}/a.pcap`);
    expect(source.live).toBe(true);
    expect(content(await collect(source))).toEqual(content(await collectBytes(LARGE)));
  });

  test('is asked for as it is, and tells how long it will be', async () => {
    const server = await serveFile(LARGE);
    const totals = new Set<number | undefined>();
    const source = await openUrl(`${server.origin}/a.pcap`);
    await source.read(
      () => {},
      ({ total }) => void totals.add(total),
    );
    expect([...totals]).toEqual([LARGE.length]);
    expect(server.asked[0]?.headers['accept-encoding']).toBe('identity');
  });

  test('is unpacked by its bytes, whether the header says that it is packed or not, and goes on when it breaks', async () => {
    const packed = gzipSync(LARGE, { level: 0 });
    for (const coding of [{}, { 'content-encoding': 'gzip' }]) {
      const server = await serveFile(packed, { headers: { etag: '"one"', ...coding }, breakAfter: 500_000 });
      const { frames, facts } = await read(`${server.origin}/a.pcap.gz`);
      expect(frames).toEqual((await collectBytes(LARGE)).frames);
      expect(facts.description).toContain('gzip');
      expect(server.asked.length).toBe(3);
    }
  });

  test('that is packed in another way is refused', async () => {
    const server = await serveFile(SMALL, { headers: { 'content-encoding': 'br' } });
    expect(await reasonOf(openUrl(`${server.origin}/a.pcap`))).toContain('not asked for');
  });
});

describe('a redirect', () => {
  const redirect = (to: string | undefined, status = 302) =>
    serve((request, response) => {
      if (request.url === '/a.pcap') response.writeHead(status, to === undefined ? {} : { location: to }).end();
      else giveFile(request, response, SMALL);
    });

  test.each([301, 302, 303, 307, 308])('with status %i is followed, and the capture keeps its name', async status => {
    const server = await redirect('/there?token=SECRET', status);
    const { frames, facts } = await read(`${server.origin}/a.pcap`);
    expect([frames.length, facts.path]).toEqual([3, `${server.origin}/a.pcap`]);
  });

  test('takes credentials along on its origin, and to no other', async () => {
    const other = await serveFile(SMALL);
    const server = await serve((request, response) => {
      const to = request.url === '/1' ? '/2' : `${other.origin.replace('//', '//thief:x@')}/3`;
      response.writeHead(302, { location: to }).end();
    });
    const secret: Network = { clock: PATIENT, authorization: { origin: server.origin, value: 'Bearer t0ken' } };
    for (const own of [network, secret]) {
      await read(`${server.origin.replace('//', own === secret ? '//' : '//ann:s%40crt@')}/1`, own);
    }
    const sent = ({ asked }: Server) => asked.map(({ headers }) => headers.authorization);
    const basic = `Basic ${Buffer.from('ann:s@crt').toString('base64')}`;
    expect(sent(server)).toEqual([basic, basic, 'Bearer t0ken', 'Bearer t0ken']);
    expect(sent(other)).toEqual([undefined, undefined]);
    await read(`${other.origin}/3`, secret);
    expect(sent(other)).toEqual([undefined, undefined, undefined]);
  });

  test.each([
    [undefined, 'no URL'],
    ['http://[::1', 'no URL'],
    ['file:///etc/passwd', 'file:'],
    ['/a.pcap', 'more than 10 times'],
  ])('to %s is not followed', async (to, words) => {
    const server = await redirect(to);
    expect(await reasonOf(openUrl(`${server.origin}/a.pcap`))).toContain(words);
    expect(server.asked.length).toBeLessThan(12);
  });
});

describe('the ends of a file', () => {
  const PIECE = 65_536;
  /** What is found of them, as far as anybody can compare it at a glance. */
  const shown = (found: Ends | undefined) =>
    found && { size: found.size, pieces: found.pieces.map(piece => Buffer.from(piece).toString('base64')) };
  const ends = (bytes: Uint8Array) => {
    const { length } = bytes;
    return shown({ size: length, pieces: length > PIECE ? [bytes.slice(0, PIECE), bytes.slice(-PIECE)] : [bytes] });
  };

  test.each<[string, FileManner, number]>([
    ['of two ranges', {}, 2],
    ['of the whole, where there are no ranges', { ranges: false }, 1],
    ['of the whole, which breaks off once', { ranges: false, breakAfter: 1_200_000 }, 2],
  ])('are those %s', async (_, manner, requests) => {
    const server = await serve((request, response) => {
      const { breakAfter } = server.asked.length > 1 ? {} : manner;
      giveFile(request, response, LARGE, { ...manner, breakAfter });
    });
    expect(shown(await endsOf(`${server.origin}/a`, PIECE, network))).toEqual(ends(LARGE));
    expect(server.asked.length).toBe(requests);
  });

  test.each([0, 1, 65_535, 65_536, 65_537, 131_072])('are found of %i bytes', async size => {
    for (const ranges of [true, false]) {
      const server = await serveFile(LARGE.slice(0, size), { ranges });
      expect(shown(await endsOf(`${server.origin}/a`, PIECE, network))).toEqual(ends(LARGE.slice(0, size)));
    }
  });

  test('are none where there is no file, and an error where nobody can know', async () => {
    const missing = await serve((_, response) => response.writeHead(404).end());
    expect(await endsOf(`${missing.origin}/a`, 10, network)).toBeUndefined();
    const busy = await serve((_, response) => response.writeHead(503).end());
    expect(await reasonOf(endsOf(`${busy.origin}/a`, 10, network))).toContain('503');
    expect(busy.asked.length).toBe(4);
    const closed = await serve((_, response) => response.writeHead(403).end());
    expect(await reasonOf(endsOf(`${closed.origin}/a`, 10, network))).toContain('403');
    expect(closed.asked.length).toBe(1);
  });
});
