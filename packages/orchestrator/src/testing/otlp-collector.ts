import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { messagesAt, textsAt } from "./read-protobuf.ts";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What came to a collector. */
export interface OtlpCollector extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
  /** Bodies that came to a path. */
  readonly at: (path: string) => Buffer[];
}

/** Answers everything with `status`, or nothing at all. */
export async function openOtlpCollector(status: number | "never" = 200): Promise<OtlpCollector> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks) });
      if (status !== "never") response.writeHead(status).end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    at: (path) => received.filter((each) => each.path === path).map(({ body }) => body),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** What opentelemetry-proto calls the members that tests look at. */
export const spanNames = (body: Buffer): string[] => textsAt(body, 1, 2, 2, 5);
export const metricNames = (body: Buffer): string[] => textsAt(body, 1, 2, 2, 1);
export const scopeNames = (body: Buffer): string[] => textsAt(body, 1, 2, 1, 1);
export const logBodies = (body: Buffer): string[] => textsAt(body, 1, 2, 2, 5, 1);

/** The attributes of the resource, those that are texts. */
export function resourceOf(body: Buffer): Record<string, string> {
  return attributesOf(messagesAt(body, 1, 1, 1));
}

/** The attributes of all log records, those that are texts. */
export function logAttributes(body: Buffer): Record<string, string> {
  return attributesOf(messagesAt(body, 1, 2, 2, 6));
}

function attributesOf(pairs: readonly Buffer[]): Record<string, string> {
  return Object.fromEntries(pairs.map((pair) => [textsAt(pair, 1)[0] ?? "", textsAt(pair, 2, 1)[0] ?? ""]));
}

/** The spans in a body, with their ids in hex. */
export function spansOf(body: Buffer): { readonly name: string; readonly traceId: string; readonly id: string; readonly parentId: string }[] {
  return messagesAt(body, 1, 2, 2).map((span) => {
    const hex = (field: number): string => messagesAt(span, field)[0]?.toString("hex") ?? "";
    return { name: textsAt(span, 5)[0] ?? "", traceId: hex(1), id: hex(2), parentId: hex(4) };
  });
}
