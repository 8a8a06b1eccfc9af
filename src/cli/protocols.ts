/** `wirelint protocols`: what is built in, how each protocol is carried and recognised, and what can be settled about it. */
import type { Argv, InferredOptionTypes, Options } from 'yargs';
import { UsageError } from '../config.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { counted } from '../report/numbers.ts';
import { Page, span } from '../report/page.ts';
import { visibleJson } from '../wire/escape.ts';
import { OK } from './exit-code.ts';
import { OUTPUT_OPTIONS, pageOptions } from './options.ts';
import { openOutput } from './output.ts';
import type { Program } from './program.ts';

export const PROTOCOLS_OPTIONS = {
  format: { alias: 'f', choices: ['text', 'json'], default: 'text', requiresArg: true, describe: 'Form of the output' },
  ...OUTPUT_OPTIONS,
} as const satisfies Record<string, Options>;

type Arguments = InferredOptionTypes<typeof PROTOCOLS_OPTIONS>;

export function addProtocols(cli: Argv, program: Program): Argv {
  return cli.command(
    'protocols',
    'List the protocols, their carriers and dialect options',
    command =>
      command
        .usage('$0 protocols\n\nThe protocols that are built in: carriers, recognition, messages and dialect options.')
        .strictCommands(false)
        .options(PROTOCOLS_OPTIONS)
        .example('$0 protocols', 'for people')
        .example('$0 protocols --format json', 'for programs, with every field of every message'),
    async args => {
      if (args._.length > 1) throw new UsageError('protocols: takes no argument');
      program.finish(await listProtocols(args, program));
    },
  );
}

async function listProtocols(args: Arguments, { host, protocols }: Program): Promise<number> {
  const output = await openOutput(args.output, host.stdout, []);
  const page = new Page(pageOptions(args, host));
  await output.write(args.format === 'json' ? toJson(protocols) : printProtocols(page, protocols));
  await output.end();
  return OK;
}

function toJson(protocols: readonly AnyProtocol[]): string {
  const documents = protocols.map(protocol => ({
    id: protocol.id,
    title: protocol.title,
    summary: protocol.summary,
    specification: protocol.specification,
    carriers: protocol.carriers.map(({ transport, framing }) => ({ transport, framing })),
    recognition: protocol.recognition,
    dialect: protocol.dialect.map(({ name, kind, values, default: standard, meaning }) => {
      return { name: `${protocol.id}.${name}`, kind, ...(values && { values }), default: standard, meaning };
    }),
    messages: protocol.layouts.map(({ name, code, meaning, clause, rows }) => {
      return { name, code, meaning, clause, fields: rows.map(fieldObject) };
    }),
    rules: protocol.rules.length,
  }));
  return `${visibleJson(JSON.stringify(documents, null, 2))}\n`;
}

function fieldObject(field: AnyProtocol['layouts'][number]['rows'][number]): object {
  const { name, title, offset, size, rest, kind, labels, meaning, clause } = field;
  return { name, title, offset, size: rest ? 'rest' : size, kind, ...(labels && { labels }), meaning, clause };
}

function printProtocols(page: Page, protocols: readonly AnyProtocol[]): string {
  for (const protocol of protocols) {
    page.blank();
    page.wrap(0, 2, span(`${protocol.id}:`, 'strong'), span(` ${protocol.title}`));
    page.wrap(2, 2, span(protocol.summary));
    page.blank();
    const entry = (label: string, text: string) => page.entry(2, 11, label, span(text));
    entry(
      'carriers',
      protocol.carriers.map(({ transport, framing }) => `${transport}, one message a ${framing}`).join('; '),
    );
    entry('recognised', protocol.recognition);
    entry('mapped', `-d ${protocol.carriers[0]?.transport ?? 'udp'}.port==PORT,${protocol.id}`);
    entry('specified', protocol.specification);
    entry('rules', `${protocol.rules.length} (wirelint rules ${protocol.id})`);
    printMessages(page, protocol);
    printDialect(page, protocol);
  }
  return page.take();
}

function printMessages(page: Page, { layouts }: AnyProtocol): void {
  page.blank();
  page.line(2, span(counted(layouts.length, 'message'), 'strong'));
  const width = Math.max(0, ...layouts.map(({ name }) => name.length));
  for (const { name, code, meaning } of layouts)
    page.entry(4, width + 5, `${String(code).padStart(3)}  ${name}`, span(meaning));
}

function printDialect(page: Page, { id, dialect }: AnyProtocol): void {
  if (dialect.length === 0) return;
  page.blank();
  page.line(2, span('dialect options', 'strong'));
  for (const { name, kind, values, default: standard, meaning } of dialect) {
    const choice = values?.map(value => (value === standard ? `${value} (default)` : value)).join(', ');
    page.line(
      4,
      span(`--dialect ${id}.${name}=`, 'strong'),
      span(choice ?? (kind === 'key' ? 'HEX' : `${standard} (default)`)),
    );
    page.wrap(8, 8, span(meaning));
  }
}
