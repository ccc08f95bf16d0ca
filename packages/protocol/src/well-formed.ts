/** With `u`, only surrogates without their other half match. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Whether `text` is whole characters, which UTF-8 can hold. (`String.prototype.isWellFormed` is not in our `lib`.) */
export function isWellFormed(text: string): boolean {
  return text.search(LONE_SURROGATE) < 0;
}

/** `text` with U+FFFD for every half of a surrogate pair. */
export function toWellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, "\ufffd");
}
