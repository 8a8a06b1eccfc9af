import { describe, expect, test } from 'vitest';
import { type Endpoint, formatEndpoint } from '../../src/net/address.ts';
import { FlowTable, type FlowTableOptions } from '../../src/net/flow-table.ts';
import { Packet } from '../../src/net/packet.ts';
import { addressBytes, splitEndpoint } from '../../src/testkit/packet.ts';

const CLIENT = '10.0.0.1:1024';
const SERVER = '10.0.0.2:26999';

function words(address: string): number[] {
  const bytes = addressBytes(address);
  const word = (at: number) => bytes.slice(at, at + 4).reduce((value, byte) => value * 256 + byte, 0);
  return [word(0), word(4), word(8), word(12)];
}

function packetOf(source: string, destination: string, transport = 17): Packet {
  const packet = new Packet();
  const from = splitEndpoint(source);
  const to = splitEndpoint(destination);
  packet.family = from.address.includes(':') ? 6 : 4;
  packet.transport = transport;
  [packet.source0, packet.source1, packet.source2, packet.source3] = words(from.address);
  [packet.destination0, packet.destination1, packet.destination2, packet.destination3] = words(to.address);
  packet.sourcePort = from.port;
  packet.destinationPort = to.port;
  return packet;
}

function tableOf(options: Partial<FlowTableOptions> = {}): FlowTable {
  return new FlowTable({ limit: 1_000, idleSeconds: 300, seed: 1, onEvict: () => {}, ...options });
}

/** Adds flows from ports 1, 2, 3 ... of the client; flow and port - 1 are the same number in an empty table. */
function fill(table: FlowTable, count: number, seconds: (index: number) => number): void {
  for (let index = 0; index < count; index++) {
    table.insert(packetOf(`10.0.0.1:${index + 1}`, SERVER), seconds(index));
  }
}

describe('both directions', () => {
  test.each([
    [CLIENT, SERVER],
    [SERVER, CLIENT],
    ['10.0.0.1:9', '10.0.0.1:8'],
    ['[2001:db8::1]:1024', '[2001:db8::2]:26999'],
    ['[2001:db8::2]:1', '[2001:db8::1]:65535'],
    ['255.255.255.255:65535', '0.0.0.0:0'],
  ])('%s and %s are one flow; who spoke first is side 0', (first, second) => {
    const table = tableOf();
    const flow = table.insert(packetOf(first, second), 1);
    expect(table.side).toBe(0);
    expect(table.find(packetOf(second, first))).toBe(flow);
    expect(table.side).toBe(1);
    expect(table.find(packetOf(first, second))).toBe(flow);
    expect(table.side).toBe(0);
    expect(formatEndpoint(table.endpoint(flow, 0))).toBe(first);
    expect(formatEndpoint(table.endpoint(flow, 1))).toBe(second);
    expect([table.port(flow, 0), table.port(flow, 1)]).toEqual([splitEndpoint(first).port, splitEndpoint(second).port]);
  });

  test('one that talks to itself on one port is side 0 always', () => {
    const table = tableOf();
    const flow = table.insert(packetOf(CLIENT, CLIENT), 1);
    expect(table.find(packetOf(CLIENT, CLIENT))).toBe(flow);
    expect(table.side).toBe(0);
  });

  test('the ends with their ports exchanged are another flow', () => {
    const table = tableOf();
    table.insert(packetOf('10.0.0.1:5', '10.0.0.2:6'), 1);
    expect(table.find(packetOf('10.0.0.1:6', '10.0.0.2:5'))).toBe(-1);
  });

  test('UDP and TCP, IPv4 and IPv6 with the same numbers are flows apart', () => {
    const table = tableOf();
    const flows = [
      table.insert(packetOf(CLIENT, SERVER, 17), 1),
      table.insert(packetOf(CLIENT, SERVER, 6), 1),
      table.insert(packetOf('[a00:1::]:1024', '[a00:2::]:26999', 17), 1),
    ];
    expect(new Set(flows).size).toBe(3);
    expect(flows.map(flow => table.transport(flow))).toEqual([17, 6, 17]);
    expect(flows.map(flow => table.family(flow))).toEqual([4, 4, 6]);
  });

  test('the address words of either end can be copied to where a table of hosts wants them', () => {
    const table = tableOf();
    const flow = table.insert(packetOf('[2001:db8:1:2:3:4:5:6]:1', '[2001:db8::1]:2'), 1);
    const target = new Uint32Array(6);
    table.copyAddress(flow, 0, target, 1);
    expect([...target]).toEqual([0, 0x2001_0db8, 0x0001_0002, 0x0003_0004, 0x0005_0006, 0]);
    table.copyAddress(flow, 1, target, 0);
    expect([...target.subarray(0, 4)]).toEqual([0x2001_0db8, 0, 0, 1]);
  });
});

describe('life and end of a flow', () => {
  test('a removed flow is not found, and its id serves the next one with sides of its own', () => {
    const table = tableOf();
    const flow = table.insert(packetOf(SERVER, CLIENT), 1);
    table.remove(flow);
    table.remove(flow);
    expect(table.isAlive(flow)).toBe(false);
    expect(table.find(packetOf(SERVER, CLIENT))).toBe(-1);
    expect(table.insert(packetOf(CLIENT, SERVER), 2)).toBe(flow);
    expect(formatEndpoint(table.endpoint(flow, 0))).toBe(CLIENT);
    expect(table.size).toBe(1);
  });

  test('flows keep their ends and times while the table grows', () => {
    const table = tableOf({ limit: 5_000 });
    fill(table, 5_000, index => index + 0.25);
    expect(table.size).toBe(5_000);
    for (const index of [0, 15, 16, 4_095, 4_096, 4_999]) {
      expect(table.find(packetOf(SERVER, `10.0.0.1:${index + 1}`))).toBe(index);
      expect(table.side).toBe(1);
      expect(table.lastSeen(index)).toBe(index + 0.25);
    }
    expect(table.evicted).toBe(0);
  });

  test('forEach visits the flows alive, and may remove the one at hand', () => {
    const table = tableOf();
    fill(table, 4, () => 1);
    table.remove(2);
    const visited: number[] = [];
    table.forEach(flow => {
      visited.push(flow);
      table.remove(flow);
    });
    expect(visited).toEqual([0, 1, 3]);
    expect(table.size).toBe(0);
  });
});

describe('sweep', () => {
  test('ends flows that were idle for longer than the limit, while their ends can still be read', () => {
    const table = tableOf({ idleSeconds: 300 });
    fill(table, 3, index => 1_000 + index);
    const ended: Endpoint[] = [];
    table.sweep(1_301.5, 10, flow => ended.push(table.endpoint(flow, 0)));
    expect(ended.map(formatEndpoint)).toEqual(['10.0.0.1:1', '10.0.0.1:2']);
    expect(table.size).toBe(1);
  });

  test('a flow that was touched is young again', () => {
    const table = tableOf();
    fill(table, 1, () => 1_000);
    table.touch(0, 1_200);
    table.sweep(1_500, 10, () => expect.unreachable());
    expect(table.size).toBe(1);
  });

  test('looks at no more than the steps given, and goes on where it stopped', () => {
    const table = tableOf();
    fill(table, 10, () => 0);
    const ended: number[] = [];
    for (let call = 0; call < 4; call++) table.sweep(1_000, 3, flow => ended.push(flow));
    expect(ended).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('the owner may remove the flow itself', () => {
    const table = tableOf();
    fill(table, 2, () => 0);
    table.sweep(1_000, 2, flow => table.remove(flow));
    expect(table.size).toBe(0);
  });

  test('an empty table has nothing to look at', () => {
    tableOf().sweep(1_000, 100, () => expect.unreachable());
  });

  test('after the clock of the capture was set back, flows age from the new time on', () => {
    const table = tableOf({ idleSeconds: 300 });
    fill(table, 1, () => 1_000_000);
    table.sweep(1_000, 1, () => expect.unreachable());
    table.sweep(1_299, 1, () => expect.unreachable());
    const ended: number[] = [];
    table.sweep(1_301, 1, flow => ended.push(flow));
    expect(ended).toEqual([0]);
  });

  test('a clock that goes back a little ends nothing', () => {
    const table = tableOf({ idleSeconds: 300 });
    fill(table, 1, () => 1_000);
    table.sweep(900, 1, () => expect.unreachable());
    expect(table.lastSeen(0)).toBe(1_000);
  });
});

describe('eviction', () => {
  test('a full table gives up the flow that was seen least recently, and says so first', () => {
    const evicted: string[] = [];
    const table: FlowTable = tableOf({
      limit: 8,
      onEvict: flow => evicted.push(formatEndpoint(table.endpoint(flow, 0))),
    });
    fill(table, 8, index => 100 + index);
    table.touch(0, 200);
    const flow = table.insert(packetOf('10.9.9.9:9', SERVER), 201);
    expect(evicted).toEqual(['10.0.0.1:2']);
    expect(flow).toBe(1);
    expect(table.side).toBe(0);
    expect(table.size).toBe(8);
    expect(table.evicted).toBe(1);
    expect(formatEndpoint(table.endpoint(flow, 0))).toBe('10.9.9.9:9');
  });

  test('the owner may look up and remove flows during the call', () => {
    const table: FlowTable = tableOf({
      limit: 2,
      onEvict: flow => {
        table.find(packetOf('10.0.0.1:2', SERVER));
        table.remove(flow);
      },
    });
    fill(table, 2, index => index);
    const flow = table.insert(packetOf(SERVER, '10.0.0.9:9'), 10);
    expect(table.find(packetOf('10.0.0.9:9', SERVER))).toBe(flow);
    expect(table.side).toBe(1);
    expect(table.size).toBe(2);
  });

  test('every newcomer finds a place in a table of one', () => {
    const table = tableOf({ limit: 1 });
    fill(table, 50, index => index);
    expect(table.size).toBe(1);
    expect(table.evicted).toBe(49);
    expect(table.find(packetOf('10.0.0.1:50', SERVER))).toBe(0);
  });

  test('a flow that a clock error left in the far future goes before all others', () => {
    const evicted: number[] = [];
    const table = tableOf({ limit: 3, onEvict: flow => evicted.push(flow) });
    fill(table, 3, index => (index === 1 ? 4_000_000_000 : 1_000));
    table.insert(packetOf('10.9.9.9:9', SERVER), 1_001);
    expect(evicted).toEqual([1]);
  });
});

describe('reading ahead', () => {
  test('the hash of a packet of IPv4 leads to its flow, whichever way it goes', () => {
    const table = tableOf();
    const flow = table.insert(packetOf(CLIENT, SERVER), 1);
    const [client, server] = [words('10.0.0.1')[0], words('10.0.0.2')[0]];
    const there = table.hashIpv4(client, server, 1024, 26999, 17);
    expect(table.hashIpv4(server, client, 26999, 1024, 17)).toBe(there);
    table.setRow(flow, 7);
    const hashes = Int32Array.of(table.hashIpv4(client, server, 1025, 26999, 17), there);
    const rows = new Int32Array(2);
    expect(table.guessAll(hashes, 2, rows)).toBe(1);
    expect([hashes[0], rows[0]]).toEqual([flow, 7]);
  });

  /** Has the flows from these ports guessed, whether there are any or not. */
  function guess(table: FlowTable, ports: readonly number[]): void {
    const [client, server] = [words('10.0.0.1')[0], words('10.0.0.2')[0]];
    const hashes = Int32Array.from(ports, port => table.hashIpv4(client, server, port, 26999, 17));
    table.guessAll(hashes, hashes.length, new Int32Array(hashes.length));
  }
  const there = (port: number) => packetOf(`10.0.0.1:${port}`, SERVER);
  const back = (port: number) => packetOf(SERVER, `10.0.0.1:${port}`);

  test.each([
    ['in the order in which they were guessed', [1, 2, 3, 4, 5]],
    ['with one left out', [1, 3, 4, 5]],
    ['with several left out', [1, 4, 5]],
    ['in another order', [5, 4, 3, 2, 1]],
    ['with others between them', [1, 6, 2, 9, 3, 6, 4, 5]],
    ['more often than they were guessed', [1, 1, 2, 2, 5, 5, 5]],
  ])('flows are found %s', (_, ports) => {
    const table = tableOf();
    fill(table, 8, () => 1);
    guess(table, [1, 2, 3, 4, 5]);
    for (const port of ports) {
      expect([table.find(there(port)), table.side]).toEqual([port < 9 ? port - 1 : -1, expect.any(Number)]);
      expect(table.find(back(port))).toBe(port < 9 ? port - 1 : -1);
      if (port < 9) expect(table.side).toBe(1);
    }
  });

  test('a flow that has gone since it was guessed is not found, nor is another taken for it', () => {
    const table = tableOf();
    fill(table, 3, () => 1);
    guess(table, [1, 2, 3]);
    table.remove(0);
    expect(table.find(there(1))).toBe(-1);
    expect(table.insert(there(9), 1)).toBe(0);
    expect(table.find(there(1))).toBe(-1);
    guess(table, [2, 3]);
    table.remove(1);
    // The first word of the record of what is gone leads to the one that went before it; there may be such an address.
    const gone = packetOf(`0.0.0.0:2`, SERVER);
    expect([table.find(there(2)), table.find(gone)]).toEqual([-1, -1]);
  });

  test('the row that was noted of a flow goes with it, and the next flow in its place has none', () => {
    const table = tableOf();
    fill(table, 3, () => 1);
    table.setRow(1, 0xffff_fffe);
    expect([0, 1, 2].map(flow => table.row(flow))).toEqual([0, 0xffff_fffe, 0]);
    table.remove(1);
    expect(table.insert(packetOf(CLIENT, SERVER), 1)).toBe(1);
    expect(table.row(1)).toBe(0);
  });
});

test('what the owner notes of a flow goes with it beside which end is which, and the next flow in its place has nothing', () => {
  const table = tableOf();
  const low = packetOf(CLIENT, SERVER);
  const high = packetOf('10.0.0.9:26999', CLIENT);
  const flows = [low, high].map(packet => table.insert(packet, 1));
  expect(flows.map(flow => table.note(flow))).toEqual([0, 0]);
  flows.forEach((flow, at) => {
    table.setNote(flow, 0x7fff_fffe + at);
  });
  expect(flows.map(flow => table.note(flow))).toEqual([0x7fff_fffe, 0x7fff_ffff]);
  expect([table.find(low), table.side, table.find(high), table.side]).toEqual([0, 0, 1, 0]);
  expect([table.find(packetOf(SERVER, CLIENT)), table.side]).toEqual([0, 1]);
  expect(flows.map(flow => formatEndpoint(table.endpoint(flow, 0)))).toEqual([CLIENT, '10.0.0.9:26999']);
  table.remove(1);
  expect([table.insert(packetOf('10.0.0.8:1', CLIENT), 1), table.note(1)]).toEqual([1, 0]);
});

test('an address of IPv6 is whole again after flows of IPv4 that came before and between, and after growth', () => {
  const table = tableOf();
  fill(table, 20, () => 1);
  const ends = Array.from({ length: 20 }, (_, at) => `[2001:db8:${at + 1}::ffff:${at + 1}]:1024`);
  const flows = ends.map(end => table.insert(packetOf('[fe80::2]:26999', end), 1));
  fill(table, 40, () => 1);
  expect(flows.map(flow => formatEndpoint(table.endpoint(flow, 1)))).toEqual(ends);
  expect(flows.map(flow => formatEndpoint(table.endpoint(flow, 0)))).toEqual(ends.map(() => '[fe80::2]:26999'));
  expect(ends.map(end => table.find(packetOf(end, '[fe80::2]:26999')))).toEqual(flows);
  expect(formatEndpoint(table.endpoint(0, 0))).toBe('10.0.0.1:1');
});
