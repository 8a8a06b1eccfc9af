/** What the documentation and --help say of faults can be written so, and the scenario that they show does what it says. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fileNamed } from '../../src/configuration/file.ts';
import { readScenario } from '../../src/configuration/scenario.ts';
import { describe as words } from '../../src/faults/description.ts';
import { FAULT_HELP } from '../../src/faults/help.ts';
import { FaultReader, parseFaults } from '../../src/faults/parse.ts';
import { messageReadersOf } from '../../src/faults/reader.ts';
import { handshake, later, parties } from '../kit/mnet.ts';
import { sourceText } from '../kit/sources.ts';
import { catalogue, known, mnetFrames, told } from './asking.ts';

const PAGE = sourceText('docs/faults.md');
const readers = messageReadersOf(known);
const read = (text: string) => parseFaults([text], catalogue, readers);

const commands = [...PAGE.matchAll(/--fault '([^']+)'/g)].map(([, text]) => text);
/** In tables: `drop=5%`, alone in code at the beginning of a row. */
const items = [...PAGE.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell]) =>
  [...cell.matchAll(/`([a-z]+=[^`]+)`/g)].map(([, text]) => text),
);

test('there are examples of all', () => {
  const faults = commands.flatMap(text => read(text).faults);
  expect(new Set(faults.map(({ action }) => action.kind))).toEqual(
    new Set([
      'abort',
      'burst',
      'close',
      'corrupt',
      'cut',
      'delay',
      'drop',
      'duplicate',
      'rate',
      'reorder',
      'send',
      'set',
      'stall',
      'trickle',
    ]),
  );
  expect(items.length).toBeGreaterThan(20);
});

test.each(commands)('--fault %s', text => {
  expect(read(text).faults.map(words).join()).not.toBe('');
});

test.each(items)('the item or word %s', item => {
  // Those that pick stand behind an action.
  const isPicker = /^(nth|every|from|times|p)=/.test(item);
  const text = isPicker ? `drop if type == DATA ${item}` : item.startsWith('seed=') ? `drop=5%,${item}` : item;
  expect(read(text).faults).toHaveLength(1);
});

test('--help has faults that can be written', () => {
  const quoted = [...FAULT_HELP.matchAll(/^ {2}'([^']+)'/gm)].map(([, text]) => text);
  expect(quoted).toHaveLength(8);
  for (const text of quoted) read(text);
  const verbs = /^ {2}(drop, .*)$/m.exec(FAULT_HELP)?.[1].replace('FIELD = VALUE', 'mnet.tag = 0x1').split(', ') ?? [];
  for (const verb of verbs) read(`${verb} if type == DATA`);
  expect(verbs).toHaveLength(11);
});

test('the scenario of the page is read, and does what its steps say', async () => {
  const path = fileURLToPath(new URL('../../examples/faults/bad-line.yaml', import.meta.url));
  const scenario = await readScenario(fileNamed(path, '/'), new FaultReader(catalogue, readers, '--scenario'));
  const { C, L } = parties();
  const data = Array.from({ length: 40 }, (_, index) => [
    C.data(index * 10, index * 10 + 10),
    L.bare(0, index * 10 + 10),
  ]).flat();
  const lines = [
    ...handshake({ C, L }),
    C.echo(),
    L.cookieAck(),
    ...data,
    later(3, C.data(400, 410)),
    L.bare(0, 410),
    C.data(410, 420),
    L.bare(0, 420),
  ];
  const found = told(parseFaults([], catalogue, { scenario }), mnetFrames(lines));
  const delays = found.filter(line => /delay [\d.]+$/.test(line)).map(line => Number(line.split(' ').at(-1)));
  // All the time, but for what is lost.
  const lost = found.filter(line => line.endsWith('drop'));
  expect(delays.filter(delay => delay >= 1 && delay <= 3)).toHaveLength(lines.length - lost.length);
  expect(lost[0]).toBe('4 COOKIE-ACK drop');
  expect(lost.filter(line => line.includes('COOKIE-ACK'))).toHaveLength(1);
  // In the 80 ms behind that, and never after two seconds.
  const lossy = found.filter(line => / (corrupt|drop)\b/.test(line)).map(line => Number.parseInt(line, 10));
  expect(lossy.length).toBeGreaterThan(1);
  expect(Math.max(...lossy)).toBeLessThanOrEqual(lines.length - 4);
  expect(found.filter(line => line.endsWith('delay 500'))).toEqual([`${lines.length - 2} DATA delay 500`]);
});
