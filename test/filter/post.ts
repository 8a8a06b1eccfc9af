/**
 * POST: layouts with every kind of field, for tests of filters, and messages of it as the engine would show them.
 *
 *     LETTER  01 weight:2 tag:3 sent:4 place:4 JSON          PARCEL  02 weight:2 mark:1 bytes
 *
 * `mark` is a number in one and characters in the other.
 */
import { catalogueOf } from '../../src/filter/catalogue.ts';
import { makeFilter } from '../../src/filter/filter.ts';
import { FindingSubject } from '../../src/filter/finding-subject.ts';
import { MessageSubject } from '../../src/filter/message-subject.ts';
import type { Finding } from '../../src/lint/finding.ts';
import type { AnyProtocol, SeenMessage } from '../../src/protocol/protocol.ts';
import { hex } from '../../src/testkit/bytes.ts';
import { defineLayout } from '../../src/wire/layout.ts';
import { Message } from '../../src/wire/message.ts';
import { toy } from '../kit/toy.ts';

const own = { meaning: 'm', clause: '1' } as const;
const type = {
  name: 'type',
  title: 'Type',
  offset: 0,
  size: 1,
  kind: 'uint',
  labels: { 1: 'LETTER', 2: 'PARCEL' },
  ...own,
} as const;
const weight = { name: 'weight', title: 'Weight', offset: 1, size: 2, kind: 'uint', ...own } as const;

const LETTER = defineLayout({
  name: 'LETTER',
  code: 1,
  ...own,
  fields: [
    type,
    weight,
    { name: 'tag', title: 'Tag', offset: 3, size: 3, kind: 'id', ...own },
    { name: 'sent', title: 'Sent', offset: 6, size: 4, kind: 'unixTime', ...own },
    { name: 'place', title: 'Place', offset: 10, size: 4, kind: 'text', ...own },
    { name: 'mark', title: 'Mark', offset: 14, size: 1, kind: 'text', ...own },
    { name: 'content', title: 'Content', offset: 15, size: 'rest', kind: 'json', ...own },
  ],
});

const PARCEL = defineLayout({
  name: 'PARCEL (big)',
  code: 2,
  ...own,
  fields: [
    type,
    weight,
    { name: 'mark', title: 'Mark', offset: 3, size: 1, kind: 'uint', ...own },
    { name: 'box', title: 'Box', offset: 4, size: 'rest', kind: 'bytes', ...own },
  ],
});

export const post: AnyProtocol = { ...toy, id: 'post', title: 'POST', layouts: [LETTER, PARCEL] };

export const catalogue = catalogueOf([post, toy]);

export const finding: Finding = {
  ruleId: 'toy/count',
  severity: 'warning',
  message: 'the count says 2',
  capture: 0,
  frame: 7,
  time: { seconds: 1001, nanoseconds: 500_000_000 },
  protocol: 'post',
  connection: 3,
  from: '10.0.0.1:40000',
  to: '10.0.0.2:9000',
  atFault: '10.0.0.1:40000',
  messageName: 'LETTER',
  state: 'TALKING',
  bytes: null,
  expected: '',
  actual: '',
  restsOn: 'bytes',
  spec: { document: 'd', clause: '1' },
  relatedFrames: [],
  excerpt: null,
};

const ORIGIN = { seconds: 1000, nanoseconds: 0 };

/** Frame 7 of a capture, 1.5 seconds after its first, in connection 3 from a client at 10.0.0.1. */
function seen(layout: typeof LETTER | typeof PARCEL, bytes: Uint8Array, changes: Partial<SeenMessage>): SeenMessage {
  const message = new Message();
  message.assign(bytes, 0, bytes.length, bytes.length);
  Object.assign(message, { frame: 7, seconds: 1001, nanoseconds: 500_000_000 });
  const ends = { from: '10.0.0.1:40000', to: '10.0.0.2:9000', clientToServer: true };
  const names = { name: layout.name, protocol: 'post', connection: 3, capture: 0, state: 'TALKING' };
  return { message, layout, ...ends, ...names, findings: [], ...changes };
}

/** Weight 1000, tag 0a0b0c, sent 1700000000, place "Oslo", mark "x". */
export function letter(json = '{}', changes: Partial<SeenMessage> = {}): SeenMessage {
  const head = hex('01 03e8 0a0b0c 6553f100 4f736c6f 78');
  return seen(LETTER, Buffer.concat([head, Buffer.from(json)]), changes);
}

/** Weight 5, mark 9, with `box` in hex. */
export function parcel(box: string, changes: Partial<SeenMessage> = {}): SeenMessage {
  return seen(PARCEL, hex(`02 0005 09 ${box}`), changes);
}

export function matches(filter: string, message: SeenMessage = letter()): boolean {
  return makeFilter(filter, catalogue, 'messages')(new MessageSubject(message, ORIGIN));
}

export function matchesFinding(filter: string, changes: Partial<Finding> = {}): boolean {
  return makeFilter(filter, catalogue, 'findings')(new FindingSubject({ ...finding, ...changes }, ORIGIN));
}

/** What is said of a wrong filter, or `fine`. */
export function complaint(filter: string, subjects: 'messages' | 'findings' = 'messages'): string {
  try {
    makeFilter(filter, catalogue, subjects);
    return 'fine';
  } catch (error) {
    if (error instanceof Error && error.name === 'FilterError') return error.message;
    throw error;
  }
}
