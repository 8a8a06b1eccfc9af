/**
 * What each of our protocols' folders promises: the contract that holds for everybody (src/protocol/contract.ts), and what
 * can be seen in sources and tests only.
 */
import { describe, expect, test } from 'vitest';
import { protocols } from '../dissectors/index.ts';
import { contractProblems } from '../src/protocol/contract.ts';
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

/** Name of the constant that holds the rule `mnet/cookie-mac`: `cookieMac`. */
function constantOf(id: string): string {
  return id.slice(id.indexOf('/') + 1).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

test('the list is in alphabetical order, each protocol once', () => {
  const ids = protocols.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort());
});

describe.each(protocols.map(protocol => ({ id: protocol.id, protocol })))('$id', ({ id, protocol }) => {
  const { rules, machine } = protocol;

  test('is a protocol', () => {
    const framings = protocols.flatMap(({ framing }) => (framing && framing.id !== id ? framing.id : []));
    expect(contractProblems(protocol, framings)).toEqual([]);
  });

  test('has the name of its folder', () => {
    expect(sourcesUnder('dissectors')).toContain(`dissectors/${id}/index.ts`);
  });

  test('claims no flow by a datagram that is empty, or of zeros', () => {
    for (const length of [0, 1, 9, 32, 1_400]) {
      const message = new Message();
      message.assign(new Uint8Array(length), 0, length, length);
      expect(protocol.recognise?.([{ side: 0, message }]) ?? 'no').toBe('no');
    }
  });

  test('has its rules each checked, named by the machine, or entered by the tracker or beside the rule', () => {
    const isRuleFile = (file: string) => /\/(rules|machine)\.ts$|\/rules\//.test(file);
    const own = textOf(`dissectors/${id}`, isRuleFile);
    const others = textOf(`dissectors/${id}`, file => !isRuleFile(file) && !file.endsWith('/provocations.ts'));
    const entered = (rule: string) => {
      const constant = constantOf(rule);
      const isUsed = named(others, rule) || new RegExp(`\\b${constant}\\b`).test(others);
      return isUsed || new RegExp(`\\.(enter|breaks|breaksBy|judgeUuid)\\(${constant},`).test(own);
    };
    const idle = rules.filter(({ id: rule, check }) => !check && !machine.rules.includes(rule) && !entered(rule));
    expect(idle.map(rule => rule.id)).toEqual([]);
  });

  test('has its rules each named by a test', () => {
    const tests = textOf(`test/dissectors/${id}`);
    expect(rules.filter(rule => !named(tests, rule.id)).map(rule => rule.id)).toEqual([]);
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
    expect(answers.map(hex => mnet?.recognise?.([{ side: 0, message: message(hex) }]))).toEqual([
      'yes',
      'yes',
      'no',
      'no',
      'no',
    ]);
  });
});
