/** What we use of the npm package pcap-parser 0.2.1, which brings no types. */
declare module 'pcap-parser' {
  export interface GlobalHeader {
    readonly linkLayerType: number;
  }

  export interface PacketHeader {
    readonly timestampSeconds: number;
    readonly timestampMicroseconds: number;
    readonly capturedLength: number;
    readonly originalLength: number;
  }

  export interface Packet {
    readonly header: PacketHeader;
    readonly data: Buffer;
  }

  /** What it takes from a stream. */
  export interface PacketStream {
    on(event: string, listener: (data: Buffer) => void): unknown;
    pause(): unknown;
    resume(): unknown;
  }

  export interface Parser {
    on(event: 'globalHeader', listener: (header: GlobalHeader) => void): this;
    on(event: 'packetHeader', listener: (header: PacketHeader) => void): this;
    on(event: 'packet', listener: (packet: Packet) => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
  }

  export function parse(input: PacketStream): Parser;
}
