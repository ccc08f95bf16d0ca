import type { GaugeReader, Labels, Meter } from "./instruments.ts";

/** Keeps what is measured, and tells it in the text format of Prometheus. */
export interface PrometheusMeter extends Meter {
  /** Everything measured so far. */
  render(): Promise<string>;
}

/** The default buckets of OpenTelemetry: the same measurement looks the same by either way. */
const BUCKETS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000] as const;

/** Every label is a queue, a runner or a word of ours: their number is bounded by the configuration, and so is this. */
export function createPrometheusMeter(): PrometheusMeter {
  const instruments: (() => Promise<string>)[] = [];
  return {
    createCounter: (name) => {
      const totals = new Series(() => ({ value: 0 }));
      instruments.push(async () => `# TYPE ${name} counter\n${totals.render(({ value }, labels) => `${name}${braces(labels)} ${value}\n`)}`);
      return {
        add: (value, labels) => {
          totals.of(labels).value += value;
        },
      };
    },
    createHistogram: (name) => {
      const histograms = new Series(() => new Histogram());
      instruments.push(async () => `# TYPE ${name} histogram\n${histograms.render((histogram, labels) => histogram.render(name, labels))}`);
      return { record: (value, labels) => histograms.of(labels).record(value) };
    },
    createObservableGauge: (name) => ({
      addCallback: (read) => {
        instruments.push(() => renderGauge(name, read));
      },
    }),
    render: async () => (await Promise.all(instruments.map((render) => render()))).join(""),
  };
}

/** What is read off now; what cannot be read, is not shown. */
async function renderGauge(name: string, read: GaugeReader): Promise<string> {
  const values = new Series(() => ({ value: 0 }));
  try {
    await read({
      observe: (value, labels) => {
        values.of(labels).value = value;
      },
    });
  } catch {
    return "";
  }
  return `# TYPE ${name} gauge\n${values.render(({ value }, labels) => `${name}${braces(labels)} ${value}\n`)}`;
}

/** One state for each set of labels. An instrument always has the same labels in the same order. */
class Series<State> {
  readonly #create: () => State;
  readonly #byKey = new Map<string, { readonly labels: string; readonly state: State }>();

  constructor(create: () => State) {
    this.#create = create;
  }

  of(labels: Labels = {}): State {
    const key = Object.values(labels).join("\u0000");
    let entry = this.#byKey.get(key);
    if (entry === undefined) {
      const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
      entry = { labels: pairs.join(","), state: this.#create() };
      this.#byKey.set(key, entry);
    }
    return entry.state;
  }

  render(line: (state: State, labels: string) => string): string {
    return [...this.#byKey.values()].map(({ state, labels }) => line(state, labels)).join("");
  }
}

class Histogram {
  /** By the first bucket that a value fits in; the last one for what fits in none. */
  readonly #counts = new Array<number>(BUCKETS.length + 1).fill(0);
  #sum = 0;

  record(value: number): void {
    const bucket = BUCKETS.findIndex((bound) => value <= bound);
    const index = bucket === -1 ? BUCKETS.length : bucket;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += value;
  }

  render(name: string, labels: string): string {
    let below = 0;
    const lines = this.#counts.map((count, index) => {
      below += count;
      const bound = BUCKETS[index] ?? "+Inf";
      return `${name}_bucket{${labels === "" ? "" : `${labels},`}le="${bound}"} ${below}\n`;
    });
    return `${lines.join("")}${name}_sum${braces(labels)} ${this.#sum}\n${name}_count${braces(labels)} ${below}\n`;
  }
}

function braces(labels: string): string {
  return labels === "" ? "" : `{${labels}}`;
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (char) => (char === "\n" ? "\\n" : `\\${char}`));
}
