/**
 * One client of the control socket, without the socket: lines in, lines out. Each request is answered by one response, in
 * order; events come in between to who has subscribed. Nothing that a line holds throws: a fault of the program is
 * answered, too, and handed on.
 */
import type { DeedRecord } from '../../lint/deed.ts';
import type { Finding } from '../../lint/finding.ts';
import type { ConnectionEvent } from '../../protocol/connections.ts';
import { connectionObject, findingObject } from '../../report/json.ts';
import { ownDigits } from '../../report/time.ts';
import { UsageError } from '../../settings/words.ts';
import { visibleJson } from '../../wire/escape.ts';
import type { HoldNews } from '../watched-holds.ts';
import type { EventName } from './commands.ts';
import type { ControlDesk } from './desk.ts';
import { heldObject, timeOf } from './held-json.ts';
import { parseRequest, type Request, RequestError, type RequestId } from './request.ts';

/** An event, and its line once somebody wants it: of many clients none or all may. */
export class ControlEvent {
  readonly name: EventName;
  readonly #make: () => object;
  #text: string | undefined = undefined;

  constructor(name: EventName, make: () => object) {
    this.name = name;
    this.#make = make;
  }

  get line(): string {
    this.#text ??= lineOf({ event: this.name, ...this.#make() });
    return this.#text;
  }
}

export class ControlSession {
  readonly #desk: ControlDesk;
  readonly #onFault: (error: unknown) => void;
  #wanted: readonly EventName[] = [];

  /** @param onFault called with what is no fault of the client's */
  constructor(desk: ControlDesk, onFault: (error: unknown) => void) {
    this.#desk = desk;
    this.#onFault = onFault;
  }

  /** It waits for what happens, though it may say nothing more. */
  get isSubscribed(): boolean {
    return this.#wanted.length > 0;
  }

  /** The response to a line; nothing to a blank one. */
  line(text: string): string | undefined {
    try {
      const request = parseRequest(text);
      return request && this.#answer(request);
    } catch (error) {
      if (error instanceof RequestError) return refusal(error.id, error.message);
      throw error;
    }
  }

  /** The line of an event, where it is wanted. */
  event(event: ControlEvent): string | undefined {
    return this.#wanted.includes(event.name) ? event.line : undefined;
  }

  #answer({ id, command, parameters }: Request): string {
    try {
      if (command === 'subscribe') {
        this.#wanted = parameters.events();
        return lineOf({ id, ok: true, command, events: this.#wanted });
      }
      return lineOf({ id, ok: true, command, ...this.#desk.answer(command, parameters) });
    } catch (error) {
      if (isRefusal(error)) return refusal(id, error.message);
      this.#onFault(error);
      return refusal(id, `${command}: a fault of wirelint`);
    }
  }
}

/** Of what a user got wrong: filters have an error of their own. */
function isRefusal(error: unknown): error is Error {
  return error instanceof UsageError || (error instanceof Error && error.name === 'FilterError');
}

/** For a line that cannot be read, and for who cannot be served. */
export function refusal(id: RequestId, error: string): string {
  return lineOf({ id, ok: false, error });
}

/** So many events were not sent to a client that does not read. */
export function lost(count: number): string {
  return lineOf({ event: 'lost', count });
}

export function holdEvent(news: HoldNews, now: number): ControlEvent {
  const time = timeOf(now);
  if (news.kind === 'held') return new ControlEvent('held', () => ({ time, held: heldObject(news.unit) }));
  const { unit, how, note } = news;
  return new ControlEvent('released', () => ({
    time,
    hold: unit.id,
    flow: unit.flow,
    how,
    ...(note !== '' && { note }),
  }));
}

export function faultEvent(deed: DeedRecord): ControlEvent {
  return new ControlEvent('fault', () => ({
    time: timeOf(deed.time),
    kind: deed.kind,
    cause: deed.cause,
    by: deed.by,
    flow: deed.flow,
    pair: deed.pair,
    from: deed.from,
    to: deed.to,
    unit: deed.unit,
    frame: deed.frame,
    words: deed.words,
  }));
}

export function findingEvent(finding: Finding): ControlEvent {
  return new ControlEvent('finding', () => ({ finding: findingObject(finding, ownDigits(finding.time)) }));
}

export function connectionEvent({ kind, connection }: ConnectionEvent): ControlEvent {
  const digits = Math.max(ownDigits(connection.start), ownDigits(connection.end));
  return new ControlEvent('connection', () => ({ kind, connection: connectionObject(connection, digits) }));
}

function lineOf(value: object): string {
  return `${visibleJson(JSON.stringify(value))}\n`;
}
