/** The messages of KV as far as this server and its client need them; its specification is in ../../kv/README.md. */

export const TYPES = { hello: 1, get: 2, value: 3, error: 4, bye: 5 } as const;

export interface Message {
  readonly type: number;
  /** Behind the type. */
  readonly body: Buffer;
}

/** A message behind its length. */
export function framed(type: number, ...body: readonly Uint8Array[]): Buffer {
  const message = Buffer.concat([Uint8Array.of(type), ...body]);
  return Buffer.concat([uint16(message.length), message]);
}

export function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

/** The messages of a stream, however it was cut on its way. */
export async function* messagesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Message> {
  let bytes = Buffer.alloc(0);
  for await (const piece of stream) {
    bytes = Buffer.concat([bytes, piece]);
    while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE()) {
      const end = 2 + bytes.readUInt16BE();
      yield { type: bytes[2], body: bytes.subarray(3, end) };
      bytes = bytes.subarray(end);
    }
  }
}
