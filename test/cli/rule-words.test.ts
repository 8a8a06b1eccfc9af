/** A rule that there is not, on the command line. */
import { expect, test } from 'vitest';
import { toy } from '../kit/toy.ts';
import { runInside, runWith } from './host.ts';

const CAPTURE = 'fixtures/mnet/faults.pcap';

test.each([
  ['reordered=off', 'did you mean mnet/reordered?'],
  ['reorderd=off', 'did you mean mnet/reordered?'],
  ['mnet/reorderd=off', 'did you mean mnet/reordered?'],
  ['reorder*=off', 'did you mean */reorder*?'],
  ['zzzzzzzz=off', 'wirelint rules lists them'],
])('--rule %s', async (setting, hint) => {
  const { code, stdout, stderr } = await runInside('check', CAPTURE, '--rule', setting);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(`--rule ${setting}: `);
  expect(stderr.trimEnd().endsWith(hint)).toBe(true);
});

test('a pattern that matches nothing anywhere gets no hint', async () => {
  const { stderr } = await runInside('check', CAPTURE, '--rule', 'zzz*=off');
  expect(stderr).toBe('wirelint: --rule zzz*=off: no rule matches zzz*\n');
});

test('all protocols that have a rule of that name are named', async () => {
  const nameOf = (id: string) => id.split('/')[1];
  const twin = { ...toy, id: 'twin', rules: toy.rules.map(rule => ({ ...rule, id: `twin/${nameOf(rule.id)}` })) };
  const word = nameOf(toy.rules[0]!.id);
  const { stderr } = await runWith([toy, twin], 'check', CAPTURE, '--rule', `${word}=off`);
  expect(stderr).toContain(`did you mean toy/${word} or twin/${word}?`);
});

test('wirelint rules, and --attack', async () => {
  expect((await runInside('rules', 'reordered')).stderr).toContain('did you mean mnet/reordered?');
  const { stderr } = await runInside('proxy', 'udp:0', 'udp:9', '--attack', 'data-after-shutdown');
  expect(stderr).toContain('did you mean mnet/data-after-shutdown?');
});
