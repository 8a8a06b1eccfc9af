/**
 * Numbers that look random and follow from their arguments alone, so that the same arguments make the same capture,
 * byte for byte.
 */

/** The finalizer of MurmurHash3, a bijection of 32-bit numbers. */
export function mix32(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** A bijection of 24-bit numbers: each step can be undone, so two inputs never share a result. */
export function mix24(value: number): number {
  let mixed = (value + 0x5eed) & 0xffffff;
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x2c1b3d) & 0xffffff;
  mixed = Math.imul(mixed ^ (mixed >>> 11), 0x97a2d5) & 0xffffff;
  return mixed ^ (mixed >>> 12);
}

/** Puts `length` bytes, a multiple of 4, of Marsaglia's xorshift32 started from `seed`. */
export function putRandom(view: DataView, at: number, length: number, seed: number): void {
  let state = mix32(seed) || 1;
  for (let offset = 0; offset < length; offset += 4) {
    state = xorshift32(state);
    view.setUint32(at + offset, state);
  }
}

/** Fisher and Yates' shuffle over one deterministic sequence. */
export function shuffler(seed: number): <T>(order: { length: number; [index: number]: T }) => void {
  let state = seed;
  return order => {
    for (let last = order.length - 1; last > 0; last--) {
      state = xorshift32(state);
      const other = state % (last + 1);
      const moved = order[last];
      order[last] = order[other];
      order[other] = moved;
    }
  };
}

function xorshift32(state: number): number {
  let next = state ^ (state << 13);
  next ^= next >>> 17;
  next ^= next << 5;
  return next >>> 0;
}
