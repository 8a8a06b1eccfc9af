/** What is said of a connection for people: whose it is, and what became of its session. */
import { describe, expect, test } from 'vitest';
import { PROPERTY } from '../../../dissectors/mqtt/terms.ts';
import { textReport } from '../../../src/report/text.ts';
import { mqtt } from '../../kit/mqtt.ts';
import { judgeNet } from '../../kit/mqtt-judge.ts';
import { MqttNet } from '../../kit/mqtt-net.ts';
import { render } from '../../report/run.ts';

const v5 = mqtt(5);
const EXPIRY = [[PROPERTY.SESSION_EXPIRY, 60]] as const;

const aboutsOf = (net: MqttNet) => judgeNet(net).report.connections.map(({ about }) => about);

describe('a connection', () => {
  test('of a client whose messages were left under way, and taken up again', () => {
    const net = new MqttNet();
    const first = net.open('first');
    first.client(v5.connect({ clientId: 'a', clean: false, properties: EXPIRY })).server(v5.connack());
    first
      .client(v5.publish({ topic: 't', qos: 1, id: 1 }))
      .fin('client')
      .fin('server');
    const second = net.open('second');
    second.client(v5.connect({ clientId: 'a', clean: false })).server(v5.connack(0, { sessionPresent: true }));
    second.client(v5.publish({ topic: 't', qos: 1, id: 1, dup: true })).server(v5.puback(1));
    expect(aboutsOf(net)).toEqual([
      'client "a", 5.0, new session, 1 of the client\'s messages under way, kept for 60 s',
      'client "a", 5.0, session taken up',
    ]);
  });

  test('that the server did not accept has no session', () => {
    const net = new MqttNet();
    net
      .open('a')
      .client(v5.connect({ clientId: 'a' }))
      .server(v5.connack(0x87))
      .fin('server')
      .fin('client');
    expect(aboutsOf(net)).toEqual(['client "a", 5.0']);
  });

  test('whose Client Identifier would write on the terminal, or in the page, is shown escaped', async () => {
    const net = new MqttNet();
    const evil = '\x1b[2J<script>';
    const client = net
      .open('a')
      .client(v5.connect({ clientId: evil }))
      .server(v5.connack());
    client.client(v5.publish({ topic: 'a/+' }));
    const { report } = judgeNet(net);
    const text = textReport(report, { color: false, width: 200 });
    expect(text).toContain('client "\\x1b[2J<script>", 5.0');
    expect(text).not.toContain('\x1b');
    expect(await render('html', { report })).not.toContain('<script>');
  });
});
