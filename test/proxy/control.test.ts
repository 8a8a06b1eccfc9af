/** What is said on the control socket, without the socket: a request a line, a response to each, events in between. */
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { COMMAND_NAMES, COMMANDS } from '../../src/proxy/control/commands.ts';
import { ControlDesk } from '../../src/proxy/control/desk.ts';
import {
  type ControlEvent,
  ControlSession,
  connectionEvent,
  faultEvent,
  findingEvent,
  holdEvent,
  lost,
} from '../../src/proxy/control/session.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { answerIn, requestProblems } from '../kit/control-lines.ts';
import { historyOf, type PastRun } from '../kit/history.ts';
import { FakeControls, FakeEditing, heldUnit } from '../kit/holds.ts';
import { finding } from '../report/sample.ts';

let past: PastRun;
let controls: FakeControls;
let report: RunReport | undefined;
let stops: number;
let faults: unknown[];
let session: ControlSession;

beforeAll(async () => {
  past = await historyOf('mnet/faults.pcap');
});

beforeEach(() => {
  controls = new FakeControls();
  report = past.report;
  stops = 0;
  faults = [];
  const desk = new ControlDesk({
    controls,
    editing: new FakeEditing(),
    reportSoFar: () => report,
    stop: () => {
      stops++;
    },
    tool: { name: 'wirelint', version: '1.2.3' },
  });
  session = new ControlSession(desk, error => faults.push(error));
});

/** The response to a request, which fits the schema, as it does. */
function ask(request: object) {
  expect(requestProblems(request)).toEqual([]);
  return answerIn(session.line(JSON.stringify(request)) ?? '');
}

/** What is said to a line that cannot be done. */
function refused(line: string | object): string {
  const { ok, error, ...rest } = answerIn(session.line(typeof line === 'string' ? line : JSON.stringify(line)) ?? '');
  expect({ ok, rest: Object.keys(rest) }).toEqual({ ok: false, rest: ['id'] });
  return error;
}

/** DATA, which breaks a rule, is message 6 of the capture; 0 is an INIT. */
function holdTwo(): void {
  controls.gate.hold(heldUnit(past, 1, [0]), heldUnit(past, 2, [6], { flow: 2 }));
}

describe('commands', () => {
  test('status: where it listens, what is in force, how much is held', () => {
    holdTwo();
    controls.breakOn = 'type == DATA';
    expect(ask({ id: 7, command: 'status' })).toEqual({
      id: 7,
      ok: true,
      command: 'status',
      schemaVersion: 1,
      tool: { name: 'wirelint', version: '1.2.3' },
      pairs: [{ listen: 'udp:127.0.0.1:27000', upstream: 'udp:127.0.0.1:26999' }],
      packets: 3,
      flows: 2,
      held: 2,
      breakOn: 'type == DATA',
      faults: [],
    });
  });

  test('list: the oldest first, with the rules that were broken', () => {
    holdTwo();
    const { held } = ask({ command: 'list' });
    expect(held.map(({ hold, flow }: { hold: number; flow: number }) => [hold, flow])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(held[0]).toMatchObject({ from: 'client', client: '10.0.0.1:5000', since: '2023-11-14T22:13:20.000000Z' });
    expect(held[0].messages).toMatchObject([{ protocol: 'mnet', name: 'INIT', connection: 1, offset: 0, rules: [] }]);
    expect(held[1].messages[0].rules).toEqual(['mnet/retransmit-differs']);
  });

  test('show: fields as dissect prints them, findings and bytes', () => {
    holdTwo();
    const { held } = ask({ id: 'a', command: 'show', hold: 2 });
    const [message] = held.messages;
    expect(Object.keys(message.fields)).toContain('sequence');
    expect(message.fields.sequence).toMatchObject({ value: expect.anything(), cut: false });
    expect(message.findings.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual(message.rules);
    expect(held.hex).toMatch(/^00cf742a/);
    expect(held.length).toBe(held.hex.length / 2);
  });

  test('a datagram of several messages, and bytes that nobody could cut', () => {
    controls.gate.hold(heldUnit(past, 1, [0, 6]), heldUnit(past, 2, [], { wire: Uint8Array.of(1, 2) }));
    const { held } = ask({ command: 'show', hold: 1 });
    expect(held.messages.map(({ offset }: { offset: number }) => offset)).toEqual([0, held.messages[0].length]);
    expect(ask({ command: 'show', hold: 2 }).held).toMatchObject({ messages: [], hex: '0102', length: 2 });
  });

  test('forward: as it is, all of it, with fields set, with other bytes', () => {
    holdTwo();
    controls.gate.hold(heldUnit(past, 3, [0, 6]), heldUnit(past, 4, [1]), heldUnit(past, 5, [2]));
    const [init, data] = [0, 6].map(number => Buffer.from(past.history.recall(number, past.bytes).message.copy()));
    const changed = Buffer.from(init ?? []);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) + 1;
    const set = 'mnet.acknowledged = 9999';
    expect(ask({ command: 'forward', hold: 1, set, mend: false }).note).toBe(`${set}, not mended`);
    expect(ask({ command: 'forward', hold: 2 })).toEqual({ id: null, ok: true, command: 'forward', holds: [2] });
    ask({ command: 'forward', hold: 3, bytes: 'AB cd', message: 1 });
    expect(ask({ command: 'forward', hold: 'all' }).holds).toEqual([4, 5]);
    expect(controls.gate.done).toEqual([
      `forward 1 ${changed.toString('hex')} (${set}, not mended)`,
      'forward 2',
      `forward 3 ${init?.toString('hex')}abcd (bytes)`,
      'forward 4',
      'forward 5',
    ]);
    expect(data?.length).toBeGreaterThan(0);
    expect(ask({ command: 'list' }).held).toEqual([]);
  });

  test('drop, repeat, abort', () => {
    holdTwo();
    expect(ask({ command: 'drop', hold: 1 }).holds).toEqual([1]);
    expect(ask({ command: 'repeat', hold: 2 }).hold).toBe(3);
    expect(ask({ command: 'flows' }).flows.map(({ flow }: { flow: number }) => flow)).toEqual([1, 2]);
    expect(ask({ command: 'abort', flow: 2 }).flow).toBe(2);
    expect(controls.gate.done).toEqual(['drop 1', 'repeat 2', 'abort 2']);
    expect(ask({ command: 'list' }).held).toEqual([]);
  });

  test('send: a message by its name, or bytes', () => {
    holdTwo();
    const named = { command: 'send', flow: 1, to: 'server', name: 'DATA', set: ['tag=1', 'sequence=2'] };
    expect(ask(named)).toMatchObject({
      flow: 1,
      to: 'server',
      note: 'mnet DATA tag=1, sequence=2 to server',
      hex: '010203',
    });
    ask({ command: 'send', flow: 2, to: 'client', bytes: '00 ff' });
    expect(controls.gate.done).toEqual([
      'send 1 server 010203 (mnet DATA tag=1, sequence=2 to server)',
      'send 2 client 00ff (2 bytes in hex)',
    ]);
  });

  test('break-on and faults change what is in force, and say it', () => {
    expect(ask({ command: 'break-on', filter: 'type == INIT' }).breakOn).toBe('type == INIT');
    expect(ask({ command: 'break-on', filter: null }).breakOn).toBeNull();
    expect(ask({ command: 'faults', faults: ['drop=5%'] }).faults).toEqual(['drop=5%']);
    expect(ask({ command: 'faults' }).faults).toEqual(['drop=5%']);
    expect(ask({ command: 'faults', faults: [] }).faults).toEqual([]);
  });

  test('report: what --format json prints, so far', () => {
    const { summary } = ask({ command: 'report' }).report;
    expect(summary).toMatchObject({ messages: past.report.summary.messages, verdict: 'violations' });
  });

  test('stop', () => {
    expect(ask({ command: 'stop' })).toEqual({ id: null, ok: true, command: 'stop' });
    expect(stops).toBe(1);
  });

  test('each of the table has a request in the schema, and no others', () => {
    const one = { hold: 1, flow: 1, to: 'server', filter: null };
    for (const name of COMMAND_NAMES) {
      const takes: readonly string[] = Object.keys(COMMANDS[name].takes);
      const own = Object.fromEntries(Object.entries(one).filter(([parameter]) => takes.includes(parameter)));
      expect([name, requestProblems({ command: name, ...own })]).toEqual([name, []]);
      expect(requestProblems({ command: name, ...own, more: 1 })).not.toEqual([]);
    }
    expect(requestProblems({ command: 'other' })).not.toEqual([]);
  });
});

describe('what cannot be done', () => {
  test.each([
    ['{"id":1,"comm', /^not JSON: \{"id":1,"comm; write an object a line/],
    ['[1]', /^not an object: \[1\]; write/],
    ['null', /^not an object: null; write/],
    ['{}', /^no command; write/],
    ['{"command":"lst"}', /^unknown command lst; did you mean list\?$/],
    ['{"command":"__proto__"}', /^unknown command __proto__/],
    [{ command: 'list', hold: 1 }, 'list: takes nothing, and has hold'],
    [{ command: 'forward', hold: 1, bits: '00' }, 'forward: unknown parameter bits; did you mean bytes?'],
    [{ command: 'show' }, 'show: hold is missing: the number of a hold, as list has it'],
    [{ command: 'show', hold: '1' }, 'show: hold: the number of a hold, as list has it'],
    [{ command: 'show', hold: 1.5 }, 'show: hold: the number of a hold, as list has it'],
    [{ command: 'show', hold: 9 }, 'hold 9 is not held; list shows what is'],
    [{ command: 'drop', hold: 'some' }, 'drop: hold: the number of a hold, as list has it, or "all"'],
    [{ command: 'forward', hold: 1, bytes: 'abc' }, 'forward: bytes: bytes in hex, two digits each'],
    [{ command: 'forward', hold: 1, bytes: '00', set: 'a=1' }, 'forward: set fields or give bytes, not both'],
    [{ command: 'forward', hold: 'all', set: 'a=1' }, 'forward: one at a time can be changed'],
    [{ command: 'forward', hold: 1, set: 'a=1', message: 1 }, 'forward: hold 1 has no message 1'],
    [{ command: 'forward', hold: 1, set: 'a' }, 'a: write FIELD = VALUE'],
    [{ command: 'forward', hold: 1, mend: 1 }, 'forward: mend: true or false'],
    [{ command: 'send', flow: 1, to: 'server' }, /^send: a message takes either/],
    [{ command: 'send', flow: 1, to: 'server', name: 'DATA', bytes: '00' }, /^send: a message takes either/],
    [{ command: 'send', flow: 1, to: 'server', bytes: '00', set: 'a=1' }, /^send: bytes are all of a message/],
    [{ command: 'send', flow: 1, to: 'both', bytes: '00' }, 'send: to: "client" or "server"'],
    [{ command: 'send', flow: 1, to: 'server', name: 'DATUM' }, 'unknown message DATUM; known: DATA'],
    [{ command: 'send', flow: 8, to: 'server', bytes: '00' }, 'flow 8 is not open; flows says which are'],
    [{ command: 'abort', flow: 8 }, 'flow 8 is not open; flows says which are'],
    [{ command: 'break-on' }, 'break-on: filter is missing: a text or null'],
    [{ command: 'break-on', filter: 'type == (' }, 'column 1: a parenthesis is not closed'],
    [{ command: 'faults', faults: ['drop'] }, '--fault drop: write drop=5%'],
    [{ command: 'faults', faults: 'drop=5%' }, 'faults: faults: a list of texts'],
    [{ command: 'subscribe', events: ['helt'] }, /^subscribe: events: a list of held, released, fault/],
    [{ id: {}, command: 'list' }, 'id: a number or a text of at most 100 characters'],
    [{ id: 'x'.repeat(101), command: 'list' }, 'id: a number or a text of at most 100 characters'],
  ])('%j', (line, error) => {
    holdTwo();
    expect(refused(line)).toEqual(typeof error === 'string' ? error : expect.stringMatching(error));
    expect(controls.gate.done).toEqual([]);
    expect(faults).toEqual([]);
  });

  test('is answered with the id of the request, where that could be read', () => {
    expect(answerIn(session.line('{"id":"a","command":"x"}') ?? '').id).toBe('a');
    expect(answerIn(session.line('{"id":"a","command":') ?? '').id).toBeNull();
  });

  test('blank lines are none', () => {
    expect([session.line(''), session.line(' \r')]).toEqual([undefined, undefined]);
    expect(ask({ command: 'list' }).ok).toBe(true);
  });

  test('no report once judging has ended by a fault', () => {
    report = undefined;
    expect(refused({ command: 'report' })).toBe('nothing is judged any more, by a fault of wirelint');
  });

  test('a fault of ours is answered, and handed on', () => {
    const fault = new TypeError('tripped');
    controls.gate.held = () => {
      throw fault;
    };
    expect(refused({ command: 'list' })).toBe('list: a fault of wirelint');
    expect(faults).toEqual([fault]);
  });

  test('what a peer or a client says is spelt out, and cut', () => {
    controls.gate.hold(heldUnit(past, 1, [], { cause: 'x\u001b[2J\u202e', wire: Uint8Array.of(1) }));
    const line = session.line('{"command":"list"}') ?? '';
    for (const harm of ['\u001b', '\u202e']) expect(line).not.toContain(harm);
    expect(answerIn(line).held[0].cause).toBe('x\u001b[2J\u202e');
    const long = session.line(`{"command":"${'\u202e'.repeat(5_000)}"}`) ?? '';
    expect(long.length).toBeLessThan(1_000);
    expect(long).not.toContain('\u202e');
  });

  test('whatever a line holds: one response or none, and no fault', () => {
    holdTwo();
    const word = fc.constantFrom(...COMMAND_NAMES, 'x');
    const name = fc.constantFrom(
      'id',
      'hold',
      'flow',
      'to',
      'set',
      'bytes',
      'mend',
      'filter',
      'faults',
      'events',
      'message',
    );
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('all', 'server', 'DATA', '00', 1, true));
    const object = fc
      .tuple(word, fc.array(fc.tuple(name, value), { maxLength: 4 }))
      .map(([command, entries]) => JSON.stringify({ command, ...Object.fromEntries(entries) }));
    fc.assert(
      fc.property(fc.oneof(object, fc.string(), fc.json()), text => {
        const response = session.line(text.replaceAll('\n', ' '));
        if (response !== undefined) answerIn(response);
        expect(faults).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('events', () => {
  const now = 1_700_000_000_500;

  /** What the session says of holds as they come and go. */
  function heard(): object[] {
    const lines: object[] = [];
    controls.holds.watch(news => lines.push(answerIn(session.event(holdEvent(news, now)) ?? '')));
    return lines;
  }

  test('are told to who has subscribed, and to nobody else', () => {
    const events: ControlEvent[] = [findingEvent(finding())];
    expect(session.event(events[0]!)).toBeUndefined();
    expect(session.isSubscribed).toBe(false);
    expect(ask({ command: 'subscribe', events: ['held', 'released'] }).events).toEqual(['held', 'released']);
    expect(session.event(events[0]!)).toBeUndefined();
    expect(ask({ command: 'subscribe' }).events).toHaveLength(5);
    expect(answerIn(session.event(events[0]!) ?? '').finding.ruleId).toBe('mnet/tag-mismatch');
    expect(session.isSubscribed).toBe(true);
    ask({ command: 'subscribe', events: [] });
    expect(session.isSubscribed).toBe(false);
  });

  test('held and released: how, and what was different', () => {
    ask({ command: 'subscribe' });
    const lines = heard();
    controls.gate.hold(...[1, 2, 3, 4].map(id => heldUnit(past, id, [0], { flow: id })));
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatchObject({ event: 'held', time: '2023-11-14T22:13:20.500000Z', held: { hold: 1 } });
    lines.length = 0;
    ask({ command: 'forward', hold: 1, set: 'a=1' });
    ask({ command: 'drop', hold: 2 });
    ask({ command: 'repeat', hold: 3 });
    ask({ command: 'abort', flow: 4 });
    expect(lines.map(line => ({ ...line, time: undefined, held: undefined }))).toEqual([
      { event: 'released', hold: 1, flow: 1, how: 'forwarded', note: 'a=1' },
      { event: 'released', hold: 2, flow: 2, how: 'dropped' },
      { event: 'released', hold: 3, flow: 3, how: 'forwarded' },
      { event: 'held' },
      { event: 'released', hold: 4, flow: 4, how: 'gone' },
    ]);
  });

  test('what others did to a hold is told to each who watches', () => {
    const [one, other]: [string[], string[]] = [[], []];
    controls.holds.watch(news => one.push(news.kind));
    const end = controls.holds.watch(news => other.push(news.kind));
    controls.gate.hold(heldUnit(past, 1, [0]));
    end();
    controls.holds.drop(1);
    expect([one, other]).toEqual([['held', 'released'], ['held']]);
  });

  test('faults, findings and connections fit the schema', () => {
    ask({ command: 'subscribe' });
    const [connection] = past.report.connections;
    const deed = {
      kind: 'drop',
      cause: 'drop=5%',
      by: 'fault',
      time: now,
      frame: 3,
      flow: 1,
      pair: 0,
      from: '10.0.0.1:5000',
      to: '10.0.0.9:26999',
      sender: 'client',
      inNameOf: 'client',
      connection: 1,
      note: '',
      unit: 'INIT',
      words: 'drops INIT',
    } as const;
    const lines = [
      faultEvent(deed),
      faultEvent({ ...deed, kind: 'replace', by: 'interception', words: 'sets a = 1 (was 2)' }),
      connectionEvent({ kind: 'opened', connection: connection! }),
      findingEvent(finding()),
    ].map(event => answerIn(session.event(event) ?? ''));
    expect(lines.map(({ event, kind }) => [event, kind])).toEqual([
      ['fault', 'drop'],
      ['fault', 'replace'],
      ['connection', 'opened'],
      ['finding', undefined],
    ]);
    expect(lines[1].words).toBe('sets a = 1 (was 2)');
  });

  test('that were lost are counted', () => {
    expect(answerIn(lost(3))).toEqual({ event: 'lost', count: 3 });
  });
});
