import type { Duty } from "./duty.ts";
import type { TaggedTitle } from "./read-tags.ts";
import { SECTIONS } from "./sections.ts";
import { TRAPS } from "./traps.ts";

/** Something that a test must show, and those that say they do. */
export interface Promised {
  /** `wire §4.2`, `trap 17`. */
  readonly tag: string;
  readonly about: string;
  readonly titles: readonly TaggedTitle[];
}

/** Something that waits for the part that it is about. A test that names it all the same makes the entry a lie. */
export interface Awaited extends Promised {
  readonly issue: number;
}

export interface Survey {
  readonly promised: readonly Promised[];
  /** What no test of ours can show, with the reason. */
  readonly notOurs: readonly { readonly tag: string; readonly reason: string }[];
  readonly notYet: readonly Awaited[];
  /** Titles that name what is in no list: a slip of the pen. */
  readonly unknown: readonly { readonly tag: string; readonly title: TaggedTitle }[];
}

interface Listed {
  readonly document: string;
  readonly tag: string;
  readonly duty: Duty;
}

/** Holds the titles against the lists; against those of `documents` only, if any are named. */
export function survey(titles: readonly TaggedTitle[], documents: readonly string[] = []): Survey {
  const byTag = new Map<string, TaggedTitle[]>();
  for (const title of titles) {
    for (const tag of title.tags) byTag.set(tag, [...(byTag.get(tag) ?? []), title]);
  }
  const all = listAll();
  const known = new Set(all.flatMap(({ tag }) => withParents(tag)));
  const found: { promised: Promised[]; notOurs: Survey["notOurs"][number][]; notYet: Awaited[] } = { promised: [], notOurs: [], notYet: [] };
  for (const { document, tag, duty } of all) {
    if (documents.length > 0 && !documents.includes(document)) continue;
    const named = byTag.get(tag) ?? [];
    if (typeof duty === "string") found.promised.push({ tag, about: duty, titles: named });
    else if ("notOurs" in duty) found.notOurs.push({ tag, reason: duty.notOurs });
    else found.notYet.push({ tag, about: duty.notYet, issue: duty.issue, titles: named });
  }
  return {
    ...found,
    unknown: [...byTag].flatMap(([tag, named]) => (known.has(tag) ? [] : named.map((title) => ({ tag, title })))),
  };
}

function listAll(): Listed[] {
  const sections = Object.entries(SECTIONS).flatMap(([document, parts]) =>
    Object.entries(parts).map(([section, duty]) => ({ document, tag: `${document} ${section}`, duty })),
  );
  return [...sections, ...TRAPS.map((duty, index) => ({ document: "trap", tag: `trap ${index + 1}`, duty }))];
}

/** A title may name a section that only holds others: `wire §11` is known with `wire §11.1`. */
function withParents(tag: string): string[] {
  const dot = tag.lastIndexOf(".");
  return dot === -1 ? [tag] : [tag, ...withParents(tag.slice(0, dot))];
}
