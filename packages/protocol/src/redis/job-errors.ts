import { isStoredJson } from "./stored-json.ts";

/** How one attempt of a job ended without success. */
export interface PastError {
  /** RFC 3339. */
  readonly at: string;
  /** From 1. */
  readonly attempt: number;
  readonly message: string;
}

/** The last errors of a job, the latest last. What cannot be read is left out. */
export function readPastErrors(text: string | undefined): readonly PastError[] {
  const list: unknown = text !== undefined && isStoredJson(text) ? JSON.parse(text) : [];
  return Array.isArray(list) ? list.filter(isPastError) : [];
}

function isPastError(value: unknown): value is PastError {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Partial<PastError>).at === "string" &&
    typeof (value as Partial<PastError>).attempt === "number" &&
    typeof (value as Partial<PastError>).message === "string"
  );
}
