import { type ExecutionOutcome, jsonText, outcome } from "@rrq/protocol";
import { unsendable } from "./to-outcome.ts";

/**
 * The outcome as it would have come over a socket, for those who need none: values as JSON text, within the same limits.
 * Never throws.
 */
export function sealOutcome(told: ExecutionOutcome): ExecutionOutcome {
  try {
    if (told.type === "success") return outcome.success(jsonText(told.result, { what: "result" }));
    const details = told.error?.details;
    if (details === undefined) return told;
    // The same outcome: only its details have another form.
    return { ...told, error: { ...told.error, details: jsonText(details, { what: "error details" }) } } as ExecutionOutcome;
  } catch (error) {
    return unsendable(error);
  }
}
