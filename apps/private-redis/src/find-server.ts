import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { openCacheFolder } from "./cache-folder.ts";
import { fetchServer, unpackedServer } from "./fetch-server.ts";
import { lockFile } from "./file-lock.ts";
import { isUsable, type ServerProgram } from "./server-program.ts";
import { systemName } from "./system-name.ts";

const run = promisify(execFile);

const HOW_TO_GET_ONE =
  "No Redis server: install redis-server or valkey-server (6.2 or later; apt install redis-server, brew install redis) " +
  "so that it is on PATH, or name a running one: RRQ_TEST_REDIS_DSN for the tests, RRQ_REDIS_DSN for the demo.";

/** Finds a server on PATH or in our cache, else fetches one into the cache, where the system is Debian's or Ubuntu's kind. */
export async function findServer(env: NodeJS.ProcessEnv = process.env): Promise<ServerProgram> {
  const found = await serverOnPath(env);
  if (found !== undefined) return found;
  if (!(await canFetch(env))) throw new Error(HOW_TO_GET_ONE);
  return fetchedServer(await openCacheFolder(env));
}

/** The server in the cache folder, fetched if it is not there: once, however many ask at the same time. */
export async function fetchedServer(folder: string): Promise<ServerProgram> {
  const target = join(folder, `redis-server-${await systemName()}`);
  const cached = await unpackedServer(target);
  if (cached !== undefined) return cached;
  await using _lock = await lockFile(join(folder, "fetch.lock"));
  try {
    return (await unpackedServer(target)) ?? (await fetchServer(target));
  } catch (error) {
    throw new Error(`${HOW_TO_GET_ONE} Fetching Debian's failed: ${String(error)}`, { cause: error });
  }
}

async function serverOnPath(env: NodeJS.ProcessEnv): Promise<ServerProgram | undefined> {
  for (const command of ["redis-server", "valkey-server"]) {
    const program = { command, env: {} };
    if (await isUsable(program, env)) return program;
  }
  return undefined;
}

/** Whether the tools that {@link fetchServer} needs are here. */
export async function canFetch(env: NodeJS.ProcessEnv = process.env): Promise<boolean> {
  const asked = ["apt-get", "dpkg", "flock"].map((tool) => run(tool, ["--version"], { env }));
  return (await Promise.allSettled(asked)).every(({ status }) => status === "fulfilled");
}
