import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { openCacheFolder } from "./cache-folder.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "rrq-test-"));
  return () => rm(home, { recursive: true });
});

test.each<[string, (home: string) => NodeJS.ProcessEnv, string]>([
  ["RRQ_CACHE_DIR wins", (home) => ({ RRQ_CACHE_DIR: join(home, "a"), XDG_CACHE_HOME: home, HOME: home }), "a"],
  ["then XDG_CACHE_HOME", (home) => ({ XDG_CACHE_HOME: join(home, "b"), HOME: home }), "b/rrq"],
  ["then the home", (home) => ({ RRQ_CACHE_DIR: "", XDG_CACHE_HOME: "", HOME: join(home, "c") }), "c/.cache/rrq"],
])("%s", async (_title, env, expected) => {
  const folder = await openCacheFolder(env(home));
  expect(folder).toBe(join(home, expected));
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test("a home that cannot be written is replaced by a folder of the user's own among the temporary ones", async () => {
  const file = join(home, "not-a-folder");
  await writeFile(file, "");
  vi.stubEnv("TMPDIR", home);
  onTestFinished(() => void vi.unstubAllEnvs());
  const folder = await openCacheFolder({ HOME: file });
  expect(folder).toBe(join(home, `rrq-cache-${userInfo().uid}`));
  expect((await stat(folder)).uid).toBe(userInfo().uid);
});
