import type { Inspector } from "../../inspect/open-inspector.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { isoTime, print, printJson } from "../output.ts";
import { renderTable } from "../table.ts";

/** The queues that hold jobs. */
export async function queueList(inspector: Inspector, { json = false }: { readonly json?: boolean }): Promise<ExitCode> {
  const queues = await inspector.queues();
  if (json) {
    printJson(
      queues.map(({ queue, pending, oldestAt, newestAt }) => ({
        queue,
        pending,
        oldest_at: isoTime(oldestAt),
        newest_at: isoTime(newestAt),
      })),
    );
    return exitCodes.done;
  }
  if (queues.length === 0) {
    print("No active queues found");
    return exitCodes.done;
  }
  const rows = queues.map(({ queue, pending, oldestAt, newestAt }) => [
    queue,
    pending === null ? "not a queue" : String(pending),
    oldestAt === null ? "-" : String(Math.round(oldestAt)),
    newestAt === null ? "-" : String(Math.round(newestAt)),
  ]);
  const right = (title: string) => ({ title, align: "right" }) as const;
  print(renderTable([{ title: "Queue", align: "left" }, right("Pending"), right("Oldest(ms)"), right("Newest(ms)")], rows));
  print(`\nTotal: ${queues.reduce((sum, { pending }) => sum + (pending ?? 0), 0)} pending jobs`);
  return exitCodes.done;
}
