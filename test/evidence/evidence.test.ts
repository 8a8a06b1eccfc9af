/** Evidence is judged again by those who get it: each finding of real and scripted captures is taken out and checked again. */
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { openBytes, openCapture } from '../../src/capture/open.ts';
import type { Frame } from '../../src/capture/source.ts';
import { type ExtractedEvidence, evidenceOf, pcapngOf } from '../../src/evidence/evidence.ts';
import { copyOf } from '../../src/evidence/kept-frames.ts';
import { judge } from '../../src/evidence/trial.ts';
import type { Finding } from '../../src/lint/finding.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../../src/run/options.ts';
import { describePacket, newDecoder } from '../kit/decoded.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;
const OPTIONS: EngineOptions = { ...DEFAULT_ENGINE_OPTIONS, protocols };

interface Subject {
  readonly capture: string;
  readonly dialect?: Readonly<Record<string, string>>;
}

const SUBJECTS: readonly Subject[] = [
  { capture: 'mnet/faults.pcap' },
  { capture: 'mnet/lossy.pcap', dialect: { 'mnet.tags': 'receiver' } },
  { capture: 'ministreaming/faults.pcap' },
  { capture: 'ministreaming/2009-data-after-close.pcap' },
  { capture: 'filestorage/2019-12-auth.pcap' },
  { capture: 'filestorage/2020-01-02-pipelined.pcap' },
];
/** Findings of one capture that are looked at: the first of each rule and state. */
const MOST = 4;

async function framesIn(path: string): Promise<Frame[]> {
  const frames: Frame[] = [];
  await (await openCapture(path)).read(frame => {
    frames.push(copyOf(frame));
  });
  return frames;
}

async function framesOf(pcapng: Uint8Array): Promise<Frame[]> {
  const frames: Frame[] = [];
  await (await openBytes(pcapng)).read(frame => {
    frames.push(copyOf(frame));
  });
  return frames;
}

function optionsOf({ dialect = {} }: Subject): EngineOptions {
  return { ...OPTIONS, dialects: new Map(Object.entries(dialect)) };
}

type Cases = readonly [readonly Frame[], readonly Finding[]];

const known = new Map<string, Promise<Cases>>();

/** The frames of a capture and what is looked at of its findings; judged once for all tests, none of which changes them. */
function casesIn(subject: Subject): Promise<Cases> {
  const cases = known.get(subject.capture) ?? findCases(subject);
  known.set(subject.capture, cases);
  return cases;
}

async function findCases(subject: Subject): Promise<Cases> {
  const frames = await framesIn(FIXTURES + subject.capture);
  const findings = await judge(frames, optionsOf(subject));
  const first = new Map(findings.toReversed().map(finding => [`${finding.ruleId} ${finding.state}`, finding]));
  return [frames, [...first.values()].slice(0, MOST)];
}

async function evidence(
  frames: readonly Frame[],
  finding: Finding,
  options: EngineOptions,
  wishes: { readonly minimize?: boolean; readonly redact?: boolean },
): Promise<ExtractedEvidence> {
  const all = { minimize: false, redact: false, isKnownComplete: false, ...wishes };
  const result = await evidenceOf(frames, [finding], options, all);
  if (typeof result === 'string') throw new Error(result);
  return result;
}

describe.each(SUBJECTS)('$capture', subject => {
  const options = optionsOf(subject);
  const few = new Map<Finding, Promise<ExtractedEvidence>>();

  /** To find the fewest frames takes as many judgements as all the rest. */
  function fewestOf(frames: readonly Frame[], finding: Finding): Promise<ExtractedEvidence> {
    const found = few.get(finding) ?? evidence(frames, finding, options, { minimize: true });
    few.set(finding, found);
    return found;
  }

  test('each finding comes up again in the fewest frames, and not without one of them', async () => {
    const [frames, findings] = await casesIn(subject);
    expect(findings.length).toBeGreaterThan(0);
    for (const finding of findings) {
      const found = await fewestOf(frames, finding);
      expect(found.frames.length).toBeLessThanOrEqual(frames.length);
      const again = await judge(await framesOf(pcapngOf(found)), options);
      const at = 1 + found.frames.findIndex(({ number }) => number === finding.frame);
      expect(again).toContainEqual(
        expect.objectContaining({
          ruleId: finding.ruleId,
          frame: at,
          expected: finding.expected,
          actual: finding.actual,
        }),
      );
      for (const frame of found.frames) {
        const without = await judge(
          found.frames.filter(other => other !== frame),
          options,
        );
        const { ruleId, frame: number, message, state, expected, actual } = finding;
        const same = { ruleId, frame: number, message, state, expected, actual };
        expect(without).not.toContainEqual(expect.objectContaining(same));
      }
    }
  });

  test('each finding comes up again when addresses and content are gone', async () => {
    const [frames, findings] = await casesIn(subject);
    for (const finding of findings) {
      const { frames: fewest } = await fewestOf(frames, finding);
      const { frames: redacted, ...rest } = await evidence(fewest, finding, options, { minimize: true, redact: true });
      const pcapng = pcapngOf({ frames: redacted, ...rest });
      const again = await judge(await framesOf(pcapng), options);
      expect(rest.findings.map(({ ruleId }) => ruleId)).toEqual([finding.ruleId]);
      expect(again).toContainEqual(
        expect.objectContaining({ ruleId: finding.ruleId, severity: finding.severity, state: finding.state }),
      );
      const decoder = newDecoder();
      for (const frame of redacted) {
        const packet = decoder.decode(frame);
        const { source, destination } = describePacket(packet!);
        for (const end of [source, destination]) expect(end).toMatch(/^192\.0\.2\.\d+:\d+$/);
      }
    }
  });
});

describe('what is redacted', () => {
  /** Long enough not to come about by chance. */
  const RUN = 6;

  function runsIn(bytes: Uint8Array): Set<string> {
    const text = Buffer.from(bytes).toString('latin1');
    return new Set(Array.from({ length: Math.max(0, text.length - RUN + 1) }, (_, at) => text.slice(at, at + RUN)));
  }

  test('holds nothing of the data that was sent', async () => {
    const subject = { capture: 'mnet/lossy.pcap', dialect: { 'mnet.tags': 'receiver' } };
    const options = optionsOf(subject);
    const frames = await framesIn(FIXTURES + subject.capture);
    const findings = await judge(frames, options);
    const wishes = { minimize: false, redact: true, isKnownComplete: false };
    const all = await evidenceOf(frames, findings, options, wishes);
    if (typeof all === 'string') throw new Error(all);
    const runs = runsIn(pcapngOf(all));
    const decoder = newDecoder();
    /** Behind the 14 bytes of DATA's head. */
    const sent = frames.flatMap(frame => {
      const packet = decoder.decode(frame);
      const { payload } = describePacket(packet!);
      return payload[0] === 0 ? [payload.slice(14)] : [];
    });
    expect(sent.some(data => data.length > RUN)).toBe(true);
    for (const data of sent) expect([...runsIn(data)].filter(run => runs.has(run))).toEqual([]);
    expect(all.findings.length).toBe(findings.length);
  });

  test('keeps the bytes without which there is no finding, and counts them', async () => {
    const [frames, [finding]] = await casesIn({ capture: 'mnet/faults.pcap' });
    const redacted = await evidence(frames, finding, OPTIONS, { minimize: true, redact: true });
    // What marks an INIT as one of MNET.
    expect(Buffer.from(pcapngOf(redacted)).includes('MNET')).toBe(true);
    expect(redacted.kept).toBe(4);
  });

  test('loses what somebody has noted', async () => {
    const [frames, [finding]] = await casesIn({ capture: 'mnet/faults.pcap' });
    const noted = frames.map(frame => Object.assign(copyOf(frame), { comment: 'password: swordfish' }));
    const plain = await evidence(noted, finding, OPTIONS, {});
    const redacted = await evidence(noted, finding, OPTIONS, { redact: true });
    expect(Buffer.from(pcapngOf(plain)).includes('swordfish')).toBe(true);
    expect(Buffer.from(pcapngOf(redacted)).includes('swordfish')).toBe(false);
  });
});

test('a finding that the frames do not give by themselves is none', async () => {
  const [frames, [finding]] = await casesIn({ capture: 'mnet/faults.pcap' });
  const others = frames.filter(({ number }) => number !== finding.frame);
  const wishes = { minimize: true, redact: false, isKnownComplete: false };
  expect(await evidenceOf(others, [finding], OPTIONS, wishes)).toBe('alone');
});

test('what stands in a complete capture alone is said to need that: a part of one cannot say so itself', async () => {
  const frames = await framesIn(`${FIXTURES}field/mnet-lost-5.pcap`);
  const finding = (await judge(frames, { ...OPTIONS, capture: 'complete' })).find(
    ({ severity }) => severity === 'error',
  )!;
  expect(finding).toBeDefined();
  expect(await judge(frames, OPTIONS)).not.toContainEqual(expect.objectContaining({ ruleId: finding.ruleId }));
  const wishes = { minimize: false, redact: false };
  expect(await evidenceOf(frames, [finding], OPTIONS, { ...wishes, isKnownComplete: false })).toBe('alone');
  const found = await evidenceOf(frames, [finding], OPTIONS, { ...wishes, isKnownComplete: true });
  expect(found).toMatchObject({ needsComplete: true });
});
