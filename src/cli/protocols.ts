/** `wirelint protocols`: what is built in, how each protocol is carried and recognised, and what can be settled about it. */
import type { Argv, InferredOptionTypes, Options } from 'yargs';
import { DATAGRAM } from '../framing/framing.ts';
import { catalogues } from '../protocol/carrier.ts';
import { protocolDocument } from '../protocol/document.ts';
import type { AnyProtocol, Carrier } from '../protocol/protocol.ts';
import { counted } from '../report/numbers.ts';
import { Page, span } from '../report/page.ts';
import { UsageError, unknown } from '../settings/words.ts';
import { visibleJson } from '../wire/escape.ts';
import type { Program } from './command.ts';
import { exampleHelp } from './examples.ts';
import { OK } from './exit-code.ts';
import type { Host } from './host.ts';
import { inGroups } from './option-groups.ts';
import { OUTPUT_OPTIONS, pageOptions } from './options.ts';
import { openOutput } from './output.ts';

export const PROTOCOLS_OPTIONS = {
  format: {
    alias: 'f',
    choices: ['text', 'json', 'markdown'],
    default: 'text',
    requiresArg: true,
    describe: 'Format of the output; markdown has the tables and state diagrams of a README',
  },
  ...OUTPUT_OPTIONS,
} as const satisfies Record<string, Options>;

type Arguments = InferredOptionTypes<typeof PROTOCOLS_OPTIONS>;

export function addProtocols(cli: Argv, program: Program): Argv {
  return cli.command(
    'protocols',
    'List the protocols, their carriers and dialect options',
    command =>
      command
        .usage(
          '$0 protocols [ID]\n\nThe protocols, or one of them: carriers, recognition, messages and dialect options.',
        )
        .strictCommands(false)
        .options(inGroups(PROTOCOLS_OPTIONS))
        .epilogue(
          exampleHelp([
            ['$0 protocols', 'for people'],
            ['$0 protocols mnet', 'one of them'],
            ['$0 protocols --format json', 'for programs, with every field of every message'],
            ['$0 protocols mnet --format markdown', 'for a README: rules, states, dialects'],
          ]),
        ),
    async args => program.finish(await listProtocols(args._.slice(1).map(String), args, program)),
  );
}

async function listProtocols(ids: readonly string[], args: Arguments, { host, protocols }: Program): Promise<number> {
  const wanted = find(ids, protocols);
  const output = await openOutput(args.output, host.stdout, []);
  await output.write(render(wanted, protocols, args, host));
  await output.end();
  return OK;
}

function find(ids: readonly string[], protocols: readonly AnyProtocol[]): readonly AnyProtocol[] {
  const [id] = ids;
  if (id === undefined) return protocols;
  if (ids.length > 1) throw new UsageError(`protocols: one id at a time; ${counted(ids.length, 'was', 'were')} given`);
  const found = protocols.filter(protocol => protocol.id === id);
  if (found.length > 0) return found;
  const known = protocols.map(protocol => protocol.id);
  throw new UsageError(`protocols: ${unknown('protocol', id, known)}`);
}

function render(wanted: readonly AnyProtocol[], all: readonly AnyProtocol[], args: Arguments, host: Host): string {
  switch (args.format) {
    case 'json':
      return toJson(wanted, all);
    case 'markdown':
      return wanted.map(protocolDocument).join('\n');
    default:
      return printProtocols(new Page(pageOptions(args, host)), wanted, all);
  }
}

/** Rules under the protocol's name, its framing's among them. */
function ruleCount({ id }: AnyProtocol, all: readonly AnyProtocol[]): number {
  return catalogues(all).find(catalogue => catalogue.id === id)?.rules.length ?? 0;
}

function toJson(wanted: readonly AnyProtocol[], all: readonly AnyProtocol[]): string {
  const documents = wanted.map(protocol => ({
    id: protocol.id,
    title: protocol.title,
    summary: protocol.summary,
    specification: protocol.specification,
    carriers: protocol.carriers.map(carrierObject),
    recognition: protocol.recognition,
    dialect: protocol.dialect.map(({ name, kind, values, default: standard, meaning }) => {
      return { name: `${protocol.id}.${name}`, kind, ...(values && { values }), default: standard, meaning };
    }),
    messages: protocol.layouts.map(({ name, code, edition, meaning, clause, rows }) => {
      return { name, code, ...(edition && { edition }), meaning, clause, fields: rows.map(fieldObject) };
    }),
    rules: ruleCount(protocol, all),
  }));
  return `${visibleJson(JSON.stringify(documents, null, 2))}\n`;
}

function carrierObject({ transport, framing, longest, keep, onlyIf }: Carrier): object {
  return {
    transport,
    framing: typeof framing === 'object' ? framing.id : framing,
    ...(longest !== undefined && { longest }),
    ...(keep !== undefined && { keep }),
    ...(onlyIf && { onlyIf }),
  };
}

function fieldObject(field: AnyProtocol['layouts'][number]['rows'][number]): object {
  const { name, title, offset, size, rest, kind, labels, meaning, clause } = field;
  return { name, title, offset, size: rest ? 'rest' : size, kind, ...(labels && { labels }), meaning, clause };
}

function printProtocols(page: Page, wanted: readonly AnyProtocol[], all: readonly AnyProtocol[]): string {
  for (const protocol of wanted) {
    page.blank();
    page.wrap(0, 2, span(`${protocol.id}:`, 'strong'), span(` ${protocol.title}`));
    page.wrap(2, 2, span(protocol.summary));
    page.blank();
    const entry = (label: string, text: string) => page.entry(2, 11, label, span(text));
    entry('carriers', protocol.carriers.map(carrier => describeCarrier(carrier, protocol)).join('; '));
    entry('recognised', protocol.recognition);
    const transports = [...new Set(protocol.carriers.map(({ transport }) => transport))];
    entry('mapped', transports.map(transport => `-d ${transport}.port==PORT,${protocol.id}`).join(', '));
    entry('specified', protocol.specification);
    entry('rules', `${ruleCount(protocol, all)} (wirelint rules ${protocol.id})`);
    printMessages(page, protocol);
    printDialect(page, protocol);
  }
  return page.take();
}

function describeCarrier({ transport, framing, later = [], onlyIf }: Carrier, { id }: AnyProtocol): string {
  if (framing === DATAGRAM) return `${transport}, one message a datagram`;
  const condition = onlyIf ? ` (with --dialect ${id}.${onlyIf.option}=${onlyIf.value})` : '';
  const framings = [framing, ...later].map(one => (typeof one === 'object' ? one.title : one));
  return `${transport}, framed by ${framings.join(', then ')}${condition}`;
}

function printMessages(page: Page, { layouts }: AnyProtocol): void {
  page.blank();
  page.line(2, span(counted(layouts.length, 'message'), 'strong'));
  const width = Math.max(0, ...layouts.map(({ name }) => name.length));
  for (const edition of new Set(layouts.map(layout => layout.edition))) {
    if (edition) page.line(4, span(edition, 'strong'));
    for (const { name, code, meaning } of layouts.filter(layout => layout.edition === edition))
      page.entry(4, width + 5, `${String(code).padStart(3)}  ${name}`, span(meaning));
  }
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
