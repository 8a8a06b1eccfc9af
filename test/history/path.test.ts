/** The way of a connection through its machine: which messages are steps, where they led, and which broke it. */
import { describe, expect, test } from 'vitest';
import { brokenStep, pathOf, standingAt, stepsUpTo } from '../../src/history/path.ts';
import { historyOf } from '../kit/history.ts';

async function pathIn(file: string, connection: number) {
  const { history } = await historyOf(file);
  const rows = history.connections.messagesOf(connection);
  const { states } = history.connections.protocol(connection).machine.table;
  return { history, rows, states, path: pathOf(history, connection, rows) };
}

test('steps are the messages that moved a side, with where they led', async () => {
  const { history, states, path } = await pathIn('mnet/echo-small.pcap', 1);
  const shown = path.steps.map(({ message, after }) => [history.messages.frame(message), ...after.map(s => states[s])]);
  expect(shown).toEqual([
    [1, 'COOKIE-WAIT', 'NEW'],
    [3, 'COOKIE-ECHOED', 'COOKIE-ECHOED'],
    [4, 'ESTABLISHED', 'ESTABLISHED'],
    [25, 'SHUTDOWN-SENT', 'SHUTDOWN-RECEIVED'],
    [26, 'SHUTDOWN-SENT', 'SHUTDOWN-ACK-SENT'],
    [28, 'CLOSED', 'CLOSED'],
  ]);
  expect(path.start.map(state => states[state])).toEqual(['NEW', 'NEW']);
});

test('a message that broke the machine is a step, though it moved nobody', async () => {
  const { history, path } = await pathIn('mnet/faults.pcap', 2);
  const broken = path.steps.filter(({ finding }) => finding);
  expect(broken.map(({ message, finding }) => [history.messages.frame(message), finding?.ruleId])).toEqual([
    [20, 'mnet/data-after-shutdown'],
  ]);
  expect(broken[0].before).toEqual(broken[0].after);
});

test('a finding that no cell names is no broken step', async () => {
  const { history, rows } = await pathIn('filestorage/2019-12-auth.pcap', 1);
  expect(history.messages.severity(rows[0])).toBe(3);
  expect(brokenStep(history, rows[0])).toBeUndefined();
});

test('it is known who sent what first', async () => {
  const { history, path } = await pathIn('mnet/echo-small.pcap', 1);
  const [client, server] = path.firstSent;
  expect(history.messages.frame(client.get('COOKIE-ECHO') ?? -1)).toBe(3);
  expect(server.has('COOKIE-ECHO')).toBe(false);
});

describe('steps up to a message', () => {
  test('are those before it and its own', async () => {
    const { rows, path } = await pathIn('mnet/echo-small.pcap', 1);
    const counts = [rows[0], rows[1], rows[2], rows[3], rows[10], rows[rows.length - 1]];
    expect(counts.map(message => stepsUpTo(path, message))).toEqual([1, 1, 2, 3, 3, 6]);
  });
});

test('a connection without messages has nowhere to stand', async () => {
  const { history } = await pathIn('mnet/echo-small.pcap', 1);
  expect(pathOf(history, 1, [])).toMatchObject({ start: [255, 255], steps: [] });
});

test('in every fixture, each step begins where the one before has ended', async () => {
  for (const file of ['mnet/lossy.pcap', 'ministreaming/faults.pcap', 'filestorage/2020-01-02-pipelined.pcap']) {
    const { history } = await historyOf(file);
    for (let connection = 1; connection <= history.connections.count; connection++) {
      const rows = history.connections.messagesOf(connection);
      const { start, steps } = pathOf(history, connection, rows);
      const begins = steps.map(({ before }) => before);
      const ends = [start, ...steps.map(({ after }) => after)];
      expect(begins).toEqual(ends.slice(0, -1));
      expect(standingAt(history, rows[rows.length - 1]).after).toEqual(ends.at(-1));
    }
  }
});
