import { expect, test } from "vitest";
import { readResource } from "./read-resource.ts";

test.each<[string, string | undefined, string | undefined, string, Record<string, string>]>([
  ["nothing is set", undefined, undefined, "rrq", {}],
  ["its variable is set", "mailer", "service.name=other", "mailer", {}],
  ["its variable is blank", " ", "service.name=other", "other", {}],
  ["it is among the attributes", undefined, "a=b, service.name = 'mail er' ", "mail er", { a: "b" }],
  ["it is empty among the attributes", undefined, 'service.name="",a=1', "rrq", { a: "1" }],
  ["it comes after a pair without =", undefined, "a=b,broken,service.name=late", "rrq", { a: "b" }],
  ["it is there twice", undefined, "service.name=one,service.name=two", "one", {}],
  ["others are set", undefined, 'deployment.environment="prod",service.version=1.2=3', "rrq", { "deployment.environment": "prod", "service.version": "1.2=3" }],
])("[telemetry §2] the service and its attributes when %s", (_title, name, attributes, serviceName, others) => {
  const env = { OTEL_SERVICE_NAME: name, OTEL_RESOURCE_ATTRIBUTES: attributes };
  expect(readResource(env)).toEqual({ serviceName, attributes: { ...others, "service.name": serviceName } });
});
