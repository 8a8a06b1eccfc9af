import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../src/capture/source.ts';
import { CLIENT, otherSide, SERVER, type Side } from '../../src/proxy/ends.ts';
import { ACK, FIN, Packets, RST, SEGMENT, SYN } from '../../src/proxy/packets.ts';
import { Relay, type Sockets } from '../../src/proxy/relay.ts';

/** A packet as the test reads it. */
interface Shown {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: number;
  readonly payload: string;
  readonly pair: number;
  readonly comment: string;
}

/** An IPv4 packet, taken apart by hand. */
function shown({ bytes, start, end }: Frame, pair: number, comment = ''): Shown {
  const packet = Buffer.from(bytes.slice(start, end));
  const isTcp = packet[9] === 6;
  const header = isTcp ? 20 + (packet[32] >>> 4) * 4 : 28;
  const place = (address: number, port: number) =>
    `${[...packet.subarray(address, address + 4)].join('.')}:${packet.readUInt16BE(port)}`;
  return {
    from: place(12, 20),
    to: place(16, 22),
    protocol: packet[9],
    sequence: isTcp ? packet.readUInt32BE(24) : 0,
    acknowledgement: isTcp ? packet.readUInt32BE(28) : 0,
    flags: isTcp ? packet[33] : 0,
    payload: packet.subarray(header).toString('latin1'),
    pair,
    comment,
  };
}

/** A relay with sockets that note what they are asked for. */
class Bench implements Sockets {
  readonly packets: Shown[] = [];
  readonly asked: string[] = [];
  /** Whether sockets take bytes without more ado, and the recording keeps up. */
  hasRoom = true;
  mayRead = true;
  readonly relay = new Relay({
    sockets: this,
    packets: new Packets(true),
    emit: (frame, pair, comment) => this.packets.push(shown(frame, pair, comment)),
    mayRead: () => this.mayRead,
    now: () => 1_000,
  });

  send(flow: number, to: Side, bytes: Uint8Array): boolean {
    this.asked.push(`send ${flow} ${to} ${Buffer.from(bytes).toString('latin1')}`);
    return this.hasRoom;
  }

  end(flow: number, to: Side): void {
    this.asked.push(`end ${flow} ${to}`);
  }

  reset(flow: number, to: Side): void {
    this.asked.push(`reset ${flow} ${to}`);
  }

  pause(flow: number, side: Side): void {
    this.asked.push(`pause ${flow} ${side}`);
  }

  resume(flow: number, side: Side): void {
    this.asked.push(`resume ${flow} ${side}`);
  }

  /** `client > server FLAGS payload` of each packet. */
  lines(): string[] {
    return this.packets.map(({ from, flags, payload }) => `${from} ${flagsOf(flags)} ${payload}`.trim());
  }
}

function flagsOf(flags: number): string {
  const names = { [SYN]: 'S', [ACK]: 'A', [FIN]: 'F', [RST]: 'R' };
  return Object.entries(names)
    .flatMap(([bit, name]) => (flags & Number(bit) ? [name] : []))
    .join('');
}

const CLIENT_AT = { address: '10.0.0.1', port: 4_000 };
const LISTEN_AT = { address: '10.0.0.5', port: 5_000 };
const SERVER_AT = { address: '10.0.0.9', port: 9_000 };
const OPENING = { pair: 0, client: CLIENT_AT, listen: LISTEN_AT };
const text = (words: string) => Buffer.from(words, 'latin1');

function connected(bench: Bench): number {
  const flow = bench.relay.open(OPENING);
  bench.relay.connected(flow, SERVER_AT);
  bench.packets.length = 0;
  return flow;
}

test('a stream: handshake, bytes both ways, each direction ends by itself', () => {
  const bench = new Bench();
  const { relay } = bench;
  const flow = relay.open(OPENING);
  expect(bench.packets).toEqual([]);
  relay.connected(flow, SERVER_AT);
  relay.data(flow, CLIENT, text('ask'));
  relay.ended(flow, CLIENT);
  relay.data(flow, SERVER, text('answer'));
  relay.ended(flow, SERVER);
  expect(bench.asked).toEqual([`send ${flow} 1 ask`, `end ${flow} 1`, `send ${flow} 0 answer`, `end ${flow} 0`]);
  expect(bench.lines()).toEqual([
    '10.0.0.1:4000 S',
    '10.0.0.9:9000 SA',
    '10.0.0.1:4000 A',
    '10.0.0.1:4000 A ask',
    '10.0.0.9:9000 A',
    '10.0.0.1:4000 FA',
    '10.0.0.9:9000 A',
    '10.0.0.9:9000 A answer',
    '10.0.0.1:4000 A',
    '10.0.0.9:9000 FA',
    '10.0.0.1:4000 A',
  ]);
});

test('a server that refuses: the client is refused, too', () => {
  const bench = new Bench();
  const flow = bench.relay.open(OPENING);
  bench.relay.refused(flow, SERVER_AT);
  expect(bench.lines()).toEqual(['10.0.0.1:4000 S', '10.0.0.9:9000 RA']);
  expect(bench.asked).toEqual([`reset ${flow} 0`]);
  expect(bench.relay.size).toBe(0);
});

test.each([CLIENT, SERVER] as const)('side %d breaks off: the other one is reset, nothing more is forwarded', side => {
  const bench = new Bench();
  const flow = connected(bench);
  bench.relay.broken(flow, side);
  bench.relay.data(flow, otherSide(side), text('too late'));
  expect(bench.asked).toEqual([`reset ${flow} ${otherSide(side)}`]);
  expect(bench.lines()).toEqual([`${side === CLIENT ? '10.0.0.1:4000' : '10.0.0.9:9000'} RA`]);
});

test('what a side says is acknowledged at once when the other one takes it, else when it has room again', () => {
  const bench = new Bench();
  const flow = connected(bench);
  bench.relay.data(flow, CLIENT, text('a'));
  bench.hasRoom = false;
  bench.relay.data(flow, CLIENT, text('b'));
  bench.relay.drained(flow, CLIENT);
  expect(bench.lines()).toEqual(['10.0.0.1:4000 A a', '10.0.0.9:9000 A', '10.0.0.1:4000 A b']);
  bench.relay.drained(flow, SERVER);
  bench.relay.drained(flow, SERVER);
  expect(bench.lines().slice(3)).toEqual(['10.0.0.9:9000 A']);
});

describe('who cannot be taken from is not read', () => {
  test('until the other side has room', () => {
    const bench = new Bench();
    const flow = connected(bench);
    bench.hasRoom = false;
    bench.relay.data(flow, CLIENT, text('a'));
    bench.relay.data(flow, CLIENT, text('b'));
    bench.relay.drained(flow, CLIENT);
    expect(bench.asked.filter(line => !line.startsWith('send'))).toEqual([`pause ${flow} 0`]);
    bench.relay.drained(flow, SERVER);
    bench.relay.drained(flow, SERVER);
    expect(bench.asked.filter(line => !line.startsWith('send'))).toEqual([`pause ${flow} 0`, `resume ${flow} 0`]);
  });

  test('until the recording has caught up', () => {
    const bench = new Bench();
    const flow = connected(bench);
    bench.mayRead = false;
    bench.relay.data(flow, SERVER, text('a'));
    bench.relay.drained(flow, CLIENT);
    expect(bench.asked).toEqual([`send ${flow} 0 a`, `pause ${flow} 1`]);
    bench.mayRead = true;
    bench.relay.caughtUp();
    expect(bench.asked.at(-1)).toBe(`resume ${flow} 1`);
  });
});

test('datagrams stay as they are, empty ones too; a port that is closed shows as ICMP', () => {
  const bench = new Bench();
  const flow = bench.relay.open(OPENING);
  bench.relay.datagram(flow, CLIENT, text('ask'), SERVER_AT);
  bench.relay.datagram(flow, CLIENT, text(''), SERVER_AT);
  bench.relay.unreachable(flow, 3);
  expect(bench.packets.map(({ protocol, payload }) => [protocol, payload])).toMatchObject([
    [17, 'ask'],
    [17, ''],
    [1, expect.anything()],
  ]);
  expect(bench.packets[2]).toMatchObject({
    from: expect.stringMatching(/^10\.0\.0\.9:/),
    to: expect.stringMatching(/^10\.0\.0\.1:/),
  });
  expect(bench.asked).toEqual([`send ${flow} 1 ask`, `send ${flow} 1 `]);
});

test('Unix sockets stand on addresses for documentation, each client on its own', () => {
  const bench = new Bench();
  const places = [1, 2].map(() => {
    const flow = bench.relay.open({ pair: 3, client: undefined, listen: undefined });
    bench.relay.connected(flow, undefined, 'unix:/run/x.sock');
    return bench.packets.at(-3);
  });
  expect(places).toMatchObject([
    { from: '192.0.2.1:1025', to: '198.51.100.4:1', pair: 3, comment: 'unix:/run/x.sock' },
    { from: '192.0.2.1:1026', to: '198.51.100.4:1' },
  ]);
});

test('two flows that would look the same are distinguished by where the client has connected to', () => {
  const bench = new Bench();
  const first = bench.relay.open(OPENING);
  const second = bench.relay.open(OPENING);
  bench.relay.datagram(first, CLIENT, text('1'), SERVER_AT);
  bench.relay.datagram(second, CLIENT, text('2'), SERVER_AT);
  expect(bench.packets.map(({ to }) => to)).toEqual(['10.0.0.9:9000', '10.0.0.5:5000']);
  bench.relay.close(first);
  const third = bench.relay.open(OPENING);
  bench.relay.datagram(third, CLIENT, text('3'), SERVER_AT);
  expect(bench.packets.at(-1)?.to).toBe('10.0.0.9:9000');
});

test('nothing is shown once the proxy has stopped: its own end is nobody else’s word', () => {
  const bench = new Bench();
  const flow = connected(bench);
  bench.relay.stop();
  bench.relay.ended(flow, CLIENT);
  bench.relay.broken(flow, SERVER);
  bench.relay.data(bench.relay.open(OPENING), CLIENT, text('x'));
  expect(bench.packets).toEqual([]);
  expect(bench.asked).toEqual([]);
});

test('whatever is said and however much at once: segments follow each other, and acknowledge what came before', () => {
  const step = fc.record({ from: fc.constantFrom(CLIENT, SERVER), length: fc.integer({ min: 1, max: 3 * SEGMENT }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), steps => {
      const bench = new Bench();
      const flow = bench.relay.open(OPENING);
      bench.relay.connected(flow, SERVER_AT);
      const said: [string, string] = ['', ''];
      for (const { from, length } of steps) {
        const words = String.fromCharCode(65 + (said[from].length % 26)).repeat(length);
        said[from] += words;
        bench.relay.data(flow, from, text(words));
      }
      const heard: [string, string] = ['', ''];
      const next: [number, number] = [bench.packets[0].sequence, bench.packets[1].sequence];
      const acknowledged: [number, number] = [...next];
      for (const { from, sequence, acknowledgement, flags, payload } of bench.packets) {
        const side = from === '10.0.0.1:4000' ? CLIENT : SERVER;
        expect(sequence).toBe(next[side]);
        next[side] += payload.length + (flags & SYN ? 1 : 0);
        heard[side] += payload;
        if (flags & ACK) {
          expect(acknowledgement).toBe(next[otherSide(side)]);
          acknowledged[otherSide(side)] = acknowledgement;
        }
        // No more is on its way than a receiver of that window would take.
        expect(next[side] - acknowledged[side]).toBeLessThanOrEqual(3 * SEGMENT);
      }
      expect(heard).toEqual(said);
    }),
    { numRuns: 50 },
  );
});
