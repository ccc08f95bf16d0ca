import { execFile } from "node:child_process";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { isUsable, type ServerProgram } from "./server-program.ts";

const run = promisify(execFile);

/** apt may take this long over one step before we call it broken. */
const APT_LIMIT_MS = 180_000;

/**
 * Puts Debian's or Ubuntu's own `redis-server` into `target` without touching the system: package lists, downloads and
 * what is unpacked all stay in a folder of ours, so that no root is needed. The last step is a rename: `target`
 * is whole or not there. One caller at a time: it works in a folder beside the target.
 */
export async function fetchServer(target: string): Promise<ServerProgram> {
  const work = `${target}.fetch`;
  await rm(work, { recursive: true, force: true }); // of one that was killed
  await mkdir(work);
  try {
    const apt = await privateApt(work);
    // A dead source of something else fails the update as a whole, and need not stop us.
    const complaint = await apt("apt-get", "update", "-q").catch((error: unknown) => error);
    const wanted = await missingPackages(apt, "redis-server");
    const debs = join(work, "debs");
    await mkdir(debs);
    await apt("apt-get", "download", "-q", ...wanted).catch((error: unknown) => {
      throw complaint instanceof Error ? complaint : error;
    });
    const root = join(work, "root");
    for (const deb of await readdir(debs)) await run("dpkg", ["-x", join(debs, deb), root]);
    if ((await unpackedServer(root)) === undefined) {
      throw new Error(`the redis-server of ${wanted.join(", ")} does not run here, or is older than 6.2`);
    }
    await rm(target, { recursive: true, force: true });
    await rename(root, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const program = await unpackedServer(target);
  if (program === undefined) throw new Error(`redis-server in ${target} does not run`);
  return program;
}

/** The server in a folder that {@link fetchServer} filled, if it can be used on this machine. */
export async function unpackedServer(root: string): Promise<ServerProgram | undefined> {
  const libraries = await libraryFolders(root);
  const program = { command: join(root, "usr/bin/redis-server"), env: { LD_LIBRARY_PATH: libraries.join(":") } };
  return (await isUsable(program)) ? program : undefined;
}

/** `usr/lib/x86_64-linux-gnu` and its like, whatever the architecture is called. */
async function libraryFolders(root: string): Promise<string[]> {
  const parents = [join(root, "usr/lib"), join(root, "lib")];
  const nested = await Promise.all(
    parents.map(async (parent) => {
      const entries = await readdir(parent).catch(() => []);
      return entries.filter((name) => name.includes("-linux-")).map((name) => join(parent, name));
    }),
  );
  return [...nested.flat(), ...parents];
}

type Apt = (program: "apt-get" | "apt-cache", ...args: string[]) => Promise<string>;

/** apt with the machine's sources, keys and proxies, but lists and downloads in `work`. */
async function privateApt(work: string): Promise<Apt> {
  const config = join(work, "apt.conf");
  for (const folder of ["lists/partial", "cache/archives/partial"]) {
    await mkdir(join(work, folder), { recursive: true });
  }
  await writeFile(
    config,
    `Dir::State::lists "${work}/lists";
Dir::Cache "${work}/cache";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "";
Dir::Log "${work}";
Debug::NoLocking "true";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`,
  );
  return async (program, ...args) => {
    const { stdout } = await run(program, ["-c", config, ...args], {
      cwd: args[0] === "download" ? join(work, "debs") : work,
      env: { ...process.env, LC_ALL: "C", TMPDIR: work },
      timeout: APT_LIMIT_MS,
      maxBuffer: 64 << 20,
    });
    return stdout;
  };
}

/** `name` and the packages it depends on, less those that this machine has. */
async function missingPackages(apt: Apt, name: string): Promise<string[]> {
  const installed = await installedPackages();
  const missing = new Set([name]);
  for (const one of missing) {
    const listing = await apt("apt-cache", "--important", "--no-pre-depends", "depends", one);
    for (const alternatives of dependencies(listing)) {
      const [first] = alternatives;
      if (first !== undefined && !alternatives.some((name) => installed.has(name))) missing.add(first);
    }
  }
  return [...missing];
}

/** Each dependency in apt's listing: "  |Depends: x" goes on with an alternative, "  Depends: x" does not; "<x>" is virtual. */
function dependencies(listing: string): string[][] {
  const all: string[][] = [];
  let goesOn = false;
  for (const [, bar, name] of listing.matchAll(/^ {1,2}(\|?)Depends: (\S+)$/gm)) {
    if (name === undefined) continue;
    if (goesOn) all.at(-1)?.push(name);
    else all.push([name]);
    goesOn = bar === "|";
  }
  return all.map((names) => names.filter((name) => !name.startsWith("<")));
}

async function installedPackages(): Promise<ReadonlySet<string>> {
  const { stdout } = await run("dpkg-query", ["-W", "-f", "${db:Status-Status} ${Package}\n"], { maxBuffer: 64 << 20 });
  return new Set(stdout.split("\n").flatMap((line) => /^installed (.+)$/.exec(line)?.[1] ?? []));
}
