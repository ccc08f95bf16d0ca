import {
  encodeResult,
  type ExecutionOutcome,
  type ExecutionRequest,
  isOutcome,
  type JobLike,
  jobName,
  outcome,
  type ParamsOutput,
  parseParams,
  type ResultInput,
  RrqError,
} from "@rrq/protocol";
import type { JobContext } from "./job-context.ts";
import { callRaw, type RawHandler } from "./raw-handler.ts";

/** A job made by `defineJob`. */
type DefinedJob = Exclude<JobLike, string>;
type Params = Readonly<Record<string, unknown>>;

/**
 * Executes a job. It returns the result, or an outcome made by `outcome`, or throws: `RetryAfter`, `NonRetryable`,
 * anything else for a failure. Once `ctx.signal` has fired, what it returns or throws no longer counts.
 */
export type Handler<Params, Result> = (
  params: Params,
  ctx: JobContext,
) => Result | ExecutionOutcome | Promise<Result | ExecutionOutcome>;

/** What a middleware is put around. */
export interface HandlerCall {
  readonly functionName: string;
  /** As they were sent: the schema of the job has not seen them yet. */
  readonly params: Params;
  readonly ctx: JobContext;
}

/**
 * Runs around a handler. `next` calls what is inside: it resolves to what the handler returned and rejects with what it
 * threw, schema errors included. What the middleware itself returns or throws is what counts.
 */
export type Middleware = (call: HandlerCall, next: () => Promise<unknown>) => unknown;

/** Calls a handler with everything that is around it. May throw, and may answer a promise. */
export type Invoke = (params: Params, ctx: JobContext, request: ExecutionRequest) => unknown;

/** The handlers of a runner, by name. */
export interface Registry {
  /**
   * Has `handler` execute `job`. Of a name with a prefix (`mail#send`) the part behind the first `#` counts, which is what
   * an orchestrator asks for. Throws `INVALID_ARGUMENT` if the name is taken or empty, or `handler` no function.
   *
   * With a job made by `defineJob` the handler gets params that its schema parsed, and what it returns is checked against
   * the result schema. Params that do not fit fail the attempt without a call; so does a result.
   */
  register<Job extends DefinedJob>(job: Job, handler: Handler<ParamsOutput<Job>, ResultInput<Job>>): this;
  /** With a bare name the params are what was enqueued: nobody checks the type that the handler gives them. */
  register<P extends object = Record<string, unknown>>(name: string, handler: Handler<P, unknown>): this;
  /** Has a handler in the form of upstream's TypeScript runner execute `name`. */
  registerRaw(name: string, handler: RawHandler): this;
  /** Puts `middleware` around every handler, also those registered before. The first one is the outermost. */
  use(middleware: Middleware): this;
  /** In the order they were registered. */
  names(): string[];
  /** What runs the handler `name`; `undefined` if there is none. For the runner. */
  find(name: string): Invoke | undefined;
}

/** An empty registry. */
export function createRegistry(): Registry {
  return new HandlerRegistry();
}

class HandlerRegistry implements Registry {
  readonly #handlers = new Map<string, Invoke>();
  readonly #middlewares: Middleware[] = [];

  register(job: JobLike, handler: Handler<never, unknown>): this {
    // The overloads tie the handler to the job: its params are what the job's schema makes of them.
    const call = handler as Handler<object, unknown>;
    return this.#add(jobName(job), handler, typeof job === "string" ? call : callDefined(job, call));
  }

  registerRaw(name: string, handler: RawHandler): this {
    return this.#add(name, handler, (params, ctx, request) => callRaw(handler, params, ctx, request));
  }

  use(middleware: Middleware): this {
    this.#middlewares.push(middleware);
    return this;
  }

  names(): string[] {
    return [...this.#handlers.keys()];
  }

  find(name: string): Invoke | undefined {
    const handler = this.#handlers.get(name);
    return handler === undefined || this.#middlewares.length === 0 ? handler : within(this.#middlewares, handler);
  }

  #add(fullName: string, handler: unknown, invoke: Invoke): this {
    const name = fullName.slice(fullName.indexOf("#") + 1);
    if (name === "") throw new RrqError("INVALID_ARGUMENT", `The name of a handler cannot be empty: '${fullName}'`);
    if (typeof handler !== "function") throw new RrqError("INVALID_ARGUMENT", `Handler for '${name}' must be a function`);
    if (this.#handlers.has(name)) throw new RrqError("INVALID_ARGUMENT", `Handler with name '${name}' already registered`);
    this.#handlers.set(name, invoke);
    return this;
  }
}

/** Params through the job's schema, then the handler, then its result through the job's schema. */
function callDefined(job: DefinedJob, handler: Handler<object, unknown>): Invoke {
  return async (params, ctx) => {
    const returned = await handler(job.params === null ? params : await parseParams(job, params), ctx);
    if (job.result === null) return returned;
    if (!isOutcome(returned)) return encodeResult(job, returned);
    return returned.type === "success" ? outcome.success(await encodeResult(job, returned.result)) : returned;
  };
}

function within(middlewares: readonly Middleware[], handler: Invoke): Invoke {
  return (params, ctx, request) => {
    const call: HandlerCall = { functionName: request.functionName, params, ctx };
    const from = (index: number): unknown => {
      const middleware = middlewares[index];
      if (middleware === undefined) return handler(params, ctx, request);
      // Whatever the inside does at once, throwing included, comes as a promise.
      return middleware(call, async () => from(index + 1));
    };
    return from(0);
  };
}
