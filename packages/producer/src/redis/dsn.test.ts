import { inspect } from "node:util";
import { RrqError } from "@rrq/protocol";
import { expect, test } from "vitest";
import { describeAddress, parseDsn } from "./dsn.ts";

const tcp = { kind: "tcp", host: "h", port: 6379, tls: false, username: null, password: null, db: 0, protocol: null };
const unix = { kind: "unix", path: "/run/redis.sock", username: null, password: null, db: 0, protocol: null };

test.each<[string, string, object]>([
  ["a host alone: the default port and database", "redis://h", tcp],
  ["white space around it and the case of the scheme do not matter", "  REDIS://h\n", tcp],
  ["a port", "redis://h:6380", { ...tcp, port: 6380 }],
  ["a slash alone names no database", "redis://h:6379/", tcp],
  ["nor do two", "redis://h//", tcp],
  ["a database", "redis://h:6379/3", { ...tcp, db: 3 }],
  ["a fragment is ignored", "redis://h/3#x", { ...tcp, db: 3 }],
  ["unknown query keys are ignored", "redis://h/3?foo=bar", { ...tcp, db: 3 }],
  ["?db= for TCP", "redis://h?db=3", { ...tcp, db: 3 }],
  ["the path wins over ?db=", "redis://h/3?db=4", { ...tcp, db: 3 }],
  ["a password without a user", "redis://:pw@h", { ...tcp, password: "pw" }],
  ["user and password, percent-decoded", "redis://us%40er:p%2Fw%3A%25@h", { ...tcp, username: "us@er", password: "p/w:%" }],
  ["an @ in the password: the last one counts", "redis://u:p@w@h", { ...tcp, username: "u", password: "p@w" }],
  ["a colon in the password", "redis://u:p:w@h", { ...tcp, username: "u", password: "p:w" }],
  ["a user without a password", "redis://user@h", { ...tcp, username: "user" }],
  ["IPv6", "redis://[::1]:6379/0", { ...tcp, host: "::1" }],
  ["RESP3", "redis://h?protocol=resp3", { ...tcp, protocol: 3 }],
  ["RESP2", "redis://h?protocol=2", { ...tcp, protocol: 2 }],
  ["valkey", "valkey://h", tcp],
  ["TLS", "rediss://h", { ...tcp, tls: true }],
  ["valkey with TLS", "valkeys://h", { ...tcp, tls: true }],
  ["a socket", "unix:///run/redis.sock", unix],
  ["redis+unix", "redis+unix:///run/redis.sock", unix],
  ["valkey+unix", "valkey+unix:///run/redis.sock", unix],
  ["a socket with database, user and password", "unix:///run/redis.sock?db=2&user=u&pass=p%26w", { ...unix, db: 2, username: "u", password: "p&w" }],
  ["a socket's path is percent-decoded", "unix:///run/my%20redis.sock", { ...unix, path: "/run/my redis.sock" }],
])("[config §10] [trap 56] %s: %s", (_title, dsn, expected) => {
  expect(parseDsn(dsn)).toEqual(expected);
});

test.each<[string, string, object]>([
  [
    "Sentinel: every host, the master, the database",
    "redis+sentinel://u:p%40w@a:26380,b,[::1]:1/my%20master/2",
    {
      kind: "sentinel",
      sentinels: [
        { host: "a", port: 26_380 },
        { host: "b", port: 26_379 },
        { host: "::1", port: 1 },
      ],
      master: "my master",
      username: "u",
      password: "p@w",
      db: 2,
      protocol: null,
    },
  ],
  ["the database may be left out", "redis+sentinel://a/m", { master: "m", db: 0, password: null }],
])("[design §8] %s", (_title, dsn, expected) => {
  expect(parseDsn(dsn)).toMatchObject(expected);
});

function refusalOf(dsn: string): RrqError {
  try {
    parseDsn(dsn);
  } catch (error) {
    if (RrqError.is(error)) return error;
  }
  throw new Error(`${dsn} was not refused`);
}

test.each<[string, string, string]>([
  ["a path without a scheme", "/run/redis.sock", "scheme"],
  ["host and port without a scheme", "localhost:6379", "scheme"],
  ["another scheme", "http://h", "scheme"],
  ["an unknown variant", "redis+tls://h", "scheme"],
  ["upstream's other Sentinel scheme", "redis-sentinel://h", "scheme"],
  ["nothing", "", "scheme"],
  ["no host", "redis://", "no host"],
  ["a port without a host", "redis://:6379", "no host"],
  ["a port that is too large", "redis://h:65536", "1 to 65535"],
  ["port 0", "redis://h:0", "1 to 65535"],
  ["a port that is no number", "redis://h:x", "no host"],
  ["a database that is no number", "redis://h/abc", "whole number"],
  ["two databases", "redis://h/3/4", "whole number"],
  ["an encoded digit", "redis://h/%33", "whole number"],
  ["a negative database", "redis://h/-1", "whole number"],
  ["another protocol", "redis://h?protocol=bad", "resp2 and resp3"],
  ["certificates unchecked", "rediss://h#insecure", "tls_ca_file"],
  ["a socket with a host", "unix://run/redis.sock", "absolute path"],
  ["a stray %", "redis://:p%w@h", "%25"],
  ["Sentinel without a master", "redis+sentinel://a:1,b:2", "no master"],
])("[config §10] %s is refused, and the error says what it takes", (_title, dsn, part) => {
  expect(refusalOf(dsn)).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringContaining(part) as unknown });
});

test.each([
  "http://user:s3cret@h",
  "redis://user:s3cret@",
  "redis://user:s3cret@h/abc",
  "redis://user:s3cret@h:99999",
  "redis://user:s3cret%@h",
  "rediss://user:s3cret@h#insecure",
  "redis+sentinel://user:s3cret@h",
  "unix://user:s3cret@h/x",
  "s3cret",
])("[trap 57] an error about %s does not repeat the password", (dsn) => {
  expect(inspect(refusalOf(dsn), { depth: 9, showHidden: true })).not.toContain("s3cret");
});

test.each([
  ["redis://user:s3cret@h:1/2", "redis://h:1/2"],
  ["valkeys://:s3cret@[::1]", "rediss://[::1]:6379/0"],
  ["unix:///run/r.sock?user=u&pass=s3cret&db=1", "unix:///run/r.sock?db=1"],
  ["redis+sentinel://:s3cret@a,b:2/m/3", "redis+sentinel://a:26379,b:2/m/3"],
])("[trap 57] people see %s as %s", (dsn, shown) => {
  expect(describeAddress(parseDsn(dsn))).toBe(shown);
});
