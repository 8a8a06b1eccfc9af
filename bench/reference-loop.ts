/**
 * The machine's own speed, as a unit that carries over from one machine to another: a fixed amount of what a checker does
 * most. It steps through records of a large buffer, hashes some words of each, and looks them up in a table that fits no
 * cache, so that it slows down with the processor and with the memory as a checker does. Changing it ends the history.
 *
 *     node reference-loop.js        prints {"found":N}
 */

const RECORDS = 1 << 18;
const WORDS = 16;
const SLOTS = 1 << 22;
const ROUNDS = 96;

function referenceLoop(): number {
  const records = new Uint32Array(RECORDS * WORDS);
  let state = 1;
  for (let at = 0; at < records.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    records[at] = state;
  }
  const table = new Uint32Array(SLOTS);
  let found = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (let at = 0; at < records.length; at += WORDS) {
      let hash = round & 7;
      for (let word = 0; word < 4; word++) hash = Math.imul(hash ^ records[at + word], 0x9e3779b1) ^ (hash >>> 15);
      const slot = hash & (SLOTS - 1);
      if (table[slot] === records[at]) found++;
      else table[slot] = records[at];
    }
  }
  return found;
}

process.stdout.write(`${JSON.stringify({ found: referenceLoop() })}\n`);
