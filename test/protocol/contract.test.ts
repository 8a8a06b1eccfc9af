import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LENGTH_16, READY_NAMES } from '../../src/framing/ready.ts';
import { contractProblems } from '../../src/protocol/contract.ts';
import { breaks, Machine, type MachineTable, to } from '../../src/protocol/machine.ts';
import { bitField, bits, repeated, uint } from '../../src/wire/fields.ts';
import { layoutOf } from '../../src/wire/layout.ts';
import { casesOf } from '../kit/portion.ts';
import { toy, toyMachine } from '../kit/toy.ts';

/** TOY with other properties. */
const changed = (properties: object): object => ({ ...toy, ...properties });
/** TOY with other properties in its first element of a list, `carriers` for one. */
const HEAD = { code: 0, meaning: 'm', clause: '1' };

const inFirst = (list: 'carriers' | 'dialect' | 'layouts' | 'rules', properties: object): object =>
  changed({ [list]: [{ ...toy[list][0], ...properties }, ...toy[list].slice(1)] });
/** TOY without a property of the first element of a list. */
const without = (list: 'carriers' | 'dialect' | 'layouts' | 'rules', name: string): object =>
  inFirst(list, { [name]: undefined });
const [tooLong, truncated] = LENGTH_16.rules.map(rule => ({ ...rule, id: rule.id.replace('framing/', 'toy/') }));
/** TOY with a framing of its own. */
const lending = (properties: object): object =>
  changed({
    framing: {
      ...LENGTH_16,
      id: 'toy',
      rules: [tooLong, truncated],
      tooLong,
      truncated,
      ...properties,
    },
  });
/** TOY with a machine that compiles, of another table. */
const ruledBy = (table: Partial<MachineTable<string, string, string>>): object =>
  changed({ machine: new Machine<string, string, string>({ ...toyMachine.table, ...table }) });

describe('a protocol', () => {
  test('that is one has no problems', () => {
    expect(contractProblems(toy)).toEqual([]);
  });

  test('that lends a framing has none, and others may name it', () => {
    expect(contractProblems(lending({}))).toEqual([]);
    const carried = changed({ carriers: [{ transport: 'tcp', framing: 'pipe' }] });
    expect(contractProblems(carried, ['pipe'])).toEqual([]);
    expect(contractProblems(carried)).toEqual([`carrier 1: framing is pipe; it is one of ${READY_NAMES.join(', ')}`]);
  });

  test('may be known by its port alone', () => {
    const { recognise: _, ...mapped } = toy;
    expect(contractProblems(mapped)).toEqual([]);
  });

  test.each(['sender', 'none'])('may inform with %s at fault', atFault => {
    expect(contractProblems(inFirst('rules', { severity: 'info', atFault }))).toEqual([]);
  });

  test('may have a message twice if the editions differ', () => {
    const [hello] = toy.layouts;
    const layouts = [...toy.layouts.map(layout => ({ ...layout, edition: 'old' })), { ...hello, edition: 'new' }];
    expect(contractProblems(changed({ layouts }))).toEqual([]);
  });

  test('may have a code twice if each end has it once, and not if one of them has both', () => {
    const [hello, ...others] = toy.layouts;
    const withFrom = (from: readonly (string | undefined)[]) =>
      contractProblems(
        changed({
          layouts: [{ ...hello, code: 1, from: from[0] }, ...others.map(other => ({ ...other, from: from[1] }))],
        }),
      );
    expect(withFrom(['client', 'server'])).toEqual([]);
    expect(withFrom(['client', undefined])).toEqual(['layouts: two have the code 1']);
    expect(withFrom([undefined, undefined])).toEqual(['layouts: two have the code 1']);
  });

  test.each([
    ['one clause and what it says', { clause: '3', says: 'A TEXT has one line.' }],
    [
      'the clauses of two editions',
      {
        clause: [
          { clause: '3', edition: 'old', says: 'So.' },
          { clause: '4', edition: 'new' },
        ],
      },
    ],
    ['the clause of one edition', { clause: [{ clause: '3', edition: 'new' }], editionHere: () => 'new' }],
  ])('may cite %s', (_name, cited) => {
    expect(contractProblems(inFirst('rules', cited))).toEqual([]);
  });

  test('may say nothing about what its fields mean', () => {
    const [hello, ...others] = toy.layouts;
    const silent = layoutOf('HELLO', { code: 0, meaning: 'm', clause: '1' }, [uint('type', 1)]);
    expect(contractProblems(changed({ layouts: [{ ...silent, code: hello.code }, ...others] }))).toEqual([]);
  });
});

describe('what is missing or wrong is named', () => {
  test.each<[string, unknown, string]>([
    ['no protocol at all', undefined, 'the default export is undefined, not a protocol'],
    ['a class', class {}, 'the default export is a function, not a protocol'],
    ['no id', changed({ id: undefined }), 'no id'],
    ['an id of capitals', changed({ id: 'Toy' }), 'id Toy is not in lower case with hyphens, as key-value'],
    ['an id of ours', changed({ id: 'framing' }), 'id framing is reserved for the program itself'],
    ['no title', changed({ title: ' ' }), 'no title'],
    ['a summary of two lines', changed({ summary: 'a\nb' }), 'summary has more than one line'],
    ['a full stop', changed({ summary: 'A toy.' }), 'summary ends in a full stop; it is one line of a list'],
    ['no carrier', changed({ carriers: [] }), 'carriers: not one is named'],
    [
      'an unknown carrier',
      inFirst('carriers', { transport: 'ip' }),
      'carrier 1: transport is ip; it is one of udp, tcp',
    ],
    [
      'datagrams on tcp',
      inFirst('carriers', { transport: 'tcp' }),
      `carrier 1: framing datagram is for udp; tcp is cut by ${READY_NAMES.join(', ')}`,
    ],
    [
      'a length on udp',
      inFirst('carriers', { framing: 'length16' }),
      'carrier 1: framing is length16; it is one of datagram',
    ],
    [
      'a bound of 0',
      inFirst('carriers', { longest: 0 }),
      'carrier 1: longest is 0; it is a whole number of at least 1',
    ],
    [
      'a condition on no option',
      inFirst('carriers', { onlyIf: { option: 'mode', value: 'x' } }),
      'carrier 1: onlyIf: no dialect option is called mode',
    ],
    [
      'a condition that cannot hold',
      inFirst('carriers', { onlyIf: { option: 'order', value: 'x' } }),
      'carrier 1: onlyIf: order has no value x',
    ],
    [
      'an option of no kind',
      inFirst('dialect', { kind: 'text' }),
      'dialect option order: kind is text; it is one of choice, seconds, key',
    ],
    [
      'a default that is no choice',
      inFirst('dialect', { default: 'middle' }),
      'dialect option order: its default middle does not fit: expected one of auto, big, little',
    ],
    [
      'defaults that do not fit',
      changed({ dialectProblem: () => 'no' }),
      'dialect: the defaults do not fit together: no',
    ],
    [
      'a field whose meaning is no text',
      inFirst('layouts', { rows: [{ ...toy.layouts[0].rows[0], meaning: 1 }] }),
      'layout HELLO: field type: meaning is 1, not a text',
    ],
    [
      'a layout put together by hand',
      inFirst('layouts', { fixedLength: 99 }),
      'layout HELLO: not made by layoutOf(...) or defineLayout(...)',
    ],
    [
      "a layout of another one's rows",
      inFirst('layouts', { rows: [...toy.layouts[0].rows] }),
      'layout HELLO: not made by layoutOf(...) or defineLayout(...)',
    ],
    [
      'a field of an item without words',
      inFirst('layouts', layoutOf('HELLO', HEAD, [repeated('list', [uint('a', 1, { clause: '' })])])),
      'layout HELLO: field a: no clause',
    ],
    [
      'labels of bits that are no texts',
      inFirst('layouts', layoutOf('HELLO', HEAD, [bits('b', 1, [bitField('a', 0, 2, { labels: { 1: 1 as never } })])])),
      'layout HELLO: field a: labels are not texts by number',
    ],
    [
      'nodes that nobody makes',
      inFirst('layouts', { describe: [] }),
      'layout HELLO: describe is an array, not a function',
    ],
    ['two messages of one code', inFirst('layouts', { code: 1 }), 'layouts: two have the code 1'],
    [
      'a sender that is none',
      inFirst('layouts', { from: 'both' }),
      'layout HELLO: from is both; it is one of client, server',
    ],
    ['two messages of one name', inFirst('layouts', { name: 'TEXT' }), 'layout TEXT: another one has this name'],
    [
      'a message that is no event',
      inFirst('layouts', { name: 'HOWDY' }),
      'state machine: HOWDY is a message and no event; each message has a cell in every state',
    ],
    [
      'no machine',
      changed({ machine: undefined }),
      'state machine: machine is undefined; it is made by new Machine(...)',
    ],
    [
      'a table for a machine',
      changed({ machine: { table: toyMachine.table, rules: [] } }),
      'state machine: not made by new Machine(...)',
    ],
    [
      'a hole in a table that was never compiled',
      changed({
        machine: { table: { ...toyMachine.table, send: { ...toyMachine.table.send, callee: {} } }, rules: [] },
      }),
      'state machine: no cell for callee, SILENT, sends HELLO',
    ],
    [
      'a cell that breaks no rule there is',
      ruledBy({
        send: {
          ...toyMachine.table.send,
          callee: { ...toyMachine.table.send.callee, OVER: { others: breaks('toy/x') } },
        },
      }),
      'state machine: toy/x is no rule of this protocol',
    ],
    [
      'a way out of the end',
      ruledBy({
        send: { ...toyMachine.table.send, callee: { ...toyMachine.table.send.callee, OVER: { others: to('SILENT') } } },
      }),
      'state machine: OVER is final, but HELLO of callee leads from it to SILENT',
    ],
    [
      'a state that nothing leads to',
      ruledBy({
        states: [...toyMachine.table.states, 'ASLEEP'],
        ...Object.fromEntries(
          (['send', 'receive'] as const).map(name => {
            const { caller, callee } = toyMachine.table[name];
            const asleep = { ASLEEP: { others: breaks('toy/after-bye') } };
            return [name, { caller: { ...caller, ...asleep }, callee: { ...callee, ...asleep } }];
          }),
        ),
      }),
      'state machine: no cell leads to ASLEEP',
    ],
    ['no clause', without('rules', 'clause'), 'toy/length: no clause'],
    ['no clause in a list', inFirst('rules', { clause: [] }), 'toy/length: no clause'],
    ['a blank clause', inFirst('rules', { clause: ' ' }), 'toy/length: no clause'],
    ['a clause that is none', inFirst('rules', { clause: ['3'] }), 'toy/length: clause: element 1 is 3, not an object'],
    ['an empty clause', inFirst('rules', { clause: [{ clause: '' }] }), 'toy/length: clause 1: no clause'],
    [
      'two clauses of one edition',
      inFirst('rules', { clause: ['3', '4'].map(clause => ({ clause, edition: 'new' })) }),
      'toy/length: it cites edition new twice',
    ],
    [
      'two clauses, one of no edition',
      inFirst('rules', { clause: [{ clause: '3', edition: 'old' }, { clause: '4' }] }),
      'toy/length: clause 2: no edition',
    ],
    [
      'a demand that is no sentence',
      inFirst('rules', { says: 'one line' }),
      'toy/length: says is no sentence: it does not end in a full stop',
    ],
    ['an empty demand', inFirst('rules', { says: '' }), 'toy/length: no says'],
    ['a demand of two lines', inFirst('rules', { says: 'One\nline.' }), 'toy/length: says has more than one line'],
    [
      'a demand in a list that is no sentence',
      inFirst('rules', { clause: [{ clause: '3', says: 'one line (at most.)' }] }),
      'toy/length: clause 1: says is no sentence: it does not end in a full stop',
    ],
    [
      'a demand beside a list',
      inFirst('rules', { clause: [{ clause: '3' }], says: 'One line.' }),
      'toy/length: says stands beside several clauses; each of them has its own',
    ],
    [
      'an edition that is told by no function',
      inFirst('rules', { editionHere: 'new' }),
      'toy/length: editionHere is new, not a function',
    ],
    ['no summary', without('rules', 'summary'), 'toy/length: no summary'],
    ['no reason', without('rules', 'why'), 'toy/length: no why'],
    ['no example', without('rules', 'example'), 'toy/length: no example'],
    ['no basis', without('rules', 'restsOn'), 'toy/length: no restsOn; it is one of bytes, seen, unseen'],
    [
      'bytes that wait for what comes later',
      inFirst('rules', { later: () => 0 }),
      'toy/length: it waits for what comes later and rests on what is bytes',
    ],
    [
      'an excuse that nothing leads to',
      inFirst('rules', { excuse: 'answers what was not captured' }),
      'toy/length: it has words for an excuse and nothing excuses it',
    ],
    [
      'an accusation midstream that rests on the unseen',
      inFirst('rules', { restsOn: 'unseen', midstream: true }),
      'toy/length: rests on what was not seen and is judged midstream, where that may have gone by',
    ],
    [
      'two states that give none',
      { ...toy, stateOfBoth: () => 1.5 },
      "stateOfBoth gives 1.5 for SILENT and SILENT, which is no state's number",
    ],
    ['no severity', without('rules', 'severity'), 'toy/length: no severity; it is one of error, warning, info'],
    [
      'a basis that there is not',
      inFirst('rules', { restsOn: 'hearsay' }),
      'toy/length: restsOn is hearsay; it is one of bytes, seen, unseen',
    ],
    ["an id of another's", inFirst('rules', { id: 'mnet/length' }), 'mnet/length: its id does not begin with toy/'],
    [
      'an id with capitals',
      inFirst('rules', { id: 'toy/Length' }),
      'toy/Length: its id is not in lower case with hyphens, as kv/no-such-key',
    ],
    ['two rules of one id', inFirst('rules', { id: 'toy/count' }), 'toy/count: two rules have this id'],
    [
      'an error of nobody',
      inFirst('rules', { atFault: 'none' }),
      'toy/length: severity error and nobody at fault; only what informs may blame nobody',
    ],
    [
      'a check of nothing',
      without('rules', 'on'),
      'toy/length: it has a check and asks for no message; name them in on',
    ],
    ['no check', without('rules', 'check'), 'toy/length: it asks for messages and has no check'],
    [
      'a check of what is not there',
      inFirst('rules', { on: ['HOWDY'] }),
      'toy/length: it asks for HOWDY, and no message is called that',
    ],
    [
      'form behind content',
      changed({ rules: [...toy.rules].reverse() }),
      'toy/length: a rule of form stands behind one of content',
    ],
    [
      'a rule of check and machine',
      changed({
        rules: toy.rules.map(rule => (rule.id === 'toy/after-bye' ? { ...rule, on: ['TEXT'], check: () => 1 } : rule)),
      }),
      'toy/after-bye: TEXT is judged twice: by its check and by the state machine',
    ],
    ['words without a number', changed({ rowWords: -1 }), 'rowWords is -1; it is a whole number of at least 0'],
    ['a wish that is neither yes nor no', changed({ watchesTcp: 'tcp' }), 'watchesTcp is tcp; it is true or false'],
    ['a field to count by that is no text', changed({ countBy: 7 }), 'countBy is 7, not a text'],
    [
      'a field to count by that there is not',
      changed({ countBy: 'txet.a' }),
      'countBy is txet.a, and no message has a field txet',
    ],
    [
      'a provocation of a rule that there is not',
      changed({ provocations: [{ rule: 'wide/nothing', faults: ['drop nth=1'] }] }),
      'provocation of wide/nothing: there is no such rule',
    ],
    [
      'a provocation that does nothing',
      changed({ provocations: [{ rule: toy.rules[0].id, faults: [] }] }),
      `provocation of ${toy.rules[0].id}: no faults`,
    ],
    ['refusals that know none', changed({ refusals: { of: () => undefined } }), 'refusals: no isOne'],
    ['a replay that is none', changed({ replay: 'all' }), 'replay is all, not an object'],
    [
      'a replayed value in a message that there is not',
      changed({ replay: { values: [{ name: 'number', chosen: ['TXET.length'] }] } }),
      'replay: value number: TXET.length: no message is called TXET; write MESSAGE.FIELD',
    ],
    [
      'a replayed value in a field that there is not',
      changed({ replay: { values: [{ name: 'number', chosen: [], echoed: ['*.nothing'] }] } }),
      'replay: value number: *.nothing: no such message has a field nothing',
    ],
    [
      'a replayed value that is made new in no known way',
      changed({ replay: { values: [{ name: 'number', chosen: [], fresh: 'always' }] } }),
      'replay: value number: fresh is always; it is one of random, now',
    ],
    [
      'a stream that no message carries',
      changed({ replay: { streams: [{ message: 'TXET', data: 'text' }] } }),
      'replay: stream TXET: no message is called TXET',
    ],
    ['no tracker', changed({ createTracker: undefined }), 'no createTracker'],
    ['recognition that cannot be asked', changed({ recognise: 'yes' }), 'recognise is yes, not a function'],
    ['a framing of another id', lending({ id: 'pipe' }), 'framing: its id is pipe, not that of the protocol'],
    [
      'a framing that has the wrap of another',
      lending({ lengthOf: (bytes: Uint8Array, at: number) => 4 + bytes[at + 1] }),
      'framing: wrap gives 2 bytes for a message of 0 bytes, and lengthOf finds 4 there',
    ],
    ['a framing that wraps nothing', lending({ wrap: 'yes' }), 'framing: wrap is yes, not a function'],
    [
      'a framing that wraps what it does not cut',
      lending({ wrap: (content: Uint8Array) => Uint8Array.of(0, content.length + 1, ...content) }),
      'framing: wrap gives 2 bytes for a message of 0 bytes, and lengthOf finds 3 there',
    ],
    [
      'a framing that wraps nothing into bytes',
      lending({ wrap: () => 'bytes' }),
      'framing: wrap gives bytes for a message of 0 bytes, not bytes',
    ],
    [
      'a framing that wraps too few bytes',
      lending({ wrap: () => new Uint8Array(1) }),
      'framing: wrap gives 1 bytes for a message of 0 bytes, less than its headLength',
    ],
    [
      'a framing that wraps another message',
      lending({ wrap: (content: Uint8Array) => Uint8Array.of(0, content.length, ...content.map(byte => byte ^ 1)) }),
      'framing: wrap hides more of a message of 1 bytes than is hidden, or less',
    ],
    [
      'a framing that cannot wrap',
      lending({
        wrap: () => {
          throw new Error('not today');
        },
      }),
      'framing: wrap throws for a message of 0 bytes: not today',
    ],
    [
      'a value of a field that there is not',
      changed({ mended: () => ({ size: 1 }) }),
      'mended names size, and BYE has no such field',
    ],
    [
      'a value that is none',
      changed({ mended: () => ({ type: -1 }) }),
      'mended gives type of BYE -1, neither a whole number nor a text',
    ],
    [
      'a usual value of a field that there is not',
      changed({ usual: () => ({ size: 1 }) }),
      'usual names size, and BYE has no such field',
    ],
    [
      'a usual value of another kind',
      changed({ usual: () => ({ type: 'a' }) }),
      'usual gives type of BYE a, and it is a number',
    ],
    [
      'a usual value that its field cannot hold',
      changed({ usual: () => ({ type: 256 }) }),
      'usual gives type of BYE 256, and it takes 255 at most',
    ],
    ['usual values that are none', changed({ usual: () => 7 }), 'usual gives 7 for BYE, not values by name'],
    ['values that are none', changed({ mended: () => 7 }), 'mended gives 7 for BYE, not values by name'],
    ['a framing without a length', lending({ lengthOf: undefined }), 'framing: no lengthOf'],
    [
      'a framing whose rule is none',
      lending({ tooLong: { ...tooLong, id: 'toy/x' } }),
      'framing: tooLong is toy/x, which is none of its rules',
    ],
    [
      'a framing that names its rule only',
      lending({ truncated: 'toy/truncated' }),
      'framing: truncated is toy/truncated, not one of its rules',
    ],
    [
      'names of several lines',
      inFirst('rules', { id: 'toy/a\nb' }),
      'toy/a b: its id is not in lower case with hyphens, as kv/no-such-key',
    ],
    [
      'a getter that throws',
      {
        get id() {
          throw new Error('not today');
        },
      },
      'it cannot be looked at: not today',
    ],
  ])('%s', (_, protocol, problem) => {
    expect(contractProblems(protocol)).toContain(problem);
  });
});

describe('whatever a module exports', () => {
  const anything = fc.anything({
    withNullPrototype: true,
    withSparseArray: true,
    withTypedArray: true,
    withBigInt: true,
  });

  test('gets an answer in lines of text', () => {
    fc.assert(
      fc.property(anything, anything, (value, framing) => {
        const problems = contractProblems(value, [String(typeof framing)]);
        expect(problems.length).toBeGreaterThan(0);
        for (const problem of problems) expect(problem).toMatch(/^.+$/);
      }),
    );
  });

  test('and so does a protocol in which anything stands in the place of anything', () => {
    const names = [
      ...Object.keys(toy),
      'framing',
      'rowWords',
      'watchesTcp',
      'isDivisible',
      'join',
      'countBy',
      'replay',
      'statements',
      'resync',
      'recogniseStream',
      'dialectProblem',
    ];
    const places = fc.oneof(
      fc.constantFrom(...names).map(name => (value: unknown) => changed({ [name]: value })),
      fc
        .constantFrom('carriers' as const, 'dialect' as const, 'layouts' as const, 'rules' as const)
        .chain(list =>
          fc
            .constantFrom(...Object.keys(toy[list][0]), 'onlyIf', 'severityIf', 'edition')
            .map(name => (value: unknown) => inFirst(list, { [name]: value })),
        ),
      fc
        .constantFrom(...Object.keys(toyMachine.table))
        .map(
          name => (value: unknown) =>
            changed({ machine: { ...toyMachine, table: { ...toyMachine.table, [name]: value } } }),
        ),
      fc.constantFrom(...Object.keys(LENGTH_16)).map(name => (value: unknown) => lending({ [name]: value })),
    );
    fc.assert(
      fc.property(places, anything, (place, value) => {
        expect(
          contractProblems(place(value)).every(
            problem => /^.+$/.test(problem) && !problem.includes('cannot be looked at'),
          ),
        ).toBe(true);
      }),
      { numRuns: casesOf(2_000) },
    );
  });
});
