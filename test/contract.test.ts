/** What every protocol's folder promises, ours today and those to come: see src/protocol/protocol.ts and src/lint/rule.ts. */
import { describe, expect, test } from 'vitest';
import { protocols } from '../dissectors/index.ts';
import { SEVERITIES } from '../src/lint/rule.ts';
import { Dialect, dialectProblem } from '../src/protocol/dialect.ts';
import { UNKNOWN_MESSAGE } from '../src/protocol/protocol.ts';
import { Message } from '../src/wire/message.ts';
import { sourcesUnder, sourceText } from './kit/sources.ts';

/** The specification's demands on MNET that are judged, as agreed on before the rules were written. */
const CATALOGUE = [
  'truncated-header',
  'unknown-type',
  'length',
  'data-length-mismatch',
  'bad-magic',
  'unsupported-version',
  'unsupported-version-accepted',
  'init-tag-reused',
  'tag-not-random',
  'cookie-unsolicited',
  'cookie-peer-tag',
  'cookie-expired',
  'cookie-mac',
  'echo-unsolicited',
  'echo-mismatch',
  'echo-expired',
  'echo-address',
  'bad-cookie-accepted',
  'cookie-ack-unsolicited',
  'wrong-role',
  'tag-mismatch',
  'data-before-echo',
  'data-before-ack',
  'sequence-gap',
  'sequence-underflow',
  'retransmit-differs',
  'ack-unsent',
  'ack-regress',
  'reordered',
  'data-after-shutdown',
  'shutdown-before-established',
  'shutdown-ack-unsolicited',
  'shutdown-complete-unsolicited',
  'after-abort',
  'after-close',
  'handshake-incomplete',
  'shutdown-incomplete',
  'unknown-connection',
  'ambiguous-reading',
];

/** The text of a folder's files, one behind the other. */
function textOf(folder: string, wanted: (file: string) => boolean = () => true): string {
  return sourcesUnder(folder).filter(wanted).map(sourceText).join('\n');
}

const named = (text: string, id: string) => new RegExp(`['"\`]${id}['"\`]`).test(text);
const repeated = <T>(values: readonly T[]) => values.filter((value, index) => values.indexOf(value) !== index);

test('the list is in alphabetical order, each protocol once', () => {
  const ids = protocols.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort());
});

describe.each(protocols.map(protocol => ({ id: protocol.id, protocol })))('$id', ({ id, protocol }) => {
  const { rules, layouts, machine, dialect } = protocol;
  const ids = rules.map(rule => rule.id);
  const messages = layouts.map(layout => layout.name);

  test('has the name of its folder', () => {
    expect(sourcesUnder('dissectors')).toContain(`dissectors/${id}/index.ts`);
  });

  test('says what it is, how it is carried and how it is recognised', () => {
    const { title, summary, specification, recognition } = protocol;
    for (const text of [title, summary, specification, recognition]) expect(text).toMatch(/^\S.*[^\s.]$/);
    expect(protocol.carriers.length).toBeGreaterThan(0);
  });

  test('claims no flow by a datagram that is empty, or of zeros', () => {
    for (const length of [0, 1, 9, 32, 1_400]) {
      const message = new Message();
      message.assign(new Uint8Array(length), 0, length, length);
      expect(protocol.recognise([message])).toBe('no');
    }
  });

  describe('its rules', () => {
    test('have ids of one form, each its own', () => {
      const form = new RegExp(`^${id}/[a-z][a-z0-9]*(-[a-z0-9]+)*$`);
      expect(ids.filter(rule => !form.test(rule))).toEqual([]);
      expect(repeated(ids)).toEqual([]);
    });

    test.each(rules.map(rule => ({ rule: rule.id, document: rule })))('$rule is a document', ({ document }) => {
      const { clause, summary, why, example, severity, atFault, evidence } = document;
      for (const text of [clause, summary, why, example]) expect(text.trim()).not.toBe('');
      expect(summary).toMatch(/^[^\n]*[^.\s]$/);
      expect(summary.length).toBeLessThanOrEqual(160);
      expect(why).toMatch(/[.)]$/);
      expect(SEVERITIES).toContain(severity);
      expect(['sender', 'receiver', 'none']).toContain(atFault);
      expect(['message', 'history']).toContain(evidence);
    });

    test('blame nobody exactly when they only inform', () => {
      const wrong = rules.filter(({ severity, atFault }) => (severity === 'info') !== (atFault === 'none'));
      expect(wrong.map(rule => rule.id)).toEqual([]);
    });

    test('are each checked, named by the machine, or entered by the tracker', () => {
      const isRuleFile = (file: string) => /\/(rules|machine)\.ts$|\/rules\//.test(file);
      const tracker = textOf(`dissectors/${id}`, file => !isRuleFile(file));
      const idle = rules.filter(
        ({ id: rule, check, on }) => !(check && on?.length) && !machine.rules.includes(rule) && !named(tracker, rule),
      );
      expect(idle.map(rule => rule.id)).toEqual([]);
    });

    test('ask for messages that there are, and do not ask without a check', () => {
      const known = [...messages, UNKNOWN_MESSAGE];
      expect(rules.flatMap(({ on = [] }) => on).filter(name => !known.includes(name))).toEqual([]);
      expect(rules.filter(({ check, on }) => (check === undefined) !== (on === undefined))).toEqual([]);
      expect(rules.filter(({ on = [] }) => repeated(on).length > 0)).toEqual([]);
    });

    test('are not judged twice for one message: by a check and by the machine', () => {
      const twice = rules.filter(({ id: rule, on = [] }) => on.some(message => eventsBreaking(rule).includes(message)));
      expect(twice.map(rule => rule.id)).toEqual([]);

      function eventsBreaking(rule: string): string[] {
        const { roles, states, events } = machine.table;
        const number = machine.rules.indexOf(rule) + 1;
        const cells = roles.flatMap((_r, r) => states.map((_s, s) => (e: number) => machine.cell(r, s, e, false) * 2));
        const breaks = (way: number) => number > 0 && machine.rule[way] === number;
        return events.filter((_, e) => cells.some(cell => breaks(cell(e)) || breaks(cell(e) + 1)));
      }
    });

    test('come with the form first', () => {
      const phases = rules.filter(({ check }) => check).map(({ phase = 'content' }) => phase);
      expect(phases.lastIndexOf('form')).toBeLessThan(phases.indexOf('content'));
    });

    test('are each named by a test', () => {
      const tests = textOf(`test/dissectors/${id}`);
      expect(ids.filter(rule => !named(tests, rule))).toEqual([]);
    });
  });

  describe('its machine', () => {
    test('names rules that there are', () => {
      expect(machine.rules.filter(rule => !ids.includes(rule))).toEqual([]);
    });

    test('has every message as an event', () => {
      const { events } = machine.table;
      expect(messages.filter(message => !events.includes(message))).toEqual([]);
    });

    test('ends where it says: no legal message leads out of a final state', () => {
      const { roles, events, final } = machine.table;
      for (const state of final.map(name => machine.state(name))) {
        for (const role of roles.keys()) {
          for (const event of events.keys()) {
            const cell = machine.cell(role, state, event, false) * 2;
            for (const way of [cell, cell + 1]) expect(final).toContain(machine.table.states[machine.next[way]]);
          }
        }
      }
    });

    test('can be in every state', () => {
      const reached = new Set([0, ...machine.next.filter((next, way) => next !== stateOf(way))]);
      expect(machine.table.states.filter((_, state) => !reached.has(state))).toEqual([]);

      function stateOf(way: number): number {
        const { states, events } = machine.table;
        return Math.floor((way >> 1) / events.length) % states.length;
      }
    });
  });

  describe('its layouts', () => {
    test('have codes and names of their own', () => {
      expect(repeated(layouts.map(({ code }) => code))).toEqual([]);
      expect(repeated([...messages, UNKNOWN_MESSAGE])).toEqual([]);
    });

    test('say of every field what it means and where that stands', () => {
      const fields = layouts.flatMap(({ name, rows }) => rows.map(row => ({ message: name, ...row })));
      expect(fields.filter(({ title, meaning, clause }) => !title || !meaning || !clause)).toEqual([]);
      expect(layouts.filter(({ meaning, clause }) => !meaning || !clause)).toEqual([]);
    });
  });

  describe('its dialect', () => {
    test('has options of their own names, with defaults that fit', () => {
      expect(repeated(dialect.map(({ name }) => name))).toEqual([]);
      const problems = dialect.map(option => dialectProblem(option, option.default));
      expect(problems.filter(problem => problem !== undefined)).toEqual([]);
      expect(dialect.filter(({ name, meaning }) => !/^[a-z][A-Za-z]*$/.test(name) || meaning === '')).toEqual([]);
    });

    test('fits together as it is', () => {
      expect(protocol.dialectProblem?.(new Dialect(dialect, new Map()))).toBeUndefined();
    });

    test('has values for a choice, and for nothing else', () => {
      const wrong = dialect.filter(({ kind, values }) => (kind === 'choice') !== (values !== undefined));
      expect(wrong.map(({ name }) => name)).toEqual([]);
      expect(dialect.flatMap(({ values = [] }) => repeated(values))).toEqual([]);
    });
  });
});

describe('mnet', () => {
  const mnet = protocols.find(({ id }) => id === 'mnet');

  test('has the rules of its catalogue', () => {
    expect(mnet?.rules.map(({ id }) => id).sort()).toEqual(CATALOGUE.map(name => `mnet/${name}`).sort());
  });

  test('gives its events the code points of its messages', () => {
    const names = mnet?.layouts.map(({ name }) => name) ?? [];
    expect(mnet?.machine.table.events.slice(0, names.length)).toEqual(names);
    expect(mnet?.layouts.map(({ code }) => code)).toEqual([...names.keys()]);
  });

  test('is recognised by an INIT in any of the first datagrams, of any version', () => {
    const message = (hex: string) => {
      const view = new Message();
      const bytes = Buffer.from(hex, 'hex');
      view.assign(bytes, 0, bytes.length, bytes.length);
      return view;
    };
    const answers = [
      '014d4e455401aaaaaa',
      '014d4e455407aaaaaa',
      '014d4e455401aaaaaa00',
      '014d4e455301aaaaaa',
      '014d4e4554',
    ];
    expect(answers.map(hex => mnet?.recognise([message(hex)]))).toEqual(['yes', 'yes', 'no', 'no', 'no']);
  });
});
