import { mkdir, stat } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/**
 * The folder for what we fetch, made if it is not there: `RRQ_CACHE_DIR`, else `XDG_CACHE_HOME/rrq`, else
 * `~/.cache/rrq`; in the temporary folder for a user whose home cannot be written.
 */
export async function openCacheFolder(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const asked = env["RRQ_CACHE_DIR"];
  if (asked) return made(asked);
  const { uid, homedir } = userInfo();
  const shared = join(tmpdir(), `rrq-cache-${uid}`);
  const xdg = env["XDG_CACHE_HOME"];
  const usual = xdg ? join(xdg, "rrq") : join(env["HOME"] || homedir, ".cache", "rrq");
  return made(usual).catch(async () => {
    await made(shared);
    // What lies in it is executed, and anyone can make a folder of that name.
    if ((await stat(shared)).uid !== uid) throw new Error(`${shared} belongs to another user; set RRQ_CACHE_DIR`);
    return shared;
  });
}

async function made(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}
