/** What one side of a session keeps: PUBLISHes that are not acknowledged, and identifiers of those that it has got. */
import { type Kept, type Message, propertyOf } from './random-messages.ts';
import type { Voice } from './random-world.ts';

/** The identifiers and unfinished deliveries of one side of a session, through all its connections. */
export class Outbox {
  readonly kept: Kept[] = [];
  readonly #queue: Message[] = [];
  /** Identifiers of what is no PUBLISH, as often as they were sent and not answered. */
  #others: number[] = [];
  /** How many acknowledgements of retries are still to come, by identifier: a new PUBLISH would take them for its own. */
  readonly #owed = new Map<number, number>();
  #voice: Voice | undefined;
  /** What is still to be sent again, and the identifiers that fill the other side's window. */
  #again: Kept[] = [];
  readonly #filled = new Set<number>();
  #next = 1;

  /** Forgets everything. */
  clear(): void {
    this.kept.length = 0;
    this.#queue.length = 0;
    this.#again = [];
    this.#next = 1;
  }

  /** Goes on in a new connection; sends again what was left, once `resume` is called. */
  join(voice: Voice): void {
    this.#voice = voice;
    this.#filled.clear();
    this.#others = [];
    this.#owed.clear();
    this.#again = [];
  }

  /** Sends again what was left, as the window allows. */
  resume(): void {
    const voice = this.#voice!;
    const { world } = voice;
    const left = this.kept.filter(({ sentIn }) => sentIn !== voice);
    for (const one of left) if (!this.#isWorthwhile(one)) this.#drop(one);
    this.#again = left.filter(one => this.kept.includes(one));
    if (this.#again.length === 0) return;
    if (world.strikes('not-resent')) {
      const stays = world.dice.roll(this.#again.length);
      this.#again = this.#again.slice(0, stays);
    } else if (world.strikes('resume-id-in-use')) {
      const lost = this.#again.shift()!;
      this.#drop(lost);
      this.#begin({ kind: 'publish', topic: lost.message.topic!, qos: 1, payload: `other ${lost.id}` }, lost.id);
    } else if (
      this.#again.length > 1 &&
      voice.side === 'client' &&
      this.#mayBeSwapped() &&
      world.strikes('resend-order', 1)
    ) {
      const [first, second, ...rest] = this.#again;
      this.#again = [second, first, ...rest];
    }
    this.pump();
  }

  #mayBeSwapped(): boolean {
    return this.#again[0].stage === 'sent' && this.#again[1].stage === 'sent';
  }

  /** Queues a PUBLISH. */
  offer(message: Message): void {
    this.#queue.push(message);
    this.pump();
  }

  forgetQueue(): void {
    this.#queue.length = 0;
  }

  /** Sends what the window has room for. */
  pump(): void {
    const voice = this.#voice;
    if (!voice || voice.isOver) return;
    while (this.#again.length > 0 && (this.#hasRoom() || this.#again[0].stage === 'released')) {
      this.#sendAgain(this.#again.shift()!, voice);
    }
    while (this.#again.length === 0 && this.#queue.length > 0) {
      const [message] = this.#queue;
      const isOverfull = message.qos! > 0 && !this.#hasRoom();
      if (isOverfull && !voice.world.strikes('receive-maximum')) return;
      this.#queue.shift();
      if (voice.sizeOf(message) + 8 > voice.maximumPacketSize && !voice.world.strikes('maximum-packet-size')) continue;
      if (message.qos === 0) voice.say(voice.aliased(message));
      else this.#begin(message, this.newId());
    }
  }

  /** An identifier that is free, and taken from now on for something that is no PUBLISH if that is said. */
  newId(isOther = false): number {
    const { world } = this.#voice!;
    const inThis = this.kept.filter(({ sentIn }) => sentIn === this.#voice).map(({ id }) => id);
    const owed = isOther ? [] : [...this.#owed].filter(([, count]) => count > 0).map(([id]) => id);
    const taken = [...this.kept.map(({ id }) => id), ...this.#others, ...owed];
    if (inThis.length > 0 && world.strikes('packet-id-in-use')) return world.dice.pick(inThis);
    if (world.dice.chance(0.3)) this.#next = 1;
    while (taken.includes(this.#next)) this.#next++;
    if (isOther) this.takeId(this.#next);
    return this.#next++;
  }

  takeId(id: number): void {
    this.#others.push(id);
  }

  freeId(id: number): void {
    const place = this.#others.indexOf(id);
    if (place >= 0) this.#others.splice(place, 1);
  }

  #pay(id: number, acknowledgements: number): void {
    this.#owed.set(id, (this.#owed.get(id) ?? 0) + acknowledgements);
  }

  puback(id: number): void {
    this.#pay(id, -1);
    if (this.kept.some(one => one.id === id && one.message.qos === 1)) this.#finish(id, ['sent']);
  }

  pubrec(id: number, code: number): void {
    const voice = this.#voice!;
    const { world } = voice;
    this.#pay(id, -1);
    const kept = this.kept.find(one => one.id === id && one.message.qos === 2);
    if (!kept) return;
    if (code >= 0x80) {
      if (world.strikes('pubrel-after-refusal')) voice.say({ kind: 'pubrel', id });
      this.#finish(id, ['sent']);
      return;
    }
    kept.time = world.network.now;
    if (kept.stage === 'released') return;
    kept.stage = 'received';
    if (world.strikes('pubrec-unanswered')) return;
    kept.stage = 'released';
    if (voice.side === 'client' && world.strikes('pubrel-order', 0.3)) {
      world.network.after(2, () => voice.say({ kind: 'pubrel', id }));
      return;
    }
    voice.say({ kind: 'pubrel', id });
    if (world.strikes('publish-after-pubrel')) voice.say({ ...kept.message, id, dup: true });
    else if (voice.version === 5 && world.strikes('resent-in-connection')) voice.say({ kind: 'pubrel', id });
    this.#retryLater(kept);
  }

  pubcomp(id: number): void {
    this.#pay(id, -1);
    this.#finish(id, ['released']);
  }

  #begin(message: Message, id: number): void {
    const voice = this.#voice!;
    const { world } = voice;
    const { now } = world.network;
    const expiry = propertyOf(message, 2);
    const expires = expiry === undefined ? Number.POSITIVE_INFINITY : now + expiry;
    const kept: Kept = { message, id, stage: 'sent', expires, sentIn: voice, time: now };
    this.kept.push(kept);
    this.#filled.add(id);
    this.#owed.set(id, message.qos!);
    voice.say(voice.aliased({ ...message, id }));
    if (message.qos === 2 && world.strikes('pubrel-before-pubrec', 0.2)) {
      kept.stage = 'released';
      voice.say({ kind: 'pubrel', id });
    }
    if (world.strikes('dup-missing', 0.1)) voice.say({ ...message, id });
    else if (voice.version === 5 && world.strikes('resent-in-connection', 0.1))
      voice.say({ ...message, id, dup: true });
    this.#retryLater(kept);
  }

  /** 3.1.1 may send again what is not acknowledged, in the same connection. */
  #retryLater(kept: Kept): void {
    const voice = this.#voice!;
    const { world } = voice;
    if (voice.version === 5 || !world.retries || !world.dice.chance(0.5)) return;
    const stage = kept.stage;
    world.network.after(world.between(0.05, 4), () => {
      if (this.#voice !== voice || voice.isOver || !this.kept.includes(kept) || kept.stage !== stage) return;
      this.#pay(kept.id, 1);
      if (kept.stage === 'released') voice.say({ kind: 'pubrel', id: kept.id });
      else if (kept.stage === 'sent') voice.say({ ...kept.message, id: kept.id, dup: true });
    });
  }

  #sendAgain(kept: Kept, voice: Voice): void {
    kept.sentIn = voice;
    kept.time = voice.world.network.now;
    if (kept.stage === 'sent' || (kept.stage === 'received' && voice.world.dice.chance(0.3))) {
      this.#filled.add(kept.id);
      const dup = !voice.world.strikes('dup-missing');
      voice.say(voice.aliased({ ...kept.message, id: kept.id, dup }));
    } else {
      kept.stage = 'released';
      if (voice.world.strikes('publish-after-pubrel')) voice.say({ ...kept.message, id: kept.id, dup: true });
      voice.say({ kind: 'pubrel', id: kept.id });
    }
  }

  #isWorthwhile({ message, stage, expires }: Kept): boolean {
    const voice = this.#voice!;
    if (stage !== 'sent') return true;
    if (message.qos === 1 && voice.world.network.now > expires) return false;
    return voice.sizeOf(message) + 8 <= voice.maximumPacketSize;
  }

  #hasRoom(): boolean {
    return this.#filled.size < this.#voice!.receiveMaximum;
  }

  #finish(id: number, stages: readonly string[]): void {
    const kept = this.kept.find(one => one.id === id && stages.includes(one.stage));
    if (kept) this.#drop(kept);
    this.#filled.delete(id);
    this.pump();
  }

  #drop(kept: Kept): void {
    this.kept.splice(this.kept.indexOf(kept), 1);
  }
}

/** What a side does with the PUBLISHes that it gets: acknowledges them, in their order if it is a client. */
export class Inbox {
  /** Identifiers of QoS 2 that were not released yet. */
  readonly unreleased = new Set<number>();
  readonly #deliver: (message: Message) => number;
  readonly #delay: () => number;
  /** When the last acknowledgement of each kind is to be said, for those who keep the order. */
  readonly #last = new Map<string, number>();

  /** @param deliver gives the code of the acknowledgement */
  constructor(deliver: (message: Message) => number, delay: () => number) {
    this.#deliver = deliver;
    this.#delay = delay;
  }

  join(): void {
    this.#last.clear();
  }

  publish(voice: Voice, message: Message): void {
    const { qos = 0, id = 0 } = message;
    const isKnown = qos === 2 && this.unreleased.has(id);
    const code = isKnown ? 0 : this.#deliver(message);
    if (qos === 0 || voice.world.strikes('publish-unanswered', 0.2)) return;
    if (qos === 2 && code < 0x80) this.unreleased.add(id);
    const wrong = voice.world.strikes('ack-wrong-type', 0.2);
    const kind = (qos === 1) !== wrong ? 'puback' : 'pubrec';
    if (wrong) this.unreleased.delete(id);
    this.#answer(voice, { kind, id, ...(voice.version === 5 && code > 0 ? { code } : {}) });
  }

  pubrel(voice: Voice, id: number): void {
    this.unreleased.delete(id);
    if (!voice.world.strikes('pubrel-unanswered', 0.3)) this.#answer(voice, { kind: 'pubcomp', id });
  }

  #answer(voice: Voice, message: Message): void {
    const { world } = voice;
    const { network } = world;
    const { kind, id = 0 } = message;
    const rule = `${kind}-order`;
    let at = network.now + this.#delay();
    // An order is broken by one that is held back until others have passed.
    const isHeld = voice.side === 'client' && world.strikes(rule, 0.2);
    if (isHeld) at += 3;
    else {
      // A server may take any order, but what it says of one identifier is in order.
      const keys = voice.side === 'client' ? [kind, String(id)] : [String(id)];
      at = Math.max(at, ...keys.map(key => this.#last.get(key) ?? 0));
      for (const key of keys) this.#last.set(key, at);
    }
    network.when(at, () => {
      voice.say(message);
      if (kind === 'pubrec' && world.strikes('pubcomp-before-pubrel', 0.3)) voice.say({ kind: 'pubcomp', id });
      if (world.strikes('ack-unknown-id', 0.1))
        voice.say(world.dice.chance(0.5) ? message : { ...message, id: 60_000 });
    });
  }
}
