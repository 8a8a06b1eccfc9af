/**
 * Two correct ends of a session, driven by numbers: both open connections to the other, many at once, answer, send and
 * close, each knowing only what has reached it. The observer sits anywhere on the path: each direction is a queue of
 * what is on its way to him and one of what is on its way from him, and the numbers say which moves next.
 */
import { type End, type Line, Link } from '../../kit/ministreaming.ts';

type Kind = 'syn' | 'ack' | 'refuse' | 'data' | 'close';

interface Packet {
  readonly kind: Kind;
  readonly own: Half;
  readonly line: Line;
}

/** What one end knows of a connection. */
interface Half {
  readonly link: Link;
  readonly isClient: boolean;
  /** `new` at a server: the SYN has come and was not answered. */
  state: 'syn' | 'new' | 'open' | 'over';
  closed: boolean;
  peerClosed: boolean;
}

class Party {
  readonly end: End;
  readonly halves: Half[] = [];
  /** On the way to the observer, and from him to the peer. */
  readonly near: Packet[] = [];
  readonly far: Packet[] = [];

  constructor(end: End) {
    this.end = end;
  }

  send(half: Half, kind: Kind): void {
    const { link, isClient } = half;
    const line = {
      syn: () => link.syn(),
      ack: () => link.ack(),
      refuse: () => link.refuse(),
      data: () => (isClient ? link.send() : link.answer()),
      close: () => (isClient ? link.close() : link.serverClose()),
    }[kind]();
    this.near.push({ kind, own: half, line });
  }

  /** Connections in which this end has something to say. */
  speakers(): Half[] {
    return this.halves.filter(half => half.state === 'new' || (half.state === 'open' && !half.closed));
  }

  speak(half: Half, choice: number): void {
    if (half.state === 'new') {
      const accepts = choice % 5 !== 0;
      half.state = accepts ? 'open' : 'over';
      this.send(half, accepts ? 'ack' : 'refuse');
    } else if (choice % 4 === 0) {
      half.closed = true;
      this.send(half, 'close');
    } else this.send(half, 'data');
  }
}

/** Ids that are free: of connections that are over for this end, else new ones. Small, so that they often repeat. */
function freeId(halves: readonly Half[], isClient: boolean, choice: number): number {
  const taken = (id: number) =>
    halves.some(half => {
      if (half.isClient !== isClient) return false;
      if ((isClient ? half.link.clientId : half.link.serverId) !== id) return false;
      return half.state !== 'over' && !(half.closed && half.peerClosed);
    });
  let id = 1 + (choice % 4);
  while (taken(id)) id++;
  return id;
}

/** What the observer sees. */
export function conversation(numbers: readonly number[]): Line[] {
  const ann = new Party('ann');
  const bob = new Party('bob');
  const seen: Line[] = [];
  const peer = (party: Party) => (party === ann ? bob : ann);

  const open = (party: Party, choice: number) => {
    const half: Half = {
      link: new Link(party.end, freeId(party.halves, true, choice), 0),
      isClient: true,
      state: 'syn',
      closed: false,
      peerClosed: false,
    };
    party.halves.push(half);
    party.send(half, 'syn');
  };

  const receive = (party: Party, { kind, own }: Packet, choice: number) => {
    if (kind === 'syn') {
      const { client, clientId } = own.link;
      const link = new Link(client, clientId, freeId(party.halves, false, choice));
      party.halves.push({ link, isClient: false, state: 'new', closed: false, peerClosed: false });
      return;
    }
    const index = party.halves.findIndex(half => partnerOf(half, own));
    const half = party.halves[index];
    if (kind === 'ack') {
      party.halves[index] = { ...half, link: own.link, state: 'open' };
    } else if (kind === 'refuse') half.state = 'over';
    else if (kind === 'close') half.peerClosed = true;
  };

  /** Is `half` the other end's part of the connection of which `own` is one, among those that are not over? */
  const partnerOf = (half: Half, own: Half) => {
    if (half.isClient === own.isClient || half.state === 'over' || (half.closed && half.peerClosed)) return false;
    if (half.link.client !== own.link.client || half.link.clientId !== own.link.clientId) return false;
    return half.state === 'syn' || own.link.serverId === half.link.serverId;
  };

  for (let at = 0; at + 1 < numbers.length; at += 2) {
    const [what, choice] = [numbers[at], numbers[at + 1]];
    const party = what % 2 === 0 ? ann : bob;
    const speakers = party.speakers();
    switch ((what >> 1) % 6) {
      case 0:
        if (party.halves.filter(half => half.state !== 'over').length < 12) open(party, choice);
        break;
      case 1:
      case 2:
        if (speakers.length > 0) party.speak(speakers[choice % speakers.length], choice >> 4);
        break;
      case 3:
      case 4: {
        const packet = party.near.shift();
        if (packet) {
          seen.push(packet.line);
          party.far.push(packet);
        }
        break;
      }
      default: {
        const packet = party.far.shift();
        if (packet) receive(peer(party), packet, choice);
      }
    }
  }
  return seen;
}
