/** Writes a capture with a fault in it, an answer to nothing: `node dist/test/make-capture.js my-protocol.pcap`. */
import { writeFileSync } from 'node:fs';
import { conversation } from './conversation.ts';

const traffic = conversation(['> OPEN1', '> FIND0001color', '< GIVE0009green', '> DONE']);
const [path = 'my-protocol.pcap'] = process.argv.slice(2);
writeFileSync(path, traffic.pcap());
console.log(`${path}: ${traffic.length} frames`);
