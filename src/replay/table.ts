/** What a protocol declares of replaying (`Protocol.replay`), by the fields of its messages: for who looks at one message. */

import type { AnyProtocol } from '../protocol/protocol.ts';
import { fieldNamed, type ReplayedStream, type ReplayedValue } from '../protocol/replay.ts';

/** How a field has a value that one end chose. */
export type Standing = 'chosen' | 'echoed' | 'again';

export interface Place {
  readonly value: ReplayedValue;
  /** A field may stand for both: whichever end chose what is in it. */
  readonly standings: readonly Standing[];
}

export class ReplayTable {
  readonly #places = new Map<string, Map<string, Place[]>>();
  readonly #varying = new Map<string, Set<string>>();
  readonly #optional: ReadonlySet<string>;
  readonly #streams: ReadonlyMap<string, ReplayedStream>;
  /** The field by which messages of one name are distinguished. */
  readonly key: string | undefined;

  /** @param ignored fields that are not compared, besides those of the protocol */
  constructor(protocol: AnyProtocol, ignored: readonly string[] = []) {
    const { replay = {}, countBy, layouts } = protocol;
    const names = layouts.map(({ name }) => name);
    const each = (paths: readonly string[] | undefined, add: (message: string, field: string) => void) => {
      for (const path of paths ?? []) {
        const { message, field } = fieldNamed(path, names);
        for (const name of message === undefined ? names : [message]) add(name, field);
      }
    };
    for (const value of replay.values ?? []) {
      for (const standing of ['chosen', 'echoed', 'again'] as const)
        each(value[standing], (message, field) => this.#place(message, field, value, standing));
    }
    each([...(replay.varying ?? []), ...ignored], (message, field) => {
      this.#varying.set(message, (this.#varying.get(message) ?? new Set()).add(field));
    });
    this.#optional = new Set(replay.optional);
    this.#streams = new Map((replay.streams ?? []).map(stream => [stream.message, stream]));
    this.key = countBy;
  }

  /** @param field without the places in lists */
  places(message: string, field: string): readonly Place[] {
    return this.#places.get(message)?.get(field) ?? NONE;
  }

  /** Whether the message has a field that holds a chosen value. */
  hasPlaces(message: string): boolean {
    return this.#places.has(message);
  }

  /** Itself, or what it stands in. */
  varies(message: string, field: string): boolean {
    const varying = this.#varying.get(message);
    if (!varying) return false;
    for (let end = field.length; end > 0; end = field.lastIndexOf('.', end - 1)) {
      if (varying.has(field.slice(0, end))) return true;
    }
    return false;
  }

  isOptional(message: string): boolean {
    return this.#optional.has(message);
  }

  stream(message: string): ReplayedStream | undefined {
    return this.#streams.get(message);
  }

  #place(message: string, field: string, value: ReplayedValue, standing: Standing): void {
    const fields = this.#places.get(message) ?? new Map<string, Place[]>();
    this.#places.set(message, fields);
    const places = fields.get(field) ?? [];
    const index = places.findIndex(place => place.value === value);
    if (index < 0) places.push({ value, standings: [standing] });
    else places[index] = { value, standings: [...places[index].standings, standing] };
    fields.set(field, places);
  }
}

const NONE: readonly Place[] = [];
