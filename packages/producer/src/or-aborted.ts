/** The answer, or `why()` as soon as the signal fires, whichever comes first. What is asked goes on. */
export async function orAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined, why: () => Error): Promise<T> {
  if (signal === undefined) return answer;
  let onAbort = (): void => undefined;
  const abortion = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(why());
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([answer, abortion]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
