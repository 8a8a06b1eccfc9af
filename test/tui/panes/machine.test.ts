/** The state machine pane: what it tells of the selected message, what it draws, and what it says may follow. */
import { describe, expect, test } from 'vitest';
import type { History } from '../../../src/history/history.ts';
import { type ConnectionPath, pathOf } from '../../../src/history/path.ts';
import { type MachineInput, machineHeight, machinePane } from '../../../src/tui/panes/machine.ts';
import { historyOf } from '../../kit/history.ts';
import { misfits, SIZES, withRole } from './drawn.ts';
import { textsOf } from './lines.ts';

const NARROW = { width: 78, height: 60 };

async function inputOf(path: string, connection: number, frame: number): Promise<MachineInput> {
  const { history } = await historyOf(path);
  const rows = history.connections.messagesOf(connection);
  const message = frame < 0 ? -1 : (rows.find(row => history.messages.frame(row) === frame) ?? -1);
  return { history, connection, message, path: pathOf(history, connection, rows), top: 0 };
}

const lineWith = (lines: readonly string[], text: string) => lines.find(line => line.includes(text)) ?? '';

/** The events under a heading, each with what comes of it. */
function section(lines: readonly string[], heading: string): string[] {
  const from = lines.findIndex(line => line.includes(heading)) + 1;
  const length = lines.slice(from).findIndex(line => !line.startsWith('    '));
  return lines.slice(from, from + length).map(line => line.trim());
}

describe('a handshake of MNET', () => {
  test('shows where both sides stood before a message and after it', async () => {
    const lines = textsOf(machinePane(await inputOf('mnet/faults.pcap', 1, 3), NARROW));
    expect(lines[0]).toBe('frame 3: connector sent COOKIE-ECHO');
    expect(lines[1]).toMatch(/^connector 10\.0\.0\.1:5000 +COOKIE-WAIT -> COOKIE-ECHOED$/);
    expect(lines[2]).toMatch(/^listener 10\.0\.0\.9:26999 +NEW -> COOKIE-ECHOED$/);
  });

  test('draws the states with the steps to them: the client on the left, the server on the right', async () => {
    const lines = textsOf(machinePane(await inputOf('mnet/faults.pcap', 1, 4), NARROW)).map(line => line.trim());
    const from = lines.findIndex(line => /^connector +listener$/.test(line)) + 1;
    expect(lines.slice(from, from + 6)).toEqual([
      '┌─· NEW               ·─┐',
      '1 sent INIT ├>· COOKIE-WAIT         │',
      '3 sent COOKIE-ECHO ├>· COOKIE-ECHOED     ·<┤ 3 got COOKIE-ECHO',
      '4 got COOKIE-ACK └>● ESTABLISHED       ●<┘ 4 sent COOKIE-ACK',
      'SHUTDOWN-RECEIVED',
      'SHUTDOWN-SENT',
    ]);
  });

  test('has the step in hand and the states in force set off, and nothing that came later', async () => {
    const lines = machinePane(await inputOf('mnet/faults.pcap', 1, 3), NARROW);
    expect(withRole(lines, 'match')).toEqual(
      expect.arrayContaining(['COOKIE-ECHOED', '3 sent COOKIE-ECHO', '3 got COOKIE-ECHO', 'connector COOKIE-ECHO']),
    );
    expect(textsOf(lines).join('\n')).not.toContain('COOKIE-ACK └');
    expect(withRole(lines, 'match')).not.toContain('ESTABLISHED');
    expect(withRole(lines, 'dim')).toContain('ESTABLISHED');
  });

  test('tells what may follow, with what has been sent in mind', async () => {
    const lines = textsOf(machinePane(await inputOf('mnet/faults.pcap', 1, 1), NARROW));
    expect(section(lines, 'connector in COOKIE-WAIT may send')).toEqual([
      'INIT: changes nothing',
      'COOKIE-ECHO: to COOKIE-ECHOED',
      'ABORT: to ABORTED',
    ]);
    // The connector has sent INIT, and no COOKIE-ECHO.
    const listener = lines.slice(lines.findIndex(line => line.includes('listener in NEW may send')));
    expect(section(listener, 'may send')).toEqual(['COOKIE: changes nothing', 'ABORT: to ABORTED']);
    expect(section(listener, 'these break a rule')).toContain('COOKIE-ACK: mnet/cookie-ack-unsolicited');
  });
});

describe('an illegal step', () => {
  test('is shown with its rule and its cell, and drawn in the colour of its finding', async () => {
    const lines = machinePane(await inputOf('mnet/faults.pcap', 2, 20), NARROW);
    const [first, , , breach] = textsOf(lines);
    expect(first).toBe('frame 20: listener sent DATA');
    expect(breach).toBe('breaks mnet/data-after-shutdown: listener in SHUTDOWN-SENT must not send DATA');
    expect(withRole(lines, 'error')).toEqual(
      expect.arrayContaining(['20 sent DATA (+1)', 'breaks mnet/data-after-shutdown', 'listener DATA']),
    );
    expect(lineWith(textsOf(lines), '20 sent DATA')).toMatch(/SHUTDOWN-SENT +●/);
  });

  test('stays in the drawing and in the list when a later message is selected', async () => {
    const lines = machinePane(await inputOf('mnet/faults.pcap', 2, -1), NARROW);
    expect(withRole(lines, 'error')).toContain('breaks mnet/data-after-shutdown');
  });

  test('that is only worth a remark accuses nobody', async () => {
    const lines = textsOf(machinePane(await inputOf('ministreaming/2009-data-after-close.pcap', 1, 18), NARROW));
    expect(lineWith(lines, 'data-crossing-close: server in CLIENT-CLOSED')).toMatch(/^remark /);
    expect(lines.join('\n')).not.toContain('breaks ministreaming/data-crossing-close');
  });
});

test('a finding that is not about states is named as such', async () => {
  const lines = textsOf(machinePane(await inputOf('mnet/faults.pcap', 1, 7), NARROW));
  expect(lineWith(lines, 'not about states')).toContain('mnet/');
});

test('where the state is the connection’s, each step is drawn on the side of who took it', async () => {
  const lines = textsOf(machinePane(await inputOf('ministreaming/faults.pcap', 1, 12), NARROW));
  expect(lines[1]).toBe('connection   SERVER-CLOSED -> CLOSED');
  expect(lineWith(lines, '3 sent ACK')).toMatch(/OPEN +·<┤ 3 sent ACK$/);
  expect(lineWith(lines, '1 sent SYN')).toMatch(/1 sent SYN └>· SYN-SENT/);
  expect(lines.join('\n')).not.toContain(' got ');
});

test('what depends on an event that no message is named after is shown with its condition', async () => {
  const lines = textsOf(machinePane(await inputOf('filestorage/2019-12-auth.pcap', 1, 4), NARROW));
  expect(section(lines, 'client in AUTHENTICATING may send')).toContain(
    'TRANSFER: to READY, if the peer sent RESPONSE (unreadable)',
  );
});

test('at the end of a connection it stands where it ended', async () => {
  const lines = textsOf(machinePane(await inputOf('mnet/echo-small.pcap', 1, -1), NARROW));
  expect(lines[0]).toMatch(/^last, frame 28: connector sent SHUTDOWN-COMPLETE$/);
  expect(lineWith(lines, 'the connection is over')).toBe('the connection is over, in CLOSED');
});

test('a wide pane has what may follow beside the states', async () => {
  const lines = textsOf(machinePane(await inputOf('mnet/echo-small.pcap', 1, 1), { width: 158, height: 46 }));
  expect(lines.find(line => line.includes('connector in COOKIE-WAIT may send'))).toMatch(
    /^ +connector +listener +connector in/,
  );
});

test('the window begins at its top line, and no line is lost', async () => {
  const input = await inputOf('mnet/faults.pcap', 1, 4);
  const all = textsOf(machinePane(input, { width: 78, height: 1000 }));
  expect(machineHeight(input, 78)).toBe(all.length);
  expect(textsOf(machinePane({ ...input, top: 5 }, { width: 78, height: 3 }))).toEqual(all.slice(5, 8));
});

const FIXTURES = [
  'mnet/faults.pcap',
  'mnet/lossy.pcap',
  'ministreaming/faults.pcap',
  'ministreaming/2009-multiplexed.pcap',
  'filestorage/2019-12-auth.pcap',
  'filestorage/2020-01-02-pipelined.pcap',
  'filestorage/libipc-pong.pcap',
];

test.each(FIXTURES)('fits at every message of every connection: %s', async path => {
  const { history } = await historyOf(path);
  for (let connection = 1; connection <= history.connections.count; connection++) {
    const rows = history.connections.messagesOf(connection);
    const way = pathOf(history, connection, rows);
    for (const message of [-1, ...rows]) expect(misfitsAt(history, connection, message, way)).toEqual([]);
  }
});

function misfitsAt(history: History, connection: number, message: number, path: ConnectionPath): string[] {
  const sizes = [...SIZES, { width: 30, height: 100 }, { width: 5, height: 100 }, { width: 130, height: 300 }];
  return sizes.flatMap(size => misfits(machinePane({ history, connection, message, path, top: 0 }, size), size));
}
