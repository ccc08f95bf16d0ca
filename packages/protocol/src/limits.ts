/** Bytes of JSON in one frame, header not counted: what every peer accepts. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** Open `{` and `[` at any place of a frame: what every peer accepts. */
export const MAX_DEPTH = 127;

/**
 * Bytes of the params or the result of one job that leave room in a frame for what is around them
 * (ids, trace and correlation context). A value that is enqueued under this limit can also be sent.
 */
export const MAX_VALUE_BYTES = MAX_FRAME_BYTES - 64 * 1024;

/** Levels that params or a result may nest: the frame around them has two. */
export const MAX_VALUE_DEPTH = MAX_DEPTH - 2;
