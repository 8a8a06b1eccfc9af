/**
 * MQTT 3.1.1 and 5.0: publish and subscribe through a server. One packet stream in each direction over TCP, sessions that
 * outlive a connection, delivery at most once, at least once, exactly once.
 */
import { defineProtocol, type Layout, type Message, type TrackerHost, tcp } from '../../src/sdk.ts';
import type { Exchange } from './exchange.ts';
import { framing } from './framing.ts';
import { LAYOUTS } from './layouts.ts';
import { machine } from './machine.ts';
import { PROVOCATIONS } from './provocations.ts';
import { recogniseStream, resync } from './recognition.ts';
import { REFUSALS } from './refusals.ts';
import { replay } from './replaying.ts';
import { RULES } from './rules.ts';
import { statementsJudgedBy } from './statements.ts';
import { LEVEL, V5 } from './terms.ts';
import { MqttTracker } from './tracker.ts';
import { WIRESHARK_NAMES } from './wireshark-names.ts';

/** Bytes of a packet that are read: the head of a longer one is judged, and its payload skipped. */
const MOST_READ = 16 * 1024 * 1024;

export default defineProtocol({
  id: 'mqtt',
  title: 'MQTT',
  summary: 'publish and subscribe through a server, versions 3.1.1 and 5.0',
  specification: 'OASIS MQTT Version 3.1.1 and Version 5.0',
  carriers: [tcp(framing, { keep: MOST_READ })],
  recognition: 'a TCP connection whose client begins with a CONNECT of MQTT 3.1, 3.1.1 or 5.0, on any port',
  dialect: [
    {
      name: 'version',
      kind: 'choice',
      values: ['auto', '3.1.1', '5.0'],
      default: 'auto',
      meaning: "the version that is spoken: what each connection's CONNECT says, or this",
    },
    {
      name: 'sees',
      kind: 'choice',
      values: ['client', 'broker', 'connection'],
      default: 'client',
      meaning:
        'what the capture is complete for: all connections of a client, all that the broker ever received and sent, or single connections',
    },
    {
      name: 'answerTimeout',
      kind: 'seconds',
      default: '30s',
      meaning: 'capture time after which an answer counts as not given; no text sets one',
    },
    {
      name: 'resendTimeout',
      kind: 'seconds',
      default: '5s',
      meaning: 'capture time after taking up a session in which what was left unacknowledged must be sent again',
    },
    {
      name: 'keepAliveGrace',
      kind: 'seconds',
      default: '5s',
      meaning: 'how much longer than 1.5 times the keep alive a server may put up with a silent client',
    },
    {
      name: 'clockSkew',
      kind: 'seconds',
      default: '1s',
      meaning: 'how far the times of the capture and of the server may differ where a session expires',
    },
  ],
  messages: LAYOUTS,
  machine,
  rules: RULES,
  statements: statementsJudgedBy(RULES),
  countBy: 'topic',
  watchesTcp: true,
  recogniseStream,
  resync,
  mended,
  usual,
  replay,
  wiresharkNames: WIRESHARK_NAMES,
  provocations: PROVOCATIONS,
  refusals: REFUSALS,
  isDivisible: true,
  createTracker: (host: TrackerHost<Exchange>, message: Message) => new MqttTracker(host, message),
});

function mended(message: Message, { fields }: Layout): Readonly<Record<string, number>> {
  const written = message.range(fields.remainingLength);
  return written ? { remainingLength: message.length - written.offset - written.length } : {};
}

/** Reserved bits, and a CONNECT that any server takes: one without a session, since it has no client identifier either. */
function usual({ name, edition }: Layout): Readonly<Record<string, number | string>> {
  if (name === 'CONNECT') {
    return { protocolName: 'MQTT', protocolLevel: edition === V5 ? LEVEL.V5 : LEVEL.V311, cleanSession: 1 };
  }
  return ['PUBREL', 'SUBSCRIBE', 'UNSUBSCRIBE'].includes(name) ? { flags: 0b0010 } : {};
}
