/** `wirelint help limits`: every limit with its default, and the options that the commands' own help leaves out. */
import { DEFAULT_LIMITS, type Limits } from '../protocol/limits.ts';
import { Page, type PageOptions, span } from '../report/page.ts';
import { LIMIT_WORDS } from '../settings/limit-words.ts';

export const LIMITS_TOPIC = 'limits';

/** Where the help of a command sends those who look for `--limit` or `--reader`. */
export const LIMITS_HINT = 'Limits of memory and time, and --reader: wirelint help limits.';

export function limitsTopic(options: PageOptions): string {
  const page = new Page(options);
  page.wrap(
    0,
    0,
    span('Limits bound the memory and the time that a run takes. A limit that is reached is reported, and never '),
    span('counts against a peer. Set one, a whole number from 1, with --limit or in the configuration file:'),
  );
  page.blank();
  page.line(2, span('wirelint check --limit flows=100000 --limit flow-idle=60 trace.pcap'));
  page.line(2, span('limits: { flows: 100000, flow-idle: 60 }'));
  page.blank();
  page.wrap(0, 0, span('All limits, with their defaults:'));
  page.blank();
  const names = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[];
  const width = Math.max(...names.map(name => name.length));
  for (const name of names) {
    const { unit, meaning } = LIMIT_WORDS[name];
    page.line(2, span(name.padEnd(width), 'strong'), span(`  ${DEFAULT_LIMITS[name]} ${unit}`));
    page.wrap(6, 6, span(meaning));
  }
  page.blank();
  page.wrap(
    0,
    0,
    span('--reader pcap-parser reads capture files with the package pcap-parser in place of our own reader, '),
    span('to compare the two.'),
  );
  return page.take();
}
