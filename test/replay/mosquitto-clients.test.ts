/** A program of others is recorded at a broker, and then speaks to the recording in place of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ReplayOutcome, replay, startProxy } from '../../src/api.ts';
import { mosquitto } from '../kit/mosquitto.ts';
import { scratch } from '../kit/proxy.ts';
import { requireTool } from '../kit/tools.ts';

async function publish(port: number, message: string): Promise<number> {
  const where = ['-h', '127.0.0.1', '-p', String(port)];
  const client = spawn('mosquitto_pub', [...where, '-q', '2', '-t', 'place/thing', '-m', message], { stdio: 'ignore' });
  const [code] = await once(client, 'close');
  return code;
}

test('mosquitto_pub cannot tell a played broker from the one that was recorded', async () => {
  if (!requireTool('mosquitto') || !requireTool('mosquitto_pub')) return;
  const record = join(scratch(), 'publisher.pcapng');
  const proxy = await startProxy({ listen: 'tcp:0', upstream: `tcp:127.0.0.1:${await mosquitto()}`, record });
  expect(await publish(proxy.port, 'hello')).toBe(0);
  await proxy.stop();

  const played = async (message: string) => {
    let outcome: Promise<ReplayOutcome> | undefined;
    const address = await new Promise<string>((resolve, reject) => {
      outcome = replay(record, { as: 'server', listen: 'tcp:0', speed: 'max', onListening: resolve });
      outcome.catch(reject);
    });
    const code = await publish(Number(address.slice(address.lastIndexOf(':') + 1)), message);
    return { code, ...(await outcome!) };
  };
  // It gives itself another name each time.
  const same = await played('hello');
  expect(same).toMatchObject({ code: 0, departures: [], report: { summary: { errors: 0, verdict: 'conformant' } } });
  const other = await played('other');
  expect(other.departures.map(({ text }) => text)).toEqual(['PUBLISH: payload is 6f74686572, not 68656c6c6f']);
  expect(other.code).toBe(0);
});
