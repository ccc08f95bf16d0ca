const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Calls `listener` for each signal that asks a process to stop, in place of what Node does. */
export function onStopSignals(listener: () => void): Disposable {
  for (const signal of SIGNALS) process.on(signal, listener);
  return {
    [Symbol.dispose]: () => {
      for (const signal of SIGNALS) process.off(signal, listener);
    },
  };
}
