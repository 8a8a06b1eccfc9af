import { describe, expect, test } from 'vitest';
import { protocols } from '../../../dissectors/index.ts';
import { catalogueOf } from '../../../src/filter/catalogue.ts';
import { COMMANDS, completeCommand, parseCommand } from '../../../src/tui/model/commands.ts';

const CONTEXT = { catalogue: catalogueOf(protocols), seen: () => [], protocols, themes: ['dark', 'light'] };

function candidates(text: string): readonly string[] {
  return completeCommand(text, text.length, CONTEXT).candidates;
}

describe('a command', () => {
  test.each([
    ['filter type == DATA', { name: 'filter', argument: 'type == DATA' }],
    ['  goto 12 ', { name: 'goto', argument: '12' }],
    ['12', { name: 'goto', argument: '12' }],
    ['q', { name: 'quit', argument: '' }],
    ['q!', { name: 'quit', argument: '' }],
    ['conn 3', { name: 'connection', argument: '3' }],
  ])('%s', (text, expected) => {
    expect(parseCommand(text)).toEqual(expected);
  });

  test('of an empty line is none', () => {
    expect(parseCommand('  ')).toBeUndefined();
  });

  test.each([
    ['fitler x', 'did you mean filter?'],
    ['d mnet', 'did you mean decode or dialect?'],
    ['zzzzzz', 'unknown command zzzzzz; :help lists them'],
    ['foo', 'unknown command foo; :help lists them'],
    ['constructor', 'unknown command constructor'],
  ])('that there is not is answered: %s', (text, reason) => {
    expect(parseCommand(text)).toContain(reason);
  });
});

describe('completion', () => {
  test('of names', () => {
    expect(candidates('')).toEqual(COMMANDS.map(({ name }) => name));
    expect(candidates('fil')).toEqual(['filter']);
  });

  test.each([
    ['filter mnet.seq', 'mnet.sequence'],
    ['view st', 'states'],
    ['sort du', 'duration'],
    ['sort -du', '-duration'],
    ['time ep', 'epoch'],
    ['form la', 'ladder'],
    ['theme li', 'light'],
    ['decode udp.port==7,mn', 'mnet'],
    ['dialect mnet.tags=se', 'sender'],
  ])('of what stands behind: %s', (text, expected) => {
    expect(candidates(text)).toContain(expected);
    const { from } = completeCommand(text, text.length, CONTEXT);
    expect(expected.startsWith(text.slice(from))).toBe(true);
  });
});
