import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import { createLogUpdate } from "log-update";
import type { Progress } from "./progress.ts";

/** Where the demo tells what happens. */
export interface View extends Disposable {
  /** A line that stays. */
  say(line?: string): void;
  /** How far things are, from now on: asked for again and again until `undefined` is shown. */
  follow(progress: (() => readonly Progress[]) | undefined): void;
  readonly paint: Paint;
}

/** Colours, where the terminal has them and nobody declined (`NO_COLOR`). */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
}

type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, "isTTY" | "hasColors">>;

/** Progress that moves on a terminal, a plain line now and then elsewhere. */
export function openView(output: Output = process.stdout): View {
  const paint = paintFor(output);
  return output.isTTY ? liveView(output, paint) : plainView(output, paint);
}

const LIVE_EVERY_MS = 80;
const PLAIN_EVERY_MS = 1_000;
const BAR_CELLS = 30;

function liveView(output: Output, paint: Paint): View {
  const screen = createLogUpdate(output);
  const follow = every(LIVE_EVERY_MS, (progress) => screen(`\n${bars(progress, paint).join("\n")}\n`));
  return {
    paint,
    say: (line = "") => screen.persist(line),
    follow: (progress) => {
      follow(progress);
      if (progress === undefined) screen.clear();
    },
    [Symbol.dispose]: () => {
      follow(undefined);
      screen.done();
    },
  };
}

function plainView(output: Output, paint: Paint): View {
  const say = (line = ""): void => void output.write(`${line}\n`);
  let last = "";
  const follow = every(PLAIN_EVERY_MS, (progress) => {
    const line = sentence(progress);
    if (line !== last) say(`  ${line}`);
    last = line;
  });
  return { paint, say, follow, [Symbol.dispose]: () => follow(undefined) };
}

/** Shows what it was given last, now and after every pause. */
function every(pauseMs: number, show: (progress: readonly Progress[]) => void): View["follow"] {
  let timer: NodeJS.Timeout | undefined;
  return (progress) => {
    clearInterval(timer);
    if (progress === undefined) return;
    const look = (): void => show(progress());
    look();
    timer = setInterval(look, pauseMs);
  };
}

function bars(progress: readonly Progress[], { dim, good }: Paint): string[] {
  const width = Math.max(...progress.map(({ functionName }) => functionName.length));
  return progress.map(({ functionName, accepted, ended }) => {
    const full = Math.round((ended / accepted) * BAR_CELLS);
    const bar = good("█".repeat(full)) + dim("░".repeat(BAR_CELLS - full));
    return `  ${functionName.padEnd(width)}  ${bar}  ${`${ended}/${accepted}`.padStart(9)}`;
  });
}

function sentence(progress: readonly Progress[]): string {
  const sum = (pick: (one: Progress) => number): number => progress.reduce((total, one) => total + pick(one), 0);
  return `${sum(({ ended }) => ended)} of ${sum(({ accepted }) => accepted)} jobs have ended`;
}

function paintFor(output: Output): Paint {
  const hasColors = output.isTTY === true && output.hasColors?.() === true;
  const paint = (style: Parameters<typeof styleText>[0]) => (text: string) => (hasColors ? styleText(style, text, { validateStream: false }) : text);
  return { bold: paint("bold"), dim: paint("dim"), good: paint("green"), bad: paint("red") };
}
