import { expect, onTestFinished, test } from 'vitest';
import { startProxy } from 'wirelint';
import { toConform } from 'wirelint/vitest';
import kv from '../../kv/src/index.ts';
import { lookUp } from '../src/client.ts';
import { type ServerOptions, startServer } from '../src/server.ts';

expect.extend({ toConform });

/** Looks keys up in a server of its own, through a proxy: what the client got, and what the proxy has seen. */
async function lookUpThroughProxy(keys: readonly string[], options?: ServerOptions) {
  const server = await startServer(options);
  onTestFinished(() => server.stop());
  const upstream = `tcp:127.0.0.1:${server.port}`;
  const proxy = await startProxy({ listen: 'tcp:0', upstream, protocol: 'kv', plugins: [kv] });
  onTestFinished(async () => {
    await proxy.stop();
  });
  const values = await lookUp(proxy.port, keys);
  return { values, report: await proxy.stop() };
}

test('the server keeps to its protocol, however many requests it has at once', async () => {
  const { values, report } = await lookUpThroughProxy(['color', 'shape', 'size']);
  expect(values).toEqual(['green', 'round', undefined]);
  expect(report).toConform();
});

test('a server that forgets ids is found out, though its client is none the wiser', async () => {
  const { values, report } = await lookUpThroughProxy(['color', 'shape'], { forgetsIds: true });
  expect(values).toEqual(['green', 'round']);
  // Without `not` this fails, and prints the report.
  expect(report).not.toConform();
  expect(report.findings.map(({ ruleId }) => ruleId)).toEqual(['kv/unsolicited']);
});
