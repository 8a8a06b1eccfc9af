/**
 * `npm run mqtt-live`: programs of others through the proxy, every client with every broker in both versions, with and without
 * TLS. For each pair one line with the verdict, then its findings, each with why it is deserved. Ends with 0 when all is as
 * known (expected.ts), the recording is judged as the traffic was, and tshark counts the same packets in it.
 *
 *     npm run mqtt-live -- [--only TEXT] [--at-once 3] [--sees client|broker] [--keep FOLDER] [--no-download]
 *
 * Everything is on the loopback and ends with the script. A program that is not there is left out, with a word. Each
 * conversation has a broker of its own, so that several can be held at once: most of their time is waiting.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { check, type Finding, type RunReport, startProxy } from '../../src/api.ts';
import { requireTool } from '../kit/tools.ts';
import { type Absent, aedes, type BrokerKind, mosquitto, type Version } from './brokers.ts';
import { type ClientKind, mosquittoClients, mqttJs, pahoC, pahoPython } from './clients.ts';
import { type Counts, countedByTshark, differences } from './counts.ts';
import { explained, knownTrouble, type Pairing } from './expected.ts';
import { Programs } from './programs.ts';
import { Workshop } from './workshop.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    'at-once': { type: 'string', default: '3' },
    sees: { type: 'string', default: 'client' },
    keep: { type: 'string' },
    'no-download': { type: 'boolean', default: false },
  },
});

/** Minutes after which all ends, whatever hangs. */
const LONGEST = 20;

const HAS_TSHARK = requireTool('tshark');

interface Transport {
  readonly name: string;
  readonly client: 'tcp' | 'tls';
  readonly broker: 'tcp' | 'tls';
}

const TRANSPORTS: readonly Transport[] = [
  { name: 'tcp', client: 'tcp', broker: 'tcp' },
  { name: 'tls', client: 'tls', broker: 'tls' },
  { name: 'tls to the client', client: 'tls', broker: 'tcp' },
  { name: 'tls to the broker', client: 'tcp', broker: 'tls' },
];

interface Conversation extends Pairing {
  readonly transport: Transport;
  readonly clientKind: ClientKind;
  readonly brokerKind: BrokerKind;
}

interface Conclusion {
  readonly report: RunReport;
  /** One line each; none when all is as known. */
  readonly troubles: readonly string[];
}

const isThere = <Kind extends object>(kind: Kind | Absent): kind is Kind => !('reason' in kind);

function present<Kind extends { readonly name: string }>(kinds: readonly (Kind | Absent)[]): Kind[] {
  for (const kind of kinds) if (!isThere(kind)) console.log(`skipped: ${kind.name}: ${kind.reason}`);
  return kinds.filter(isThere);
}

function conversations(clients: readonly ClientKind[], brokers: readonly BrokerKind[]): Conversation[] {
  return brokers
    .flatMap(brokerKind => brokerKind.versions.map((version): [BrokerKind, Version] => [brokerKind, version]))
    .flatMap(([brokerKind, version]) =>
      clients.flatMap(clientKind =>
        TRANSPORTS.map(transport => {
          const [client, broker] = [clientKind.name, brokerKind.name];
          return { client, broker, version, transport, clientKind, brokerKind };
        }),
      ),
    )
    .filter(conversation => titleOf(conversation).includes(options.only));
}

const titleOf = ({ client, broker, version, transport }: Conversation) =>
  `${client} | ${broker} | ${version} | ${transport.name}`;

const passedIn = (report: RunReport): Counts =>
  report.protocols.find(({ id }) => id === 'mqtt')?.coverage.messages ?? {};

async function hold(programs: Programs, workshop: Workshop, conversation: Conversation): Promise<Conclusion> {
  const { transport, version, clientKind, brokerKind } = conversation;
  const { ca, cert, key } = workshop.certificates;
  const broker = await brokerKind.start(programs);
  const upstreamPort = broker.ports[transport.broker];
  const folder = options.keep ?? workshop.folder;
  const record = join(folder, `${titleOf(conversation).replace(/[^\w.]+/g, '_')}.pcapng`);
  const common = {
    protocol: 'mqtt',
    dialect: [`mqtt.sees=${options.sees}`, 'mqtt.answerTimeout=6s', 'mqtt.resendTimeout=6s'],
  };
  const proxy = await startProxy({
    ...common,
    listen: `${transport.client}:0`,
    upstream: `${transport.broker}:localhost:${upstreamPort}`,
    record,
    tls: {
      ...(transport.client === 'tls' && { cert, key }),
      ...(transport.broker === 'tls' && { upstreamCa: ca }),
    },
  });
  const troubles: string[] = [];
  proxy.on('event', ({ message }) => troubles.push(message));
  const trust = transport.client === 'tls' ? ca : undefined;
  const passed = (name: string) => passedIn(proxy.report())[name] ?? 0;
  troubles.push(...(await clientKind.talk(programs, { port: proxy.port, version, ca: trust, passed })));
  const report = await proxy.stop();
  await broker.stop();
  const recorded = await check(record, { decodeAs: [`tcp.port==${upstreamPort},mqtt`], dialect: common.dialect });
  if (told(recorded) !== told(report)) troubles.push(`the recording is judged otherwise: ${told(recorded)}`);
  const counted = HAS_TSHARK ? countedByTshark(record, upstreamPort) : undefined;
  if (counted !== undefined) troubles.push(...differences(passedIn(report), counted));
  return { report, troubles };
}

const told = ({ summary, findings }: RunReport) =>
  `${summary.verdict}, ${summary.messages} packets, ${findings.map(({ ruleId, frame }) => `${ruleId} in ${frame}`).join(', ')}`;

/** Prints findings of one rule and side as one. @returns how many are not known */
function explain({ findings, connections }: RunReport, pairing: Pairing): number {
  const kinds = new Map<string, { readonly first: Finding; readonly isClient: boolean; count: number }>();
  for (const finding of findings) {
    const connection = connections.find(({ id }) => id === finding.connection);
    const isClient = finding.atFault === connection?.client;
    const known = kinds.get(`${finding.ruleId} ${isClient}`);
    if (known) known.count++;
    else kinds.set(`${finding.ruleId} ${isClient}`, { first: finding, isClient, count: 1 });
  }
  let news = 0;
  for (const { first, isClient, count } of kinds.values()) {
    const because = explained(first, pairing, isClient)?.because;
    if (because === undefined) news += count;
    const who = first.atFault === null ? 'nobody' : isClient ? pairing.client : pairing.broker;
    console.log(
      `  ${count} x ${first.ruleId} (${first.severity}), by ${who}: ${because ?? `NOT KNOWN: ${first.message}`}`,
    );
    if (because === undefined) console.log(`    frame ${first.frame}, ${first.messageName}: ${first.actual}`);
  }
  return news;
}

/** Several at once, told in their order. @returns how much is not known */
async function holdAll(programs: Programs, workshop: Workshop, all: readonly Conversation[]): Promise<number> {
  let failures = 0;
  const running: Promise<Conclusion>[] = [];
  const atOnce = Number(options['at-once']);
  for (const [at, conversation] of all.entries()) {
    for (const next of all.slice(running.length, at + atOnce)) running.push(hold(programs, workshop, next));
    failures += tell(conversation, await running[at]);
  }
  return failures;
}

function tell(conversation: Conversation, { report, troubles }: Conclusion): number {
  const { verdict, messages, connections, inconclusive } = report.summary;
  const counts = `${messages} packets, ${connections} connections, ${inconclusive} inconclusive`;
  console.log(`${titleOf(conversation)}: ${verdict}, ${counts}`);
  for (const note of report.notes) console.log(`  note: ${note}`);
  let failures = explain(report, conversation);
  for (const trouble of troubles) {
    const because = knownTrouble(trouble, conversation);
    if (because === undefined) failures++;
    console.log(`  ${trouble}: ${because ?? 'NOT KNOWN'}`);
  }
  return failures;
}

async function main(): Promise<number> {
  const programs = new Programs();
  const late = setTimeout(() => {
    console.log(`broken off after ${LONGEST} minutes`);
    process.exit(1);
  }, LONGEST * 60_000);
  if (options.keep !== undefined) mkdirSync(options.keep, { recursive: true });
  const workshop = await Workshop.open(programs, !options['no-download']);
  const clients = present<ClientKind>([mosquittoClients(), pahoPython(workshop), pahoC(), mqttJs(workshop)]);
  const brokers = present<BrokerKind>([mosquitto(workshop), aedes(workshop)]);
  const failures = await holdAll(programs, workshop, conversations(clients, brokers));
  clearTimeout(late);
  programs.stop();
  console.log(failures === 0 ? 'all is as known' : `${failures} that are not known`);
  return failures === 0 ? 0 : 1;
}

process.exit(await main());
