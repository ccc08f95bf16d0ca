import { ManualClock } from "@rrq/protocol/runtime";
import { beforeEach, expect, test } from "vitest";
import { silentLog } from "../testing/silent-log.ts";
import { AuditLoop } from "./audit-loop.ts";

let fleet: { about: boolean; turn: boolean; misplaced: string[]; placed: string[][]; scans: string[] };
let audit: AuditLoop;
beforeEach(() => {
  fleet = { about: true, turn: true, misplaced: [], placed: [], scans: [] };
  audit = new AuditLoop({
    store: {
      takeAuditTurn: () => Promise.resolve(fleet.turn),
      scanJobs: (cursor) => {
        fleet.scans.push(cursor);
        return Promise.resolve({ cursor: String(Number(cursor) + 1), ids: ["a", "b"] });
      },
      findMisplaced: () => Promise.resolve(fleet.misplaced),
      place: (ids) => {
        fleet.placed.push([...ids]);
        return Promise.resolve(ids.map(() => "queued" as const));
      },
    },
    upstreamAbout: () => fleet.about,
    pauseMs: 5_000,
    clock: new ManualClock(),
    log: silentLog,
  });
});

test("[trap 1] a job that two steps see in no place is put where it belongs", async () => {
  fleet.misplaced = ["a"];
  await audit.step();
  expect(fleet.placed).toEqual([]);
  fleet.misplaced = [];
  await audit.step();
  await audit.step();
  expect(fleet.placed).toEqual([["a"]]);
  expect(fleet.scans).toEqual(["0", "1", "2"]);
});

test("[trap 30] without upstream about, and when it is another's turn, Redis is not asked", async () => {
  fleet.about = false;
  await audit.step();
  fleet.about = true;
  fleet.turn = false;
  await audit.step();
  expect(fleet.scans).toEqual([]);
});
