import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { check, type RunReport } from '../src/api.ts';
import { Traffic } from '../src/testkit.ts';
import { type ConformOptions, toConform } from '../src/vitest.ts';
import { word } from './kit/word.ts';

expect.extend({ toConform });

const fixture = (path: string) => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));

const WORD = { plugins: [word], decodeAs: ['tcp.port==7000,word'] };

function wordsOf(...words: readonly string[]): Traffic {
  const traffic = new Traffic();
  const conversation = traffic.connect('10.0.0.1:40000', '10.0.0.2:7000');
  for (const text of words) conversation.client(`0002 ${Buffer.from(text).toString('hex')}`);
  return traffic;
}

/** A connection of which the beginning was not seen. */
function middle(): Traffic {
  const traffic = new Traffic();
  traffic.join('10.0.0.3:40000', '10.0.0.2:7000').client('0002 6869');
  return traffic;
}

const sound = await check(wordsOf('hi', 'ho').pcap(), WORD);
const warned = await check(wordsOf('hi', 'hi').pcap(), WORD);
const faulty = await check(fixture('mnet/faults.pcap'));
const empty = await check(wordsOf('hi').pcap());
const unjudged = await check(middle().pcap(), WORD);
const partly = await check([wordsOf('hi').pcap(), middle().pcap()], WORD);
const cut = await check(wordsOf('hi', 'ho').pcap().subarray(0, -1), WORD);

/** What the matcher says of a report, with a runner that has colours or none. */
function said(report: RunReport, options: ConformOptions = {}, context: ThisParameterType<typeof toConform> = {}) {
  const { pass, message } = toConform.call(context, report, options);
  return { pass, message: message() };
}

test('traffic without findings conforms', () => {
  expect(sound).toConform();
  expect(sound).toConform({ failOn: 'warning', allowInconclusive: false });
});

test('a replay that departed from its recording does not conform, though nothing was found', () => {
  const departure = {
    kind: 'missing',
    connection: 1,
    messageName: 'HO',
    recordedFrame: 7,
    liveFrame: undefined,
    text: 'no HO within 5 s (--timeout)',
  } as const;
  const departed = { ...sound, departures: [departure, departure, departure] };
  const { pass, message } = said(departed);
  expect(pass).toBe(false);
  expect(message).toMatch(/^expected what was recorded: connection 1, frame 7: no HO .*, and 2 departures more\n/);
  expect({ ...sound, departures: [] }).toConform();
});

describe('findings', () => {
  test('that are errors are a failure, worded as in the report', () => {
    expect(faulty).not.toConform();
    const { pass, message } = said(faulty);
    expect(pass).toBe(false);
    expect(message).toMatch(/^expected traffic that conforms, got 3 errors\n\n/);
    expect(message).toContain('error    mnet/retransmit-differs  frame 7');
    expect(() => expect(faulty).toConform()).toThrow('mnet/retransmit-differs');
  });

  test('that are warnings are one where that is asked for', () => {
    expect(warned).toConform();
    expect(warned).not.toConform({ failOn: 'warning' });
    const { message } = said(warned, { failOn: 'warning' });
    expect(message).toMatch(/^expected traffic that conforms, got 1 warning\n/);
    expect(message).toContain('warning  word/repeated');
  });

  test('are what is expected behind not', () => {
    expect(() => expect(sound).not.toConform()).toThrow('expected traffic that breaks a rule, and it conforms');
  });
});

describe('what says nothing either way fails, behind not, too', () => {
  test('not one message', () => {
    const reason = /^nothing was checked: not one message of a known protocol in \d+ packets; name the protocol/;
    expect(() => expect(empty).toConform()).toThrow(reason);
    expect(() => expect(empty).not.toConform()).toThrow(reason);
    expect(empty).toConform({ allowEmpty: true });
  });

  test('not one connection that could be judged', () => {
    const reason = /^no connection could be judged: 1 of 1 inconclusive, for the reasons below/;
    expect(() => expect(unjudged).toConform()).toThrow(reason);
    expect(() => expect(unjudged).not.toConform()).toThrow(reason);
    expect(unjudged).toConform({ allowInconclusive: true });
  });

  test('half a capture', () => {
    expect(() => expect(cut).toConform()).toThrow(/^memory: .* is cut.*; \{ allowIncomplete: true \} accepts this/);
    expect(() => expect(cut).not.toConform()).toThrow('is cut');
    expect(cut).toConform({ allowIncomplete: true });
  });
});

test('some connections may be inconclusive beside others that were judged, unless none is to be', () => {
  expect(partly.summary).toMatchObject({ connections: 2, inconclusive: 1 });
  expect(partly).toConform();
  expect(() => expect(partly).toConform({ allowInconclusive: false })).toThrow(
    'not every connection could be judged: 1 of 2 inconclusive',
  );
});

test('the text has colours where the runner has', () => {
  const paint = (text: string) => `\u001b[31m${text}\u001b[39m`;
  expect(said(faulty, {}, { utils: { RECEIVED_COLOR: paint } }).message).toContain('\u001b[');
  expect(said(faulty, {}, { utils: { RECEIVED_COLOR: text => text } }).message).not.toContain('\u001b');
  expect(said(faulty).message).not.toContain('\u001b');
});

test('an argument that is no report, and an invalid option, are reported in one line', async () => {
  const none: unknown = Promise.resolve(sound);
  expect(() => expect(none).toConform()).toThrow(/^toConform: expected a report.*; await it$/);
  await expect(none).resolves.toConform();
  const misspelt: object = { failon: 'warning' };
  expect(() => expect(sound).toConform(misspelt)).toThrow('unknown option failon; known: failOn');
});
