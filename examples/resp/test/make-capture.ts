/** Writes a capture with two faults in it: `node dist/test/make-capture.js resp.pcap`. */
import { writeFileSync } from 'node:fs';
import { faulty } from './conversations.ts';

const [path = 'resp.pcap'] = process.argv.slice(2);
writeFileSync(path, faulty().pcap());
console.log(`${path}: ${faulty().length} frames`);
