// aedes between a TCP and a TLS listener: node aedes.mjs PORT TLS-PORT CERT KEY
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Aedes } from 'aedes';

const [port, tlsPort, cert, key] = process.argv.slice(2);
const broker = await Aedes.createBroker();
createServer(broker.handle).listen(Number(port), '127.0.0.1');
const identity = { cert: readFileSync(cert), key: readFileSync(key) };
createTlsServer(identity, broker.handle).listen(Number(tlsPort), '127.0.0.1');
