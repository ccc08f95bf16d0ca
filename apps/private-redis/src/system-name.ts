import { readFile } from "node:fs/promises";

/** `debian-12-x64`: systems that can share what was unpacked. */
export async function systemName(): Promise<string> {
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  const value = (key: string): string => new RegExp(`^${key}="?([\\w.-]+)"?$`, "m").exec(text)?.[1] ?? "unknown";
  return [value("ID"), value("VERSION_ID"), process.arch].join("-");
}
