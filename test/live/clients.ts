/**
 * Clients of others, and what each of them is made to say: every QoS, more at once than the peer takes, retained messages, a
 * will, a session that outlives its connection, silence beyond the keep alive, and in 5.0 properties.
 */
import type { Absent, Version } from './brokers.ts';
import { type Programs, pause, printedBy, type Started, until } from './programs.ts';
import type { Workshop } from './workshop.ts';

/** Where a client finds the broker, which is the proxy. */
export interface Place {
  readonly port: number;
  readonly version: Version;
  /** Path of the CA that has signed the certificate, where the place speaks TLS. */
  readonly ca: string | undefined;
  /** How many packets of a type have passed so far. */
  readonly passed: (name: string) => number;
}

export interface ClientKind {
  /** As the table calls it: `mosquitto_pub 2.0.11`. */
  readonly name: string;
  /** @returns a line for each thing that a program did not get */
  talk(programs: Programs, place: Place): Promise<string[]>;
}

type Step = readonly [name: string, take: () => Promise<void>];

/** Takes all steps, the later ones even where one fails. @returns what failed */
async function taken(steps: readonly Step[]): Promise<string[]> {
  const troubles: string[] = [];
  for (const [name, take] of steps) await take().catch(error => troubles.push(`${name}: ${error.message.trim()}`));
  return troubles;
}

export function mosquittoClients(): ClientKind | Absent {
  const [, version] = /mosquitto_pub version (\S+)/.exec(printedBy('mosquitto_pub', ['--help']) ?? '') ?? [];
  if (version === undefined) {
    return { name: 'mosquitto_pub', reason: 'not installed (apt-get install mosquitto-clients)' };
  }
  return {
    name: `mosquitto_pub, _sub ${version}`,
    talk: (programs, place) => new MosquittoTalk(programs, place).all(),
  };
}

/** What one says in which order, with programs that say one thing each. */
class MosquittoTalk {
  readonly #programs: Programs;
  readonly #place: Place;
  readonly #usual: readonly string[];

  constructor(programs: Programs, place: Place) {
    this.#programs = programs;
    this.#place = place;
    const version = place.version === '5.0' ? 'mqttv5' : 'mqttv311';
    const trust = place.ca === undefined ? [] : ['--cafile', place.ca];
    this.#usual = ['-h', 'localhost', '-p', String(place.port), '-V', version, ...trust];
  }

  all(): Promise<string[]> {
    return taken([
      ['every QoS', () => this.#everyQuality()],
      ['burst', () => this.#burst()],
      ['retained', () => this.#retained()],
      ['will', () => this.#will()],
      ['session', () => this.#session()],
      ['keep alive', () => this.#keepAlive()],
      ...(this.#place.version === '5.0' ? [['five', () => this.#five()] as const] : []),
    ]);
  }

  /** Resolves when the subscription is acknowledged. */
  async #subscribed(...args: readonly string[]): Promise<Started> {
    const before = this.#place.passed('SUBACK');
    const started = this.#programs.start('mosquitto_sub', [...this.#usual, '-W', '20', ...args]);
    await until('SUBACK', () => this.#place.passed('SUBACK') > before);
    return started;
  }

  #publish(args: readonly string[], lines?: readonly string[]): Promise<string> {
    const input = lines && { input: `${lines.join('\n')}\n` };
    return this.#programs.run('mosquitto_pub', [...this.#usual, ...args], input);
  }

  async #everyQuality(): Promise<void> {
    const topics = ['0', '1', '2'].map(qos => `q/${qos}`);
    const subscriber = await this.#subscribed('-q', '2', '-C', '12', ...topics.flatMap(topic => ['-t', topic]));
    for (const qos of ['0', '1', '2']) {
      await this.#publish(['-q', qos, '-t', `q/${qos}`, '-m', 'one']);
      await this.#publish(['-q', qos, '-t', `q/${qos}`, '-l'], ['first', 'second', 'third']);
    }
    await expectLines(subscriber, 12);
    await this.#programs.run('mosquitto_sub', [...this.#usual, '-E', '-q', '1', '-t', 'q/1', '-U', 'q/2']);
  }

  async #burst(): Promise<void> {
    const window = this.#place.version === '5.0' ? ['-D', 'connect', 'receive-maximum', '3'] : [];
    const lines = Array.from({ length: 40 }, (_, count) => `line ${count}`);
    const subscriber = await this.#subscribed('-q', '2', '-t', 'burst/#', '-C', '80', ...window);
    await Promise.all(['1', '2'].map(qos => this.#publish(['-q', qos, '-t', `burst/${qos}`, '-l'], lines)));
    await expectLines(subscriber, 80);
  }

  async #retained(): Promise<void> {
    await this.#publish(['-q', '1', '-r', '-t', 'kept/a', '-m', 'kept']);
    await expectLines(await this.#subscribed('-q', '1', '-t', 'kept/+', '-C', '1'), 1);
    await this.#publish(['-q', '1', '-r', '-n', '-t', 'kept/a']);
  }

  async #will(): Promise<void> {
    const heir = await this.#subscribed('-q', '2', '-t', 'will/#', '-C', '1');
    const will = ['--will-topic', 'will/a', '--will-payload', 'gone', '--will-qos', '1'];
    const mortal = await this.#subscribed('-t', 'none', ...will);
    mortal.child.kill('SIGKILL');
    await expectLines(heir, 1);
  }

  async #session(): Promise<void> {
    const keeper = ['-c', '-i', 'keeper', '-q', '2', '-t', 'session/#'];
    await this.#programs.run('mosquitto_sub', [...this.#usual, ...keeper, '-E']);
    for (const qos of ['1', '2']) await this.#publish(['-q', qos, '-t', 'session/a', '-l'], ['first', 'second']);
    await expectLines(this.#programs.start('mosquitto_sub', [...this.#usual, ...keeper, '-C', '4', '-W', '20']), 4);
    // One that vanishes with its session, and one that takes it over.
    const vanished = await this.#subscribed(...keeper);
    vanished.child.kill('SIGKILL');
    await this.#publish(['-q', '2', '-t', 'session/a', '-m', 'third']);
    const second = await this.#subscribed(...keeper);
    const third = await this.#subscribed(...keeper, '-C', '1');
    await this.#publish(['-q', '2', '-t', 'session/a', '-m', 'fourth']);
    await third.outcome;
    second.child.kill('SIGKILL');
  }

  async #keepAlive(): Promise<void> {
    // The shortest that it takes.
    const idle = await this.#subscribed('-t', 'idle', '-k', '5');
    await until('PINGRESP', () => this.#place.passed('PINGRESP') > 0);
    idle.child.kill('SIGINT');
    await idle.outcome;
  }

  async #five(): Promise<void> {
    const filters = ['-t', 'five/#', '-t', '$share/group/five/shared'];
    const options = ['-D', 'subscribe', 'subscription-identifier', '7', '-D', 'connect', 'topic-alias-maximum', '5'];
    const subscriber = await this.#subscribed('-q', '1', '-C', '3', ...filters, ...options);
    const texts = ['content-type', 'response-topic', 'correlation-data'];
    const details = texts.flatMap(name => ['-D', 'publish', name, 'some/text']);
    const counts = ['-D', 'publish', 'message-expiry-interval', '60', '-D', 'publish', 'payload-format-indicator', '1'];
    const pairs = ['-D', 'publish', 'user-property', 'a', '1', '-D', 'publish', 'user-property', 'a', '2'];
    const alias = ['-D', 'publish', 'topic-alias', '1'];
    await this.#publish(['-q', '1', '-t', 'five/a', '-l', ...details, ...counts, ...pairs, ...alias], ['one', 'two']);
    await this.#publish(['-q', '1', '-t', 'five/shared', '-m', 'three']);
    await expectLines(subscriber, 3);
    const answer = ['-t', 'five/request', '-e', 'five/response', '-m', 'question', '-W', '5'];
    const asking = this.#programs.start('mosquitto_rr', [...this.#usual, ...answer]);
    await pause(500);
    await this.#publish(['-q', '1', '-t', 'five/response', '-m', 'answer']);
    await expectLines(asking, 1);
  }
}

/** Its lines have come, and it has ended. */
async function expectLines({ outcome }: Started, count: number): Promise<void> {
  const { code, stdout, stderr } = await outcome;
  const lines = stdout.split('\n').filter(line => line !== '');
  if (lines.length < count)
    throw new Error(`${lines.length} messages in place of ${count}, ended with ${code}: ${stderr}`);
}

export function pahoPython(workshop: Workshop): ClientKind | Absent {
  const question = ['-c', 'import paho.mqtt as p; print(p.__version__)'];
  // Debian's module is known to Debian's Python alone.
  for (const program of ['python3', '/usr/bin/python3']) {
    const version = printedBy(program, question)?.trim() ?? '';
    if (!/^1\.\d+\.\d+$/.test(version)) continue;
    return scripted(`paho-mqtt ${version}`, [program, workshop.script('paho-python.py')]);
  }
  return { name: 'paho-mqtt', reason: 'version 1 is not installed (apt-get install python3-paho-mqtt)' };
}

export function mqttJs(workshop: Workshop): ClientKind | Absent {
  const { packages } = workshop;
  if (typeof packages === 'string') return { name: 'mqtt.js', reason: packages };
  return scripted(`mqtt.js ${packages.mqtt}`, [process.execPath, workshop.script('mqttjs.mjs')]);
}

/** One whose whole conversation is in a script, which takes port, version, and the CA if there is one. */
function scripted(name: string, [program, script]: readonly [program: string, script: string]): ClientKind {
  return {
    name,
    async talk(programs, { port, version, ca }) {
      const trust = ca === undefined ? [] : [ca];
      const started = programs.start(program, [script, String(port), version, ...trust], { seconds: 60 });
      const { code, stderr } = await started.outcome;
      const said = stderr.split('\n').filter(line => line !== '');
      return code === 0 || said.length > 0 ? said : [`ended with ${code}`];
    },
  };
}

/** The command line clients of paho's C library: the asynchronous one publishes, the synchronous one subscribes, and the other way round. */
export function pahoC(): ClientKind | Absent {
  const [, version] = /Version: (\S+)/.exec(printedBy('paho_c_pub', ['--help']) ?? '') ?? [];
  if (version === undefined) return { name: 'paho C', reason: 'not installed (apt-get install paho.mqtt.c-examples)' };
  return {
    name: `paho C ${version}`,
    talk: (programs, place) =>
      taken([
        ['subscribing asynchronously', () => pahoCTalk(programs, place, ['paho_c_sub', 'paho_cs_pub'])],
        ['publishing asynchronously', () => pahoCTalk(programs, place, ['paho_cs_sub', 'paho_c_pub'])],
      ]),
  };
}

async function pahoCTalk(
  programs: Programs,
  { port, version, ca, passed }: Place,
  [sub, pub]: readonly [sub: string, pub: string],
): Promise<void> {
  const trust = ca === undefined ? [] : ['-c', `ssl://localhost:${port}`, '--cafile', ca];
  const usual = ['-h', 'localhost', '-p', String(port), '-V', version === '5.0' ? '5' : '311', ...trust];
  const subscribe = async (...args: readonly string[]) => {
    const before = passed('SUBACK');
    const started = programs.start(sub, [...usual, ...args]);
    await until('SUBACK', () => passed('SUBACK') > before);
    return started;
  };
  const publish = (...args: readonly string[]) => programs.run(pub, [...usual, ...args]);
  const will = ['--will-topic', 'will/c', '--will-payload', 'gone', '--will-qos', '1'];
  const subscriber = await subscribe('-t', 'c/#', '-q', '2', '-i', `${sub}-all`, '-k', '4');
  const mortal = await subscribe('-t', 'none', '-i', `${sub}-mortal`, '-k', '4', ...will);
  const heir = await subscribe('-t', 'will/#', '-q', '1', '-i', `${sub}-heir`);
  for (const qos of ['0', '1', '2']) await publish('-t', `c/${qos}`, '-q', qos, '-m', `message ${qos}`);
  const five = version === '5.0' ? ['--message-expiry', '60', '--user-property', 'a', '1'] : [];
  await publish('-t', 'c/kept', '-q', '1', '-r', '-m', 'kept', ...five);
  const late = await subscribe('-t', 'c/kept', '-q', '1', '-i', `${sub}-late`);
  await publish('-t', 'c/kept', '-q', '1', '-r', '-n');
  const pings = passed('PINGRESP');
  await until('PINGRESP', () => passed('PINGRESP') > pings + 1, 20);
  mortal.child.kill('SIGKILL');
  await mortal.outcome;
  await pause(300);
  for (const { child } of [subscriber, heir, late]) child.kill('SIGINT');
  const heard = (await Promise.all([subscriber, heir, late].map(({ outcome }) => outcome))).map(({ stdout }) => stdout);
  for (const [at, wanted] of [['message 0', 'message 1', 'message 2', 'kept'], ['gone'], ['kept']].entries()) {
    for (const text of wanted) if (!heard[at].includes(text)) throw new Error(`${sub} did not hear '${text}'`);
  }
}
