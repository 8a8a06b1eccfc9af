/** What happens while traffic runs, a line each for people: the findings. The report at the end says it all at length. */
import type { Finding } from '../lint/finding.ts';
import { Page, type PageOptions, span } from './page.ts';
import { isoTime, ownDigits } from './time.ts';

export interface LiveTextOptions extends PageOptions {
  /** Errors only. */
  readonly quiet: boolean;
}

/** `T` and the time of day in an ISO 8601 time. */
const TIME_OF_DAY = /T(.*)Z$/;

export class LiveText {
  readonly #page: Page;
  readonly #quiet: boolean;

  constructor(options: LiveTextOptions) {
    this.#page = new Page(options);
    this.#quiet = options.quiet;
  }

  /** `14:00:33.206000 error mnet/tag-mismatch frame 7 connection 1, 10.0.0.1:5000 -> 10.0.0.9:26999: ...` */
  /** @param capture its name, where there are several */
  finding({ severity, ruleId, frame, time, connection, from, to, message }: Finding, capture = ''): string {
    if (this.#quiet && severity !== 'error') return '';
    const stamp = isoTime(time, ownDigits(time));
    this.#page.line(
      0,
      span(TIME_OF_DAY.exec(stamp)?.[1] ?? stamp, 'dim'),
      span(` ${severity}`, severity),
      span(` ${ruleId}`, 'strong'),
      span(capture === '' ? '' : ` ${capture}`),
      span(` frame ${frame} connection ${connection}, ${from} -> ${to}: ${message}`),
    );
    return this.#page.take();
  }
}
