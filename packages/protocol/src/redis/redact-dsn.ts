const HIDDEN = "***";

/** What a DSN's query may say aloud. */
const OPEN_PARAMETERS = new Set(["db", "protocol", "family"]);

/**
 * A Redis DSN as it may be shown: no user, no password, no query value that could be one. Takes any text, also one
 * that is no DSN, or one with an unescaped `@` or `/` in its password, and would rather hide too much.
 */
export function redactDsn(dsn: string): string {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is.exec(dsn.trim()) ?? [];
  const at = rest.lastIndexOf("@");
  const open = at === -1 ? hideBadPort(rest) : `${HIDDEN}@${rest.slice(at + 1)}`;
  return scheme + open.replace(/([?&])([^=&#]*)=([^&#]*)/g, (pair, mark: string, name: string) =>
    OPEN_PARAMETERS.has(name.toLowerCase()) ? pair : `${mark}${name}=${HIDDEN}`,
  );
}

/** `user:password` whose `@host` was forgotten looks like a host with a port that is no number. */
function hideBadPort(rest: string): string {
  return rest.replace(/^([^:/?#[\]]*):(?!\d*(?:[/?#,]|$))[^?#]*/, `$1:${HIDDEN}`);
}
