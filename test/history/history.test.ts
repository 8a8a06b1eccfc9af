/** What was seen can be looked at again, and is what it was: over all fixtures of our protocols. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/lint/finding.ts';
import type { SeenMessage } from '../../src/protocol/protocol.ts';
import { fieldTree } from '../../src/wire/tree.ts';
import { historyOf } from '../kit/history.ts';

const FIXTURES = ['filestorage', 'ministreaming', 'mnet', 'tcp'].flatMap(folder =>
  readdirSync(fileURLToPath(new URL(`../../fixtures/${folder}`, import.meta.url)))
    .filter(name => name.endsWith('.pcap'))
    .map(name => `${folder}/${name}`),
);

/** All that a message tells, as plain data. */
function plain(seen: SeenMessage) {
  const { message, layout, name, protocol, connection, capture, from, to, clientToServer, state } = seen;
  const { frame, seconds, nanoseconds, length, captured, littleEndian, comment } = message;
  const fields = layout ? fieldTree(message, layout).map(({ name: field, display }) => `${field}: ${display}`) : [];
  const bytes = Buffer.from(message.copy()).toString('hex');
  return {
    ...{ name, protocol, connection, capture, from, to, clientToServer, state, fields, bytes },
    ...{ frame, seconds, nanoseconds, length, captured, littleEndian, comment },
  };
}

async function run(path: string) {
  const messages: ReturnType<typeof plain>[] = [];
  /** Of each finding that came up with a message on that very frame: the message. */
  const stoodOn = new Map<Finding, number>();
  const past = await historyOf(path, { allConnections: true }, seen => {
    for (const finding of seen.findings) {
      if (finding.frame === seen.message.frame) stoodOn.set(finding, messages.length);
    }
    messages.push(plain(seen));
  });
  return { ...past, messages, stoodOn };
}

describe.each(FIXTURES)('%s', path => {
  test('every message can be read again as it was', async () => {
    const { history, messages, bytes } = await run(path);
    const recalled = messages.map((_, message) => plain(history.recall(message, bytes)));
    expect(recalled).toEqual(messages);
    expect(history.messages.count).toBe(messages.length);
  });

  test('every finding of the report is there in its order, on its message', async () => {
    const { history, messages, report, stoodOn } = await run(path);
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
    const { history, report } = await run(path);
    const { connections } = history;
    expect(connections.count).toBe(report.connections.length);
    for (const { id, client, server, start, end, state, verdict, messages } of report.connections) {
      expect([id, connections.client(id), connections.server(id)]).toEqual([id, client, server]);
      expect([id, connections.start(id), connections.end(id)]).toEqual([id, start, end]);
      expect([id, connections.state(id), connections.verdict(id)]).toEqual([id, state, verdict]);
      expect([id, connections.messages(id), connections.messagesOf(id).length]).toEqual([id, messages, messages]);
    }
  });
});
