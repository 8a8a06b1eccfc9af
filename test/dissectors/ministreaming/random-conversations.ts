/**
 * Random sessions with at most one fault, and what the law says of each: the injected fault and where it is, and the
 * judgement of the whole by the second reading of the catalogue, which must agree with it.
 */
import type { End, Line } from '../../kit/ministreaming.ts';
import { Dice } from './dice.ts';
import { type Dialect, type Judgement, judgementOf, type Said } from './law.ts';
import { FAULTS, isClear } from './random-faults.ts';
import { other, Session } from './random-session.ts';

export const INJECTED = [...Object.keys(FAULTS), 'syn-unanswered'];

export interface Conversation {
  readonly said: readonly Said[];
  readonly dialect: Dialect;
  /** `rule index` of the message that breaks it; undefined where there was no occasion, or none was wanted. */
  readonly fault: string | undefined;
  readonly judgement: Judgement;
}

export interface Wish {
  /** The rule to break; none to break none. */
  readonly rule?: string | undefined;
  readonly dialect?: Partial<Dialect>;
  /** As those of real ends, which hardly ever come again. */
  readonly idsAreRandom?: boolean;
}

/** The same seed and wish give the same conversation. */
export function randomConversation(seed: number, { rule, dialect: wished, idsAreRandom }: Wish = {}): Conversation {
  const dice = new Dice(seed);
  const dialect: Dialect = {
    key: dice.chance(0.25) || rule === 'syn-key-format' ? 'i2p-destination' : 'any',
    chaff: dice.chance(0.3) ? 'ignore' : 'error',
    answerTimeout: dice.of([60_000, 60_000, 5_000, 90_000]),
    ...wished,
  };
  const session = new Session(dice, dialect, idsAreRandom);
  // The side that speaks first opens: else the session would be taken up midstream.
  const first: End = dice.of(['ann', 'bob']);
  session.open(first);
  session.pass(first);
  const length = 30 + dice.below(250);
  const from = dice.below(length);
  let fault: string | undefined;
  for (let step = 0; step < length || (rule && !fault && step < 2_000); step++) {
    session.step();
    if (rule && !fault && step >= from) fault = injected(session, rule);
  }
  endUnanswered(session, rule === 'syn-unanswered' && fault !== undefined);
  return { said: session.said, dialect, fault, judgement: judgementOf(session.said, dialect) };
}

function injected(session: Session, rule: string): string | undefined {
  const end: End = session.dice.of(['ann', 'bob']);
  if (rule === 'syn-unanswered') return leftWaiting(session, end);
  session.synchronise(end);
  const packet = FAULTS[rule](session, end);
  if (!packet) return undefined;
  session.send(end, packet);
  session.pass(end);
  return `${rule} ${session.said.length - 1}`;
}

/** A server that says nothing any more on a connection that it is asked for. */
function leftWaiting(session: Session, end: End): string | undefined {
  const asked = session.connections.filter(
    connection => connection.client !== end && connection.serverView.state === 'asked' && isClear(session, connection),
  );
  if (asked.length === 0) return undefined;
  const connection = session.dice.of(asked);
  connection.serverView.silent = true;
  return `syn-unanswered ${connection.askedIndex}`;
}

/** The capture goes on until nobody can still answer in time, and then perhaps it is answered. */
function endUnanswered(session: Session, left: boolean): void {
  if (!left) return;
  const { dice } = session;
  const connection = session.connections.find(({ serverView }) => serverView.state === 'asked' && serverView.silent)!;
  const server = other(connection.client);
  const due = connection.askedAt! + session.dialect.answerTimeout + 1;
  if (session.now < due) session.wait(due - session.now + (dice.chance(0.5) ? 0 : dice.below(50_000)));
  if (dice.chance(0.5)) {
    connection.serverView.silent = false;
    session.accept(connection);
  } else session.open(server);
  session.synchronise(server);
  for (let more = dice.below(60); more > 0; more--) session.step();
}

/** What is said as the test kit wants it. */
export const linesOf = (said: readonly Said[]): Line[] =>
  said.map(({ from, bytes, time }, index) => ({ from, bytes, after: (time - (said[index - 1]?.time ?? 0)) / 1000 }));
