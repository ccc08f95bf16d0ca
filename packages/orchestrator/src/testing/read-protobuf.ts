/** The members of a protobuf message by their field number; those that are messages or texts are bytes. */
type Fields = ReadonlyMap<number, readonly (Buffer | bigint)[]>;

/** Reads a message as far as that goes without its schema. */
function readProtobuf(bytes: Buffer): Fields {
  const fields = new Map<number, (Buffer | bigint)[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => bytes.subarray(at, (at += length));
  while (at < bytes.length) {
    const tag = Number(varint());
    const values = fields.get(tag >> 3) ?? [];
    fields.set(tag >> 3, values);
    switch (tag & 7) {
      case 0:
        values.push(varint());
        break;
      case 1:
        values.push(take(8).readBigUInt64LE());
        break;
      case 2:
        values.push(take(Number(varint())));
        break;
      case 5:
        values.push(BigInt(take(4).readUInt32LE()));
        break;
      default:
        throw new Error(`no protobuf: wire type ${tag & 7}`);
    }
  }
  return fields;
}

/** The messages at the end of a path of field numbers. */
export function messagesAt(message: Buffer, ...path: readonly number[]): Buffer[] {
  let found = [message];
  for (const field of path) found = found.flatMap((each) => readProtobuf(each).get(field) ?? []).filter((each) => Buffer.isBuffer(each));
  return found;
}

/** The texts at the end of a path of field numbers. */
export function textsAt(message: Buffer, ...path: readonly number[]): string[] {
  return messagesAt(message, ...path).map((text) => text.toString());
}
