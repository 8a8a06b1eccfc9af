/** The same question asked of a fixture by a filter, of `dissect`'s JSON by a function, and of tshark where it can say. */
import { describe, expect, test } from 'vitest';
import { runInside } from '../cli/host.ts';
import { requireTool, runTool } from '../kit/tools.ts';

const LOSSY = 'fixtures/mnet/lossy.pcap';
const FAULTS = 'fixtures/mnet/faults.pcap';
const UPLOAD = 'fixtures/filestorage/2020-01-04-upload.pcap';

interface Printed {
  readonly frame: number;
  readonly name: string;
  readonly state: string;
  readonly clientToServer: boolean;
  readonly fields: Readonly<Record<string, Field>>;
  readonly findings: readonly { readonly severity: string; readonly ruleId: string; readonly atFault: string | null }[];
}
interface Field {
  readonly name?: string;
  readonly value: unknown;
  readonly members?: readonly Field[];
}

async function dissected(capture: string, ...args: readonly string[]): Promise<Printed[]> {
  const { stdout } = await runInside('dissect', '--format', 'ndjson', capture, '-d', 'udp.port==26999,mnet', ...args);
  return stdout.split('\n').flatMap(line => (line === '' ? [] : JSON.parse(line)));
}

const everything = new Map<string, Promise<Printed[]>>();

/** All messages of a capture; dissected once, however many filters are asked. */
function whole(capture: string): Promise<Printed[]> {
  const known = everything.get(capture) ?? dissected(capture);
  everything.set(capture, known);
  return known;
}

const member = (field: Field | undefined, name: string) => field?.members?.find(found => found.name === name);

describe.each<[capture: string, filter: string, same: (message: Printed) => boolean]>([
  [
    LOSSY,
    'mnet.sequence > 1000 && type == DATA',
    ({ name, fields }) => name === 'DATA' && Number(fields.sequence?.value) > 1000,
  ],
  [LOSSY, 'state == ESTABLISHED && direction == server', m => m.state === 'ESTABLISHED' && !m.clientToServer],
  [LOSSY, 'rule ~ "mnet/*"', ({ findings }) => findings.some(({ ruleId }) => ruleId.startsWith('mnet/'))],
  [
    LOSSY,
    'type in {COOKIE, COOKIE-ECHO, SHUTDOWN-ACK}',
    ({ name }) => ['COOKIE', 'COOKIE-ECHO', 'SHUTDOWN-ACK'].includes(name),
  ],
  [FAULTS, 'severity >= warning', ({ findings }) => findings.some(({ severity }) => severity !== 'info')],
  [FAULTS, 'finding && fault', ({ findings }) => findings.some(({ atFault }) => atFault !== null)],
  [
    UPLOAD,
    'filestorage.payload.token.uid == 1002',
    ({ fields }) => member(member(fields.payload, 'token'), 'uid')?.value === 1002,
  ],
  [
    UPLOAD,
    'filestorage.payload.uploads[*].file.size > 1000',
    ({ fields }) =>
      member(fields.payload, 'uploads')?.members?.some(f => Number(member(member(f, 'file'), 'size')?.value) > 1000) ??
      false,
  ],
  [UPLOAD, 'filestorage.userType == TRANSFER', ({ name }) => name === 'TRANSFER'],
])('%s: %s', (capture, filter, same) => {
  test('gives the messages of which the JSON says the same', async () => {
    const expected = (await whole(capture)).filter(same).map(({ frame, name }) => `${frame} ${name}`);
    const found = (await dissected(capture, '-Y', filter)).map(({ frame, name }) => `${frame} ${name}`);
    expect(expected.length).toBeGreaterThan(0);
    expect(found).toEqual(expected);
  });
});

describe.each([
  ['length > 100', 'udp.length > 108'],
  ['bytes contains 61:62:63', 'udp.payload contains 61:62:63'],
  ['text contains "abc"', 'udp.payload contains "abc"'],
  ['srcport == 26999', 'udp.srcport == 26999'],
  ['port != 26999', 'udp.port != 26999'],
  ['src == 127.0.0.0/8 and frame in {1..10, 50}', 'ip.src == 127.0.0.0/8 and frame.number in {1..10, 50}'],
  ['time >= 0.05 && time < 2s', 'frame.time_relative >= 0.05 && frame.time_relative < 2'],
  ['not (time < 1 or length == 4)', 'not (frame.time_relative < 1 or udp.length == 12)'],
])('%s', (filter, display) => {
  test(`picks the frames that tshark picks with ${display}`, async () => {
    if (!requireTool('tshark')) return;
    const frames = runTool('tshark', ['-r', LOSSY, '-Y', display, '-T', 'fields', '-e', 'frame.number']);
    const all = (await whole(LOSSY)).map(({ frame }) => frame);
    const expected = frames
      .split('\n')
      .filter(Boolean)
      .map(Number)
      .filter(frame => all.includes(frame));
    expect((await dissected(LOSSY, '-Y', filter)).map(({ frame }) => frame)).toEqual(expected);
  });
});
