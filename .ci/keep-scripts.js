/** Loaded into the program before it runs, see code-cache.ts: what V8 has made of a part by the end goes into a file beside the part. */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import vm from 'node:vm';

const scripts = new Map();

vm.Script = class extends vm.Script {
  constructor(text, options) {
    super(text, options);
    scripts.set(options.filename, this);
  }
};

process.on('exit', () => {
  for (const [path, script] of scripts) writeFileSync(`${path}.cache`, script.createCachedData());
});
