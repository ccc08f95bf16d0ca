/** What a script that ends an attempt answers. `lease-lost`: the job is not ours any more and nothing was changed. */
export type End = "done" | "lease-lost";

export function readEnd(raw: unknown): End {
  return raw === "done" ? "done" : "lease-lost";
}
