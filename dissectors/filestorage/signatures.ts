/**
 * Signatures of tokens that are being verified. That takes longer than a message is in hand, so what a finding needs is
 * copied, and the outcomes are entered when the engine lets the tracker settle: in the order of the messages, and not in
 * that in which they happen to be ready. Their number is bounded; the engine settles them after every chunk of the capture.
 */
import { BROKEN, type Evidence, excerptOf, INCONCLUSIVE, PASS, Subject, type TrackerHost } from '../../src/sdk.ts';
import { tokenSignature } from './rules/token.ts';
import type { SignatureCheck } from './tokens.ts';

/** What came of a check, or what went wrong with it. */
type Result = { readonly valid: boolean | undefined } | { readonly error: unknown };

interface Pending {
  readonly subject: Subject;
  readonly bytes: Evidence['bytes'];
  readonly result: Promise<Result>;
}

export class Signatures<Context> {
  readonly #check: SignatureCheck;
  readonly #host: TrackerHost<Context>;
  #pending: Pending[] = [];

  constructor(check: SignatureCheck, host: TrackerHost<Context>) {
    this.#check = check;
    this.#host = host;
  }

  /**
   * Starts on the token of an AUTHENTICATION.
   * @param bytes where the token stands in the message
   * @returns whether there is something to settle
   */
  begin(token: string, at: Subject, bytes: Evidence['bytes']): boolean {
    if (this.#pending.length >= this.#host.limits['pending-signatures']) {
      this.#host.limitHit('pending-signatures');
      this.#enter({ valid: undefined }, at, bytes);
      return false;
    }
    const subject = copyOf(at, bytes?.offset);
    const result = this.#check.check(token).then(
      valid => ({ valid }),
      (error: unknown) => ({ error }),
    );
    this.#pending.push({ subject, bytes, result });
    return true;
  }

  /** Waits for all that is under way. @param settled called for each, with its connection's slot */
  async settle(settled: (slot: number) => void): Promise<void> {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    const results = await Promise.all(pending.map(({ result }) => result));
    pending.forEach(({ subject, bytes }, index) => {
      this.#enter(results[index], subject, bytes);
      settled(subject.connection);
    });
  }

  #enter(result: Result, subject: Subject, bytes: Evidence['bytes']): void {
    if ('error' in result) throw result.error;
    const outcome = result.valid === undefined ? INCONCLUSIVE : result.valid ? PASS : BROKEN;
    this.#host.judge.enter(tokenSignature, outcome, subject, () => ({
      message: 'the signature of the token does not verify with the key that was given',
      expected: 'a signature made with tokenKey',
      actual: 'another one',
      ...(bytes && { bytes }),
    }));
  }
}

/** With an excerpt in place of the message, whose bytes will be others by then. */
function copyOf(subject: Subject, offset: number | undefined): Subject {
  const { message } = subject;
  const excerpt = message ? excerptOf(message, offset) : null;
  return Object.assign(new Subject(), subject, { message: undefined, excerpt });
}
