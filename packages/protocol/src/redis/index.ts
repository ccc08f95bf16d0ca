export { channels, DEFAULT_DLQ, DEFAULT_QUEUE, keys, prefixes } from "./keys.ts";
