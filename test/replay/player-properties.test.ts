/** Whatever happens on the sockets, in whatever order: the player ends, in bounded time, and asks nothing of what is over. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { Engine } from '../../src/engine.ts';
import { Player } from '../../src/replay/player.ts';
import { Scribe } from '../../src/replay/scribe.ts';
import type { HearStep, Role, Script } from '../../src/replay/script.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import { facts } from '../../src/testkit/engine.ts';
import { Traffic } from '../../src/testkit.ts';

const SERVER = '10.0.0.9:1883';

/** Two connections of MQTT that stand in each other, as either side. */
function scriptOf(role: Role): Script {
  const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols });
  const scribe = new Scribe(engine, new Map(), undefined);
  const traffic = new Traffic();
  const talks = ['63', '64'].map((id, index) => {
    return traffic.connect(`10.0.0.1:4000${index}`, SERVER).client(`10 0d 0004 4d515454 04 02 003c 0001 ${id}`);
  });
  for (const talk of talks) talk.server('20 02 00 00').client('82 06 0001 0001 74 01').server('90 03 0001 01');
  for (const talk of talks) talk.server('32 07 0001 74 0001 6869').client('40 02 0001').client('c0 00').server('d0 00');
  talks[0].client('e0 00').close();
  talks[1].reset();
  engine.beginCapture(facts());
  for (const frame of traffic.frames()) engine.frame(frame);
  engine.closeCapture();
  engine.endCapture();
  return scribe.script(role);
}

const SCRIPTS = { client: scriptOf('client'), server: scriptOf('server') };
const TIMEOUT = 500;

type Happening =
  | { readonly kind: 'opened' | 'fin' | 'reset' | 'refused' | 'held up' | 'drained' | 'stopped'; readonly flow: number }
  | { readonly kind: 'heard'; readonly flow: number; readonly like: number; readonly byte: number }
  | { readonly kind: 'time'; readonly milliseconds: number };

const flow = fc.constantFrom(0, 0, 1, 1, 7);
const often = (kind: 'opened' | 'fin' | 'reset' | 'refused' | 'held up' | 'drained' | 'stopped') => {
  return fc.record({ kind: fc.constant(kind), flow });
};
const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: often('opened') },
    { weight: 1, arbitrary: often('fin') },
    { weight: 1, arbitrary: often('reset') },
    { weight: 1, arbitrary: often('refused') },
    { weight: 1, arbitrary: often('held up') },
    { weight: 2, arbitrary: often('drained') },
    {
      weight: 12,
      arbitrary: fc.record({ kind: fc.constant('heard' as const), flow, like: fc.nat(20), byte: fc.nat(40) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('time' as const), milliseconds: fc.constantFrom(1, 20, 600) }),
    },
  ),
  { maxLength: 60 },
);

test('the player ends', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Role>('client', 'server'),
      happenings,
      fc.constantFrom(1, Number.POSITIVE_INFINITY),
      fc.boolean(),
      (role, all, speed, keepGoing) => {
        const script = SCRIPTS[role];
        const hears = script.steps.filter((step): step is HearStep => step.kind === 'hear');
        let now = 1_000_000;
        const closed = new Set<number>();
        const alive = (asked: number) => expect(closed.has(asked)).toBe(false);
        const player = new Player(
          script,
          { speed, timeout: TIMEOUT, keepGoing, seed: 7, now: () => now },
          {
            open: alive,
            send: alive,
            end: alive,
            reset: asked => {
              alive(asked);
              closed.add(asked);
            },
            close: asked => closed.add(asked),
          },
        );
        player.advance();
        for (const happening of all) {
          if (happening.kind === 'time') now += happening.milliseconds;
          else if (happening.kind === 'heard') {
            const { recorded } = hears[happening.like % hears.length];
            const message = recorded.message.another();
            const bytes = recorded.message.copy();
            // One byte of it may be another one.
            if (happening.byte < bytes.length) bytes[happening.byte] ^= 0x15;
            message.assign(bytes, 0, bytes.length, bytes.length);
            const { name, layout } = recorded;
            const about = { protocol: 'mqtt', connection: 1, capture: 0, from: '', to: '', state: '', findings: [] };
            player.heard(happening.flow, { ...about, message, name, layout, clientToServer: role === 'server' });
          } else if (happening.kind === 'opened') player.opened(happening.flow);
          else if (happening.kind === 'refused') player.refused(happening.flow, 'no');
          else if (happening.kind === 'held up') player.heldUp(happening.flow, true);
          else if (happening.kind === 'drained') player.heldUp(happening.flow, false);
          else if (happening.kind !== 'stopped') player.ended(happening.flow, happening.kind);
          player.advance();
        }
        // From here on it is silent: each step waits for its time, and for its time-out.
        const until = now + script.steps.length * (TIMEOUT + 100) + 2_000;
        for (let wake = player.advance(); wake !== undefined && now < until; wake = player.advance()) {
          expect(wake).toBeGreaterThan(now);
          now = wake;
        }
        expect(player.isOver).toBe(true);
        const { said, toSay, heard, expected } = player.counts;
        expect(said <= toSay && heard <= expected).toBe(true);
        if (said < toSay || heard < expected) expect(player.departures.length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 300 },
  );
});
