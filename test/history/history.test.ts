/** What was seen can be looked at again, and is what it was: over all fixtures of our protocols. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { openBytes } from '../../src/capture/open.ts';
import { Engine } from '../../src/engine.ts';
import { History } from '../../src/history/history.ts';
import type { Finding } from '../../src/lint/finding.ts';
import type { SeenMessage } from '../../src/protocol/protocol.ts';
import { DEFAULT_ENGINE_OPTIONS } from '../../src/run/options.ts';
import { fieldTree } from '../../src/wire/tree.ts';
import { fixtureBytes } from '../kit/history.ts';

const FIXTURES = ['filestorage', 'ministreaming', 'mnet', 'tcp'].flatMap(folder =>
  readdirSync(fileURLToPath(new URL(`../../fixtures/${folder}`, import.meta.url)))
    .filter(name => name.endsWith('.pcap'))
    .map(name => `${folder}/${name}`),
);

/** All that a message tells, as plain data. */
function told(seen: SeenMessage) {
  const { message, layout, name, protocol, connection, capture, from, to, clientToServer, state } = seen;
  const { frame, seconds, nanoseconds, length, captured, littleEndian, comment } = message;
  const fields = layout ? fieldTree(message, layout).map(({ name: field, display }) => `${field}: ${display}`) : [];
  const bytes = Buffer.from(message.copy()).toString('hex');
  return {
    ...{ name, protocol, connection, capture, from, to, clientToServer, state, fields, bytes },
    ...{ frame, seconds, nanoseconds, length, captured, littleEndian, comment },
  };
}

async function run(bytes: Uint8Array) {
  const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols });
  const history = new History(engine.protocols);
  engine.history = history;
  const messages: ReturnType<typeof told>[] = [];
  /** Of each finding that came up with a message on that very frame: the message. */
  const stoodOn = new Map<Finding, number>();
  engine.onMessage = seen => {
    for (const finding of seen.findings) {
      if (finding.frame === seen.message.frame) stoodOn.set(finding, messages.length);
    }
    messages.push(told(seen));
  };
  const source = await openBytes(bytes);
  engine.beginCapture(source.facts);
  await source.read(
    frame => engine.frame(frame),
    async () => {
      await engine.settle();
      return undefined;
    },
  );
  engine.closeCapture();
  await engine.settle();
  engine.endCapture();
  const read = (_capture: number, position: number, length: number) => bytes.subarray(position, position + length);
  return { history, messages, stoodOn, report: engine.report(), read };
}

describe.each(FIXTURES)('%s', path => {
  test('every message can be read again as it was', async () => {
    const { history, messages, read } = await run(fixtureBytes(path));
    const recalled = messages.map((_, message) => told(history.recall(message, { read })));
    expect(recalled).toEqual(messages);
    expect(history.messages.count).toBe(messages.length);
  });

  test('every finding of the report is there in its order, on its message', async () => {
    const { history, messages, report, stoodOn } = await run(fixtureBytes(path));
    const { findings } = history;
    expect(findings.list).toEqual(report.findings);
    findings.list.forEach((finding, index) => {
      const message = findings.messageOf(index);
      if (message < 0) return;
      expect([messages[message].frame, messages[message].connection]).toEqual([finding.frame, finding.connection]);
      expect(findings.ofMessage(message)).toContain(index);
      expect(findings.ofConnection(finding.connection)).toContain(index);
    });
    for (const [finding, message] of stoodOn) {
      expect([finding.ruleId, findings.messageOf(findings.list.indexOf(finding))]).toEqual([finding.ruleId, message]);
    }
  });

  test('every connection tells what the report tells of it', async () => {
    const bytes = fixtureBytes(path);
    const engine = new Engine({ ...DEFAULT_ENGINE_OPTIONS, protocols, allConnections: true });
    const history = new History(engine.protocols);
    engine.history = history;
    const source = await openBytes(bytes);
    engine.beginCapture(source.facts);
    await source.read(frame => engine.frame(frame));
    engine.endCapture();
    const { connections } = history;
    const report = engine.report();
    expect(connections.count).toBe(report.connections.length);
    for (const { id, client, server, start, end, state, verdict, messages } of report.connections) {
      expect([id, connections.client(id), connections.server(id)]).toEqual([id, client, server]);
      expect([id, connections.start(id), connections.end(id)]).toEqual([id, start, end]);
      expect([id, connections.state(id), connections.verdict(id)]).toEqual([id, state, verdict]);
      expect([id, connections.messages(id), connections.messagesOf(id).length]).toEqual([id, messages, messages]);
    }
  });
});
