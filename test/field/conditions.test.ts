/**
 * Nothing false in the field: conforming conversations under the conditions of conditions.ts accuse nobody, and faults are
 * found in all that lose nothing. WIRELINT_FIELD=FILE writes the figures and a line for each accusation to FILE;
 * WIRELINT_FIELD_ALL=1 takes all captures, tens of thousands, where a run of all tests takes some.
 */
import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { CONDITIONS, type Condition } from './conditions.ts';
import { conforming, faulty, PROTOCOLS, type ProtocolName } from './conversations.ts';
import { Sweep } from './sweep.ts';

const { WIRELINT_FIELD: FILE, WIRELINT_FIELD_ALL: ALL } = process.env;
const HARMLESS = CONDITIONS.filter(({ kind }) => kind === 'harmless');
const LOSSY = CONDITIONS.filter(({ kind }) => kind === 'lossy');
/**
 * Conversations that dice drive, of each protocol; captures of one conversation under one condition; and each conversation
 * comes under one of so many conditions, each at fault under one of so many.
 */
const [TALKS, MOST, SHARE, SHARE_AT_FAULT] = ALL ? [40, 40, 1, 1] : [4, 2, 5, 11];
/**
 * Of so many lossy captures one may accuse. Conversations over TCP show what was lost. Over UDP some end so soon behind the
 * lost datagram that nobody could tell: a finding stands when nothing contradicts it by the end, and what is left is then
 * what a peer at fault would have sent (test/dissectors/mnet/presumed.test.ts says it class by class; for ministreaming,
 * a SYN or an ACK that is missing, of a connection on which only one of the two ends goes on).
 */
const ACCEPTED: Readonly<Record<ProtocolName, number>> = {
  mnet: 25,
  ministreaming: 12,
  'ministreaming, TCP': 200,
  filestorage: 200,
};
const HOUR = 3_600_000;

const sweep = new Sweep();
const faults = new Sweep();

beforeAll(async () => {
  await sweep.run(await conforming(TALKS), CONDITIONS, MOST, SHARE);
  await faults.run(faulty(), HARMLESS, MOST, SHARE_AT_FAULT);
  if (!FILE) return;
  const parts = Object.entries({ conforming: sweep, 'at fault': faults }).flatMap(([title, done]) => {
    return [title, done.table(), '', ...done.classes(), '', ...done.lines(), ''];
  });
  writeFileSync(FILE, `${parts.join('\n')}\n`);
}, HOUR);

describe.each(PROTOCOLS)('%s', protocol => {
  const told = (done: Sweep, conditions: readonly Condition[]) =>
    done.lines().filter(line => {
      const [, own, condition] = line.split(' | ');
      return own === protocol && conditions.some(({ name }) => name === condition);
    });

  test('where nothing is lost, nobody is accused, and what was sure is sure', () => {
    expect(sweep.sum(protocol, HARMLESS).captures).toBeGreaterThan(90);
    expect(told(sweep, HARMLESS)).toEqual([]);
  });

  test('where something is lost, hardly anybody is accused', () => {
    const { captures, accused } = sweep.sum(protocol, LOSSY);
    expect(captures).toBeGreaterThan(30);
    expect(accused <= captures / ACCEPTED[protocol] ? [] : told(sweep, LOSSY)).toEqual([]);
  });

  test('a fault is found where nothing is lost, at its frame, once', () => {
    expect(faults.sum(protocol, HARMLESS).captures).toBeGreaterThan(100);
    expect(told(faults, HARMLESS)).toEqual([]);
  });
});
