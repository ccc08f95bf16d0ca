import { access } from "node:fs/promises";
import { join } from "node:path";
import { openCacheFolder } from "./cache-folder.ts";
import { fetchServer, unpackedServer } from "./fetch-server.ts";
import { lockFile } from "./file-lock.ts";
import { type ServerProgram, versionOf } from "./server-program.ts";
import { systemName } from "./system-name.ts";

const HOW_TO_GET_ONE =
  "No Redis server: install redis-server or valkey-server (6.2 or later; apt install redis-server, brew install redis) " +
  "so that it is on PATH, or name a running one: RRQ_TEST_REDIS_DSN for the tests, RRQ_REDIS_DSN for the demo.";

/** Finds a server on PATH or in our cache, else fetches one into the cache where the system is Debian's or Ubuntu's kind. */
export async function findServer(env: NodeJS.ProcessEnv = process.env): Promise<ServerProgram> {
  for (const command of ["redis-server", "valkey-server"]) {
    const program = { command, env: {} };
    if (isRecent(await versionOf(program))) return program;
  }
  if (!(await hasApt())) throw new Error(HOW_TO_GET_ONE);
  const folder = await openCacheFolder(env);
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

/** RRQ wants 6.2 or later; Valkey counts on from 7.2. */
function isRecent(version: readonly [number, number] | undefined): boolean {
  if (version === undefined) return false;
  const [major, minor] = version;
  return major > 6 || (major === 6 && minor >= 2);
}

async function hasApt(): Promise<boolean> {
  const needed = ["/usr/bin/apt-get", "/usr/bin/dpkg", "/usr/bin/flock"];
  return Promise.all(needed.map((file) => access(file))).then(
    () => true,
    () => false,
  );
}
