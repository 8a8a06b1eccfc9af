/**
 * Both sides of each recording, replayed against each other on the loopback: nothing departs from what was recorded,
 * everything is said and heard, and what is found in the live traffic is what was found in the recording.
 */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { check, type Finding, type ReplayOptions, type ReplayOutcome, replay } from '../../src/api.ts';

const captures = (folder: string) =>
  readdirSync(`fixtures/${folder}`)
    .filter(name => name.endsWith('.pcap'))
    .map(name => `fixtures/${folder}/${name}`);

/** Rules that were broken, and the messages. */
function broken(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ severity }) => severity === 'error')
    .map(({ ruleId, messageName }) => `${ruleId} ${messageName}`)
    .toSorted();
}

interface Twins {
  readonly client: ReplayOutcome;
  readonly server: ReplayOutcome;
}

async function twins(capture: string, listen: string, options: ReplayOptions = {}): Promise<Twins> {
  const common = { speed: 'max', timeout: '4s', ...options };
  let tell: (address: string) => void = () => {};
  const listening = new Promise<string>(resolve => {
    tell = resolve;
  });
  const serving = replay(capture, { ...common, as: 'server', listen, onListening: tell });
  const to = await Promise.race([listening, serving.then(() => '')]);
  const client = await replay(capture, { ...common, to });
  return { client, server: await serving };
}

const TCP = [...captures('mqtt'), ...captures('filestorage')].map(capture => [capture, 'tcp:0'] as const);
/** Neighbours swapped; fragments, one of them twice; datagrams that the network card cut; two recordings one behind the other. */
const FIELD = ['5a-neighbours-swapped', '7a-fragments-mirrored-id-reused', '8-udp-gso', '5b-two-taps-appended'].map(
  name => `fixtures/field/${name}-mnet.pcap`,
);
const UDP = [...captures('mnet'), ...captures('ministreaming'), ...FIELD].map(capture => [capture, 'udp:0'] as const);

test.concurrent.each([...TCP, ...UDP])('%s, both sides of it', async (capture, listen) => {
  const { client, server } = await twins(capture, listen);
  for (const { departures, counts } of [client, server]) {
    expect(departures).toEqual([]);
    expect(counts.said).toBe(counts.toSay);
    expect(counts.heard).toBe(counts.expected);
  }
  expect(client.counts.toSay).toBeGreaterThan(0);
  // Each side blames the other one: together they have found what is in the recording.
  const recorded = await check(capture);
  expect([...broken(client.report.findings), ...broken(server.report.findings)].toSorted()).toEqual(
    broken(recorded.findings),
  );
});
