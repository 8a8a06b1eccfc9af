/** The log of cookies against a list that is searched from end to end. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CookieLog } from '../../../dissectors/mnet/cookies.ts';
import { COOKIE } from '../../../dissectors/mnet/layouts.ts';
import type { ConnectionDetail } from '../../../dissectors/mnet/state.ts';
import { DEFAULT_LIMITS } from '../../../src/protocol/limits.ts';
import { Message } from '../../../src/wire/message.ts';

const PER_CONNECTION = 3;
const FLOWS = 4;
/** Of contents 0 to 3 each has tags of its own; 4 to 7 are the same with another HMAC. */
const CONTENTS = 8;

const step = fc.record({
  kind: fc.constantFrom('issue', 'issue', 'issue', 'echo', 'release', 'ask'),
  connection: fc.nat({ max: FLOWS * 2 - 1 }),
  content: fc.nat({ max: CONTENTS - 1 }),
  /** The message at hand is that of the step before. */
  goesOn: fc.boolean(),
});

function cookie(content: number): Uint8Array {
  const bytes = new Uint8Array(COOKIE.fixedLength).fill(content, COOKIE.fields.hmac.offset);
  bytes[3] = bytes[6] = content % 4;
  return bytes;
}

const newConnection = () => ({ cookies: 0, cookieCount: 0 }) as ConnectionDetail;

/** A log with room for twice so many cookies as flows, and what it has hit. */
function logOf(flows: number) {
  const hits: string[] = [];
  const limits = { ...DEFAULT_LIMITS, flows, 'connection-cookies': PER_CONNECTION };
  return { hits, log: new CookieLog({ seed: 5, limits, limitHit: bound => hits.push(bound) }) };
}

test.each([100, 2])(
  'whatever is issued, echoed and released with room for %i flows, the answers are those of a list',
  flows => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const { hits, log } = logOf(flows);
        const expectedHits: string[] = [];
        const connections = Array.from({ length: FLOWS * 2 }, newConnection);
        let issued: { connection: number; flow: number; content: number; echoed: boolean }[] = [];
        const last = new Map<number, number>();
        const message = new Message();
        let before = 0;
        for (const [at, { kind, connection, content: own, goesOn }] of steps.entries()) {
          const content = goesOn ? before : own;
          before = content;
          if (!goesOn || at === 0) message.ordinal = at + 1;
          message.assign(cookie(content), 0, COOKIE.fixedLength, COOKIE.fixedLength);
          const flow = connection % FLOWS;
          const detail = connections[connection];
          const here = issued.find(entry => entry.flow === flow && entry.content === content);
          if (kind === 'issue') {
            const isFull = detail.cookieCount >= PER_CONNECTION;
            const isTaken = here !== undefined || (!isFull && issued.length < flows * 2);
            expect(log.issue(detail, flow, message)).toBe(isTaken);
            if (!isTaken) expectedHits.push(isFull ? 'connection-cookies' : 'flows');
            else if (!here) {
              issued.push({ connection, flow, content, echoed: false });
              last.set(content, flow);
            }
          } else if (kind === 'echo') {
            log.noteEcho(flow, message);
            if (here) here.echoed = true;
          } else if (kind === 'release') {
            log.release(detail);
            issued = issued.filter(entry => entry.connection !== connection);
            connections[connection] = newConnection();
          }
          const now = issued.find(entry => entry.flow === flow && entry.content === content);
          const isKept = issued.some(entry => entry.content === content);
          const own4 = issued.filter(entry => entry.connection === connection).map(entry => entry.content % 4);
          expect([
            log.issuedTo(flow, message),
            log.wasEchoed(flow, message),
            log.flowOf(message),
            log.isLikeOneOf(connections[connection], message),
            log.hasTag(connections[connection], content % 4),
            log.isOfAnotherInit(connections[connection], 9, content % 4),
          ]).toEqual([
            now !== undefined,
            now?.echoed === true,
            isKept ? last.get(content) : -1,
            own4.includes(content % 4),
            own4.includes(content % 4),
            own4.includes(content % 4),
          ]);
        }
        expect(hits).toEqual(expectedHits);
      }),
    );
  },
);
