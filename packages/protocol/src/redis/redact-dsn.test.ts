import fc from "fast-check";
import { expect, test } from "vitest";
import { redactDsn } from "./redact-dsn.ts";

test.each<[dsn: string, shown: string]>([
  ["redis://h", "redis://h"],
  ["redis://h:6379/3", "redis://h:6379/3"],
  ["redis://[::1]:6379/0", "redis://[::1]:6379/0"],
  ["redis://:6379", "redis://:6379"],
  ["localhost:6379", "localhost:6379"],
  ["redis://:pw@h", "redis://***@h"],
  ["redis://user:pw@h:1/2", "redis://***@h:1/2"],
  ["REDISS://user@h", "REDISS://***@h"],
  ["redis://u:p@ss/w?x=y@h:1/2", "redis://***@h:1/2"],
  ["u:p@h", "***@h"],
  ["rediss://h/0?db=2&password=pw#insecure", "rediss://h/0?db=2&password=***#insecure"],
  ["unix:///run/redis?db=2&user=u&pass=pw", "unix:///run/redis?db=2&user=***&pass=***"],
  ["redis+sentinel://u:pw@a:1,b:2/main/0", "redis+sentinel://***@a:1,b:2/main/0"],
  ["redis+sentinel://a:1,b:2/main/0", "redis+sentinel://a:1,b:2/main/0"],
  ["redis://user:pw", "redis://user:***"],
  ["redis://:pw", "redis://:***"],
  ["", ""],
])("%s is shown as %s [trap 57] [config §10]", (dsn, shown) => {
  expect(redactDsn(dsn)).toBe(shown);
});

test("no password shows, whatever is in it [trap 57]", () => {
  const secret = fc.stringMatching(/^[a-z0-9/?#:&=@%+]{4,20}$/).map((text) => `SECRET${text}SECRET`);
  fc.assert(
    fc.property(secret, fc.constantFrom("", "user"), (password, user) => {
      expect(redactDsn(`redis://${user}:${password}@host:6379/1`)).toBe("redis://***@host:6379/1");
    }),
  );
});
