/**
 * A subscription and how long it was in force. It was asked for at one place and granted at another; so it was replaced, or
 * removed. Between the two nobody knows whether it is in force.
 */
import { sharedFilter } from '../topics.ts';
import { NOT_YET, type Publication, type Publisher } from './publication.ts';

/** One SUBSCRIBE's subscription, until another one takes its place or an UNSUBSCRIBE ends it. */
export class Span {
  /** As written, and behind `$share/NAME/`. */
  readonly text: string;
  readonly filter: string;
  readonly isShared: boolean;
  readonly options: number;
  /** Places of SUBSCRIBE and SUBACK; frame of the latter, and its time in seconds. */
  readonly asked: number;
  granted = NOT_YET;
  grantedFrame = 0;
  grantedSeconds = NOT_YET;
  /** Granted QoS; -1 while there is none. */
  qos = -1;
  /** Places of the SUBSCRIBE or UNSUBSCRIBE that ends it, and of the acknowledgement. */
  endAsked = NOT_YET;
  removed = NOT_YET;
  /** There certainly was a subscription with the same filter when it was asked for; there may have been one. */
  isReplacing = false;
  mayReplace = false;
  /** The SUBSCRIBE. */
  readonly presence: Publisher;
  readonly frame: number;
  readonly seconds: number;

  constructor(
    text: string,
    options: number,
    asked: number,
    at: { readonly presence: Publisher; readonly frame: number; readonly seconds: number },
  ) {
    const shared = sharedFilter(text);
    this.text = text;
    this.filter = shared ?? text;
    this.isShared = shared !== undefined;
    this.options = options;
    this.asked = asked;
    this.presence = at.presence;
    this.frame = at.frame;
    this.seconds = at.seconds;
  }

  get asks(): number {
    return Math.min(2, this.options & 3);
  }
  get isNoLocal(): boolean {
    return (this.options & 4) !== 0;
  }
  get keepsRetain(): boolean {
    return (this.options & 8) !== 0;
  }
  get retainHandling(): number {
    return (this.options >> 4) & 3;
  }

  /** It had certainly ended when the message came. */
  isOverFor({ earliest }: Publication): boolean {
    return this.removed < earliest;
  }
}
