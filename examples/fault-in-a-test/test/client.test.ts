import { expect, onTestFinished, test } from 'vitest';
import { type DeedRecord, startProxy } from 'wirelint';
import { toConform } from 'wirelint/vitest';
import kv from '../../kv/src/index.ts';
import { startServer } from '../../proxy-in-a-test/src/server.ts';
import { get } from '../src/client.ts';

expect.extend({ toConform });

/** Asks a server for a key through a proxy that does this to what passes. */
async function getThrough(faults: readonly string[], key: string) {
  const server = await startServer();
  onTestFinished(() => server.stop());
  const upstream = `tcp:127.0.0.1:${server.port}`;
  const proxy = await startProxy({ listen: 'tcp:0', upstream, protocol: 'kv', plugins: [kv], faults });
  onTestFinished(async () => {
    await proxy.stop();
  });
  const deeds: DeedRecord[] = [];
  proxy.on('deed', deed => deeds.push(deed));
  const value = await get(proxy.port, key);
  return { value, report: await proxy.stop(), deeds: deeds.map(({ words }) => words) };
}

test('the client asks again when an answer is lost', async () => {
  const { value, report, deeds } = await getThrough(['server: drop if type == VALUE nth=1'], 'color');
  expect(deeds).toEqual(['dropped VALUE']);
  expect(value).toBe('green');
  // That an answer is missing is the proxy's doing, and nobody's fault.
  expect(report).toConform();
});

test('it gives up when no answer comes at all', async () => {
  const { value, deeds } = await getThrough(['server: drop if type == VALUE'], 'color');
  expect(deeds).toEqual(['dropped VALUE', 'dropped VALUE', 'dropped VALUE']);
  expect(value).toBeUndefined();
});
