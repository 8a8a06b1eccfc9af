import { expect, test } from 'vitest';
import { ConnectionPaths } from '../../../src/tui/model/connection-paths.ts';
import { historyOf } from '../../kit/history.ts';

test('a path is kept as long as its connection has no more messages and nothing more is found', async () => {
  const { history } = await historyOf('mnet/faults.pcap');
  const paths = new ConnectionPaths();
  const rows = history.connections.messagesOf(2);
  const kept = paths.of(history, 2, rows);
  expect(paths.of(history, 2, rows)).toBe(kept);
  expect(paths.of(history, 2, history.connections.messagesOf(2))).not.toBe(kept);
  expect(paths.of(history, 1, undefined).connection).toBe(1);
  const whole = paths.of(history, 1, undefined);
  expect(paths.of(history, 1, undefined)).toBe(whole);
});

test('what is found after a message has gone by is a step of the path', async () => {
  const { history } = await historyOf('mnet/faults.pcap');
  const paths = new ConnectionPaths();
  const rows = history.connections.messagesOf(2);
  const found = [...history.findings.list];
  const broken = () => paths.of(history, 2, rows).steps.flatMap(({ finding }) => finding?.ruleId ?? []);
  history.findings.settle(0, []);
  expect(broken()).toEqual([]);
  history.findings.settle(0, found);
  expect(broken()).toEqual(['mnet/data-after-shutdown']);
});
