/** What is read of faults as people write them, and what they are told of those that cannot be. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describe as describeFault } from '../../src/faults/description.ts';
import { parseFaults } from '../../src/faults/parse.ts';
import { UsageError } from '../../src/settings/words.ts';
import { catalogue } from './asking.ts';

const setField = () => ({ applied: () => undefined });
const read = (...texts: string[]) => parseFaults(texts, catalogue, { setField }).faults;

function problem(text: string): string {
  try {
    read(text);
    return 'nothing';
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(error.message).toBe(`--fault ${text}: ${error.advice}`);
    return error.advice;
  }
}

describe('faults by chance', () => {
  test('are a list, each a fault of its own', () => {
    const faults = read('drop=5%,delay=20ms±10, duplicate=1%,reorder=3%,corrupt=0.1%,rate=1MB/s,seed=7');
    expect(faults.map(({ action, occasion, seed, cause }) => [cause, action, occasion.chance, seed])).toEqual([
      ['drop=5%', { kind: 'drop' }, 0.05, 7],
      ['delay=20ms±10', { kind: 'delay', milliseconds: 20, jitter: 10 }, undefined, 7],
      ['duplicate=1%', { kind: 'duplicate', copies: 1 }, 0.01, 7],
      ['reorder=3%', { kind: 'reorder' }, 0.03, 7],
      ['corrupt=0.1%', { kind: 'corrupt', anywhere: false }, 0.001, 7],
      ['rate=1MB/s', { kind: 'rate', bytesPerSecond: 1_000_000, text: '1MB/s' }, undefined, 7],
    ]);
  });

  test('name who sends what they are for', () => {
    const faults = read('client: drop=5%,reorder=1%', 'server:corrupt=1%', 'drop=2%');
    expect(faults.map(({ from, cause }) => [from, cause])).toEqual([
      ['client', 'client: drop=5%'],
      ['client', 'client: reorder=1%'],
      ['server', 'server: corrupt=1%'],
      [undefined, 'drop=2%'],
    ]);
  });

  test.each([
    ['delay=20ms', { milliseconds: 20, jitter: 0 }],
    ['delay=20ms+-10', { milliseconds: 20, jitter: 10 }],
    ['delay=1s±200ms', { milliseconds: 1_000, jitter: 200 }],
    ['delay=1.5s±0.5', { milliseconds: 1_500, jitter: 500 }],
    ['rate=64KiB/s', { bytesPerSecond: 65_536 }],
    ['rate=10Mbit/s', { bytesPerSecond: 1_250_000 }],
    ['rate=300bit/s', { bytesPerSecond: 37.5 }],
    ['burst=1%/30%', { enter: 0.01, leave: 0.3, loss: 1 }],
    ['burst=1%/30%/90%', { enter: 0.01, leave: 0.3, loss: 0.9 }],
    ['corrupt=1% anywhere', { anywhere: true }],
    ['trickle=5ms', { milliseconds: 5 }],
    ['cut=0.1%', { kind: 'cut' }],
    ['abort=0.1%', { kind: 'abort', when: 'before' }],
  ])('%s', (text, action) => {
    expect(read(text)[0]?.action).toMatchObject(action);
  });

  test.each([
    ['', 'column 1: no fault stands here; write drop=5%, or drop if type == DATA'],
    ['client:', 'column 8: no fault stands here; write drop=5%, or drop if type == DATA'],
    ['clien: drop=5%', 'column 1: unknown sender clien; did you mean client?'],
    ['seed=7', 'column 1: no fault stands here; write drop=5%, or drop if type == DATA'],
    ['drop=5', 'column 6: 5: write a percentage from 0% to 100%, such as 0.5%'],
    ['drop=101%', 'column 6: 101%: write a percentage from 0% to 100%, such as 0.5%'],
    ['drop = 5%', 'column 1: write it in one word: drop=5%'],
    ['drop=5%,drop=6%', 'column 9: drop is here twice'],
    ['drop=5%,,cut=1%', 'column 9: expected a fault such as drop=5%, and nothing stands here'],
    ['drop=5%,', 'column 9: expected a fault'],
    ['drop=5%, dely=20ms', 'column 10: unknown fault dely; did you mean delay?'],
    ['drop=5% delay=20ms', 'column 9: expected a comma, found delay=20ms'],
    ['client: loss=5%', 'column 9: unknown fault loss; write drop=5%'],
    ['client drop=5%', 'column 7: expected a colon: client: drop=5%'],
    ['explosion=5%', 'column 1: unknown fault explosion; known: drop, delay, duplicate, reorder, '],
    ['delay=20', 'column 7: 20: write a time of at most 24 days: 500ms, 5s, 2m or 1h'],
    ['delay=20ms±30', 'column 12: 30: a delay cannot vary by more than itself, 20ms'],
    ['delay=20ms±', 'column 12: : write a time'],
    ['rate=1MB', 'column 6: 1MB: write a rate: 1MB/s, 64KiB/s or 10Mbit/s'],
    ['rate=fast/s', 'column 6: fast/s: write a rate: 1MB/s, 64KiB/s or 10Mbit/s'],
    ['burst=1%', 'column 7: 1%: write how likely a burst begins and ends with a unit'],
    ['burst=1%/0%', 'column 10: a burst that began would never end; stall does that'],
    ['burst=1%/30', 'column 10: 30: write a percentage'],
    ['corrupt=1% everywhere', 'column 12: expected a comma, or corrupt=1% anywhere, found everywhere'],
    ['seed=-1,drop=1%', 'column 6: -1: a seed is a whole number from 0 to 9007199254740991'],
    ['drop=1%,seed=9007199254740992', 'column 14: 9007199254740992: a seed is'],
  ])('are refused: %s', (text, advice) => {
    expect(problem(text).slice(0, advice.length)).toBe(advice);
  });
});

describe('faults that are aimed', () => {
  test.each([
    ['drop if type == COOKIE-ACK nth=1', { kind: 'drop' }, { nth: 1 }, 'type == COOKIE-ACK'],
    ['close after type == DATA nth=3', { kind: 'close', when: 'after' }, { nth: 3 }, 'type == DATA'],
    ['close if type == DATA', { kind: 'close', when: 'before' }, {}, 'type == DATA'],
    ['abort after mnet', { kind: 'abort', when: 'after' }, {}, 'mnet'],
    ['stall if type == DATA from=2', { kind: 'stall' }, { from: 2 }, 'type == DATA'],
    ['repeat if type == INIT', { kind: 'duplicate', copies: 1 }, {}, 'type == INIT'],
    ['repeat 3 times if type == INIT', { kind: 'duplicate', copies: 3 }, {}, 'type == INIT'],
    ['duplicate if type == INIT', { kind: 'duplicate', copies: 1 }, {}, 'type == INIT'],
    ['swap with next if type == DATA every=2', { kind: 'reorder' }, { every: 2 }, 'type == DATA'],
    ['delay 200ms if type == DATA', { kind: 'delay', milliseconds: 200, jitter: 0 }, {}, 'type == DATA'],
    ['delay 200ms±50 if type == DATA', { kind: 'delay', milliseconds: 200, jitter: 50 }, {}, 'type == DATA'],
    ['corrupt if type == DATA p=10%', { kind: 'corrupt', anywhere: false }, { chance: 0.1 }, 'type == DATA'],
    ['corrupt anywhere if mqtt', { kind: 'corrupt', anywhere: true }, {}, 'mqtt'],
    ['trickle 5ms if mqtt', { kind: 'trickle', milliseconds: 5 }, {}, 'mqtt'],
    ['cut if mqtt times=1', { kind: 'cut' }, { times: 1 }, 'mqtt'],
    ['drop if type == DATA nth=2 per connection', { kind: 'drop' }, { nth: 2, perConnection: true }, 'type == DATA'],
    [
      'drop if type in {DATA, INIT} from=3 every=2 times=4 p=50% per connection',
      { kind: 'drop' },
      { from: 3, every: 2, times: 4, chance: 0.5, perConnection: true },
      'type in {DATA, INIT}',
    ],
    [
      'send bytes c0:00 to server after type == CONNACK nth=1',
      { kind: 'send', what: Uint8Array.of(0xc0, 0), to: 'server', when: 'after', text: 'bytes c0:00' },
      { nth: 1 },
      'type == CONNACK',
    ],
    ['send bytes C000 to client if mqtt', { kind: 'send', to: 'client', when: 'before' }, {}, 'mqtt'],
    ['send bytes e000 to client nth=3', { kind: 'send', when: 'before' }, { nth: 3 }, undefined],
    ['drop if nth=3', { kind: 'drop' }, { nth: 3 }, undefined],
    ['drop nth=3', { kind: 'drop' }, { nth: 3 }, undefined],
    ['abort after nth=3', { kind: 'abort', when: 'after' }, { nth: 3 }, undefined],
    ['delay 1s p=10%', { kind: 'delay', milliseconds: 1_000, jitter: 0 }, { chance: 0.1 }, undefined],
    ['drop if text contains " nth=3 if " nth=1', { kind: 'drop' }, { nth: 1 }, 'text contains " nth=3 if "'],
    ['drop if mqtt && length==3', { kind: 'drop' }, {}, 'mqtt && length==3'],
  ])('%s', (text, action, occasion, condition) => {
    const [fault] = read(text);
    expect(fault).toMatchObject({ cause: text, action, occasion });
    expect(fault?.occasion.condition?.text).toBe(condition);
  });

  test('set keeps what is to be set for who reads it', () => {
    const given: string[] = [];
    const plan = parseFaults(['server: set mnet.acknowledged = 9999 if type == DATA nth=5'], catalogue, {
      setField: text => {
        given.push(text);
        return setField();
      },
    });
    expect(given).toEqual([' mnet.acknowledged = 9999']);
    expect(plan.faults[0]).toMatchObject({ from: 'server', action: { kind: 'set', text: 'mnet.acknowledged = 9999' } });
  });

  test.each([
    ['dorp if type == DATA', 'column 1: unknown fault dorp; did you mean drop?'],
    ['explode if type == DATA', 'column 1: unknown fault explode; known: drop, delay, '],
    ['rate 1MB/s if type == DATA', 'column 1: unknown fault rate; '],
    ['drop', 'column 5: say when: if and a filter, or one of nth=3, every=3, from=3, times=3, p=10%'],
    ['drop if', 'column 8: expected a filter: drop if type == DATA'],
    ['client: drop if typ == DATA', 'column 17: unknown field typ; did you mean type?'],
    ['drop if type == DATE', 'column 17: unknown type DATE; did you mean DATA?'],
    ['drop if type=DATA', 'column 13: = is no operator; write == to compare'],
    ['drop if type == DATA evry=1', 'column 22: unknown word evry; did you mean every?'],
    ['drop if type == DATA nht=1', 'column 22: unknown word nht; known: nth, every, from, times, p, seed'],
    ['drop if type == DATA nth=0', 'column 26: 0: a whole number of at least 1 is needed'],
    ['drop if type == DATA nth=1 nth=2', 'column 28: nth is here twice'],
    ['drop if type == DATA nth=1 every=2', 'column 28: nth means one; every does not go with it'],
    ['drop if type == DATA nth=1 per conection', 'column 32: expected connection: nth=3 per connection'],
    ['drop if type == DATA per connection', 'column 22: nothing is counted here; write nth=1 per connection'],
    [
      'drop if type == DATA nth=1 now',
      'column 28: expected nth=3, every=3, from=3, times=3, p=10% or per connection, found now',
    ],
    ['drop if type == DATA p=200%', 'column 24: 200%: write a percentage'],
    ['drop after type == DATA', 'column 6: after goes with close, abort and send; write drop if ...'],
    ['delay if type == DATA', 'column 6: expected a time: delay 200ms'],
    ['delay soon if type == DATA', 'column 7: soon: write a time'],
    ['repeat 3 if type == DATA', 'column 9: expected times: repeat 3 times'],
    ['repeat 5000 times if type == DATA', 'column 8: 5000: at most 1000 times'],
    ['swap with last if type == DATA', 'column 11: expected next: swap with next'],
    ['drop it if type == DATA', 'column 6: expected if or after and a filter'],
    ['send if mqtt', 'column 5: expected bytes, or the name of a message: send bytes c0:00 to server'],
    ['send bytes if mqtt', 'column 11: expected bytes in hex: send bytes'],
    ['send bytes c0:0 to server if mqtt', 'column 12: c0:0: write bytes in hex, two digits each: c0:00'],
    ['send bytes xx to server if mqtt', 'column 12: xx: write bytes in hex'],
    ['send bytes c0:00 if mqtt', 'column 17: expected to client, or to server: send'],
    ['send bytes c0:00 at server if mqtt', 'column 18: expected to, found at; write send'],
    ['send bytes c0:00 to sever if mqtt', 'column 21: no such side: sever; did you mean server?'],
    ['send bytes c0:00 to server', 'column 27: say when: if and a filter'],
    ['set if type == DATA', 'column 4: expected a field and its value: set mnet.acknowledged = 9999'],
    ['set mnet.tag = 1 nth=3', 'column 1: set needs a message: set ... if type == DATA'],
  ])('are refused: %s', (text, advice) => {
    expect(problem(text).slice(0, advice.length)).toBe(advice);
  });

  test('set is refused where nothing reads it', () => {
    expect(() => parseFaults(['set mnet.tag = 1 if mnet'], catalogue)).toThrow('set is not known here');
  });

  test('send NAME is refused where nothing reads it', () => {
    expect(() => parseFaults(['send PINGREQ to server if mqtt'], catalogue)).toThrow(
      'column 1: send NAME is not known here',
    );
  });
});

test('whatever somebody writes is a fault that can be told in words, or is refused in one line', () => {
  const pieces = [
    ...['drop', 'delay', 'set', 'repeat', 'swap', 'with', 'next', 'corrupt', 'anywhere', 'cut', 'if', 'after', 'per'],
    ...['send', 'bytes', 'c0', 'to', 'server', 'PINGREQ', 'INIT'],
    ...['connection', 'type', '==', '=', 'DATA', 'mnet.tag', '0x1', 'nth=1', 'every=2', 'p=5%', 'seed=7', 'times', '3'],
    ...[
      'drop=5%',
      'burst=1%/3%',
      'delay=5ms±2',
      '200ms',
      '±',
      ',',
      ':',
      'client:',
      '"',
      '"a b"',
      '(',
      '\\',
      '\n',
      '\x1b',
    ],
  ];
  const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 4 })), { maxLength: 10 });
  fc.assert(
    fc.property(text, fc.constantFrom(' ', ''), (words, between) => {
      try {
        for (const fault of read(words.join(between))) expect(describeFault(fault)).not.toBe('');
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        expect(error.advice).toMatch(/^column \d+: .+$/);
        expect(error.message).not.toMatch(/\p{Cc}/u);
      }
    }),
    { numRuns: 2_000 },
  );
});

describe('in plain words', () => {
  test.each([
    ['client: drop=5%', 'from clients: loses 5% of what passes'],
    ['delay=20ms±10', 'delays what passes by 10ms to 30ms'],
    ['rate=1MB/s', 'passes on each direction of each connection at 1MB/s'],
    [
      'burst=1%/30%/90%',
      'loses 90% of what passes in bursts, which begin with 1% and end with 30% of it, 3.3 long on average',
    ],
    ['drop if type == COOKIE-ACK nth=1', 'loses the 1st message with type == COOKIE-ACK'],
    ['repeat 3 times if type == INIT from=2', 'passes on each message with type == INIT 4 times, from the 2nd on'],
    [
      'close after type == DATA nth=3 per connection',
      'closes the connection after the 3rd message with type == DATA, in each connection',
    ],
    [
      'send bytes c0:00 to server after type == CONNACK nth=1',
      'sends bytes c0:00 to the server after the 1st message with type == CONNACK',
    ],
    ['drop every=11 times=1', 'loses each 11th unit, once'],
    ['corrupt=0.1% anywhere', 'turns over a bit of 0.1% of what passes, also where it is cut otherwise then'],
  ])('%s: %s', (text, expected) => {
    expect(read(text).map(describeFault)).toEqual([expected]);
  });
});
