/**
 * Shows MQTT conversations to the engine:
 *
 *     const { net, m, open } = scene(5);
 *     open().client(m.publish({ topic: 'a/+' }));
 *     judgeNet(net).broken           // ['topic-wildcard 6']: rule and frame
 *
 * `open` makes a connection of its own: a TCP handshake in three frames, CONNECT in the fourth, CONNACK in the fifth.
 */
import mqttProtocol from '../../dissectors/mqtt/index.ts';
import type { CaptureSource, Frame } from '../../src/capture/source.ts';
import { Engine } from '../../src/engine.ts';
import type { Finding } from '../../src/lint/finding.ts';
import type { SeveritySetting } from '../../src/lint/rule.ts';
import type { RuleTally } from '../../src/lint/tally.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/protocol/limits.ts';
import type { RunReport } from '../../src/report/run-report.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../../src/run/options.ts';
import { facts } from '../../src/testkit/engine.ts';
import { type ConnackParts, type ConnectParts, type Encoder, type Level, mqtt } from './mqtt.ts';
import { type MqttConnection, MqttNet, type OpenChoice } from './mqtt-net.ts';

export interface JudgeOptions {
  /** `{ version: '5.0' }` */
  readonly dialect?: Readonly<Record<string, string>>;
  /** By id without `mqtt/`. */
  readonly severities?: Readonly<Record<string, SeveritySetting>>;
  readonly midstream?: 'auto' | 'never';
  /** Has port 1883 mapped, as `-d tcp.port==1883,mqtt` does. */
  readonly mapped?: boolean;
  /** Packets that the capturing host says it dropped. Without any the capture is known to be complete, if nothing else is said. */
  readonly dropped?: number;
  /** Seen by a proxy: its acknowledgements say that bytes were passed on. */
  readonly relayed?: boolean;
  readonly capture?: EngineOptions['capture'];
  readonly limits?: Partial<Limits>;
}

export interface Judged {
  /** `topic-wildcard 6`: rule and frame of every finding, in the order of the report. */
  readonly broken: readonly string[];
  readonly findings: readonly Finding[];
  readonly report: RunReport;
  /** Of each connection, in the order of their numbers. */
  readonly verdicts: readonly string[];
}

/** What the engine finds in a capture of these connections. */
export function judgeNet(net: MqttNet, options: JudgeOptions = {}): Judged {
  return judgeFrames(net.frames(), options);
}

/** The frames are numbered anew, from 1. */
export function judgeFrames(frames: readonly Frame[], options: JudgeOptions = {}): Judged {
  const engine = engineFor(options);
  const { dropped = 0, relayed = false } = options;
  engine.beginCapture({ ...facts(), packets: frames.length, dropped, ...(relayed && { eachOnce: true }) });
  frames.forEach((frame, index) => {
    frame.number = index + 1;
    engine.frame(frame);
  });
  return endOf(engine);
}

export async function judgeCapture(source: CaptureSource, options: JudgeOptions = {}): Promise<Judged> {
  const engine = engineFor({ capture: 'auto', ...options });
  engine.beginCapture(source.facts);
  await source.read(frame => engine.frame(frame));
  return endOf(engine);
}

function engineFor(options: JudgeOptions): Engine {
  const { dialect = {}, severities = {}, midstream = 'auto', mapped = false, dropped = 0 } = options;
  return new Engine({
    ...DEFAULT_ENGINE_OPTIONS,
    protocols: [mqttProtocol],
    dialects: new Map(Object.entries(dialect).map(([name, value]) => [`mqtt.${name}`, value])),
    severities: new Map(Object.entries(severities).map(([name, value]) => [`mqtt/${name}`, value])),
    midstream,
    capture: options.capture ?? (dropped > 0 ? 'auto' : 'complete'),
    decodeAs: mapped ? [{ transport: 'tcp', from: 1883, to: 1883, protocol: 'mqtt' }] : [],
    allConnections: true,
    // Enough for any conversation here; the default would cost more time than the conversation.
    limits: { ...DEFAULT_LIMITS, flows: 1_024, 'stream-memory': 256 * 1024, ...options.limits },
  });
}

function endOf(engine: Engine): Judged {
  engine.endCapture();
  const report = engine.report();
  const { findings } = report;
  const broken = findings.map(({ ruleId, frame }) => `${ruleId.replace('mqtt/', '')} ${frame}`);
  const verdicts = [...report.connections].sort((a, b) => a.id - b.id).map(({ verdict }) => verdict);
  return { broken, findings, report, verdicts };
}

/** The counts of one rule, by its id without `mqtt/`. */
export function tallyOf({ report }: Judged, rule: string): RuleTally | undefined {
  return report.protocols.flatMap(({ rules }) => rules).find(({ id }) => id === `mqtt/${rule}`);
}

/** The place of a conversation of one version. */
export interface Scene {
  readonly net: MqttNet;
  readonly m: Encoder;
  readonly is5: boolean;
  /** A connection with CONNECT and an accepting CONNACK. */
  readonly open: (connect?: ConnectParts, connack?: ConnackParts, choice?: OpenChoice) => MqttConnection;
  /** A connection with CONNECT alone. */
  readonly connect: (connect?: ConnectParts, choice?: OpenChoice) => MqttConnection;
  /** A connection in which nothing was said yet. */
  readonly tcp: (choice?: OpenChoice) => MqttConnection;
  /** Properties of a CONNECT whose session outlives its connection by so many seconds, and no Clean Session. */
  readonly kept: (seconds?: number) => ConnectParts;
}

export function scene(level: Level, net: MqttNet = new MqttNet()): Scene {
  const m = mqtt(level);
  let opened = 0;
  const tcp = (choice: OpenChoice = {}) => net.open(`c${++opened}`, choice);
  const connect = (parts: ConnectParts = {}, choice: OpenChoice = {}) => tcp(choice).client(m.connect(parts));
  return {
    net,
    m,
    is5: level === 5,
    tcp,
    connect,
    open: (parts = {}, connack = {}, choice = {}) => connect(parts, choice).server(m.connack(0, connack)),
    kept: (seconds = 1_000) => ({ clean: false, properties: [[17, seconds]] }),
  };
}
