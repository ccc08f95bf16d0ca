import { Agent as HttpAgent, type OutgoingHttpHeaders, request as requestHttp, validateHeaderName, validateHeaderValue } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Clock } from "@rrq/protocol/runtime";
import type { OtlpDestination } from "./read-otlp.ts";

/** For one request, from its start to the end of its answer. */
const LONGEST_REQUEST_MS = 10_000;

/**
 * Posts OTLP to one collector. A collector that is not there, or refuses, loses what it was sent; nobody is told and nobody
 * waits: the exporters of the SDK would try again by timers that keep a process alive after its end.
 */
export class OtlpSender {
  readonly #url: URL;
  readonly #headers: OutgoingHttpHeaders;
  readonly #agent: HttpAgent;
  readonly #clock: Clock;
  readonly #end = new AbortController();

  /** Throws on an address or a header that no request can have. */
  constructor({ url, headers }: OtlpDestination, clock: Clock) {
    this.#url = new URL(url);
    const { protocol } = this.#url;
    if (protocol !== "http:" && protocol !== "https:") throw new TypeError(`OTLP goes over http or https, not ${protocol}`);
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    this.#headers = { "user-agent": "rrq-orchestrator", ...headers, "content-type": "application/x-protobuf" };
    this.#agent = protocol === "http:" ? new HttpAgent({ keepAlive: true }) : new HttpsAgent({ keepAlive: true });
    this.#clock = clock;
  }

  /** Answers whether the collector took it. */
  send(body: Uint8Array): Promise<boolean> {
    const { signal } = this.#end;
    const options = { method: "POST", agent: this.#agent, headers: { ...this.#headers, "content-length": body.length }, signal };
    return new Promise((resolve) => {
      const request = (this.#url.protocol === "http:" ? requestHttp : requestHttps)(this.#url, options, (response) => {
        const taken = response.statusCode !== undefined && response.statusCode >= 200 && response.statusCode < 300;
        response.resume();
        response.on("close", () => finish(taken));
      });
      const cancelLimit = this.#clock.after(LONGEST_REQUEST_MS, () => request.destroy());
      const finish = (taken: boolean): void => {
        cancelLimit();
        resolve(taken);
      };
      request.on("error", () => finish(false));
      request.on("close", () => finish(false));
      request.end(body);
    });
  }

  /** Breaks off what is under way; what comes later fails at once. */
  cut(): void {
    this.#end.abort();
    this.#agent.destroy();
  }
}

/** Makes the bytes that a collector takes; `undefined` if there is nothing to tell. */
interface Serializer<Items> {
  serializeRequest(items: Items): Uint8Array | undefined;
}

/** An exporter for the SDK's processors. */
export function exporterOf<Items>(serializer: Serializer<Items>, sender: OtlpSender): Exporter<Items> {
  const send = async (items: Items): Promise<boolean> => {
    const body = serializer.serializeRequest(items);
    return body === undefined || (await sender.send(body));
  };
  return {
    export: (items, done) => {
      send(items).then(
        (taken) => done({ code: taken ? 0 : 1 }),
        (error: unknown) => done({ code: 1, error: error instanceof Error ? error : new Error(String(error)) }),
      );
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
}

/** What the three kinds of exporters have in common. */
interface Exporter<Items> {
  /** @param done 0: it is exported; 1: it is lost. */
  export(items: Items, done: (result: { readonly code: 0 | 1; readonly error?: Error }) => void): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}
