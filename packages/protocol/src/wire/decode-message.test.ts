import { describe, expect, test } from "vitest";
import { JsonText } from "../json-text.ts";
import { decode, invalid, NO_IDS, request, requestBody } from "../testing/decoded.ts";
import { decodeMessage } from "./decode-message.ts";
import type { Message } from "./message.ts";

describe("[wire §2] the envelope", () => {
  test.each<[string, string, unknown]>([
    ["the payload may come first", '{"payload":{"job_id":"job-1"},"type":"cancel"}', { kind: "cancel" }],
    ["other keys are ignored", '{"v":[1],"type":"cancel","payload":{"job_id":"job-1"},"v":2}', { kind: "cancel" }],
    ["white space is ignored", ' {\n"type" :\t"cancel" , "payload" : { "job_id" : "job-1" } } \r\n', { kind: "cancel" }],
    ["keys and values may be escaped", String.raw`{"\u0074ype":"c\u0061ncel","payload":{"job\u005fid":"job-1"}}`, { kind: "cancel", jobId: "job-1" }],
    ["the type is case-sensitive", '{"type":"Cancel","payload":{"job_id":"job-1"}}', { kind: "invalid", type: null }],
    ["the type is no name of Object.prototype", '{"type":"constructor","payload":{}}', { kind: "invalid", type: null }],
    ["the type must be there", '{"payload":{"job_id":"job-1"}}', { kind: "invalid", type: null, jobId: "job-1" }],
    ["the type must be a string", '{"type":5,"payload":{"job_id":"job-1"}}', { kind: "invalid", type: null, jobId: "job-1" }],
    ["the payload must be an object", '{"type":"cancel","payload":[{"job_id":"job-1"}]}', { kind: "invalid", type: "cancel" }],
    ["the payload must not be null", '{"type":"cancel","payload":null}', { kind: "invalid", type: "cancel" }],
    ["the type must not come twice", '{"type":"cancel","type":"cancel","payload":{"job_id":"job-1"}}', { kind: "invalid", type: null, jobId: "job-1" }],
    ["the payload must not come twice", '{"type":"cancel","payload":{"job_id":"job-1"},"payload":{"job_id":"job-1"}}', { kind: "invalid", type: "cancel", jobId: null }],
  ])("%s", (_title, body, message) => {
    expect(decode(body)).toMatchObject(message as object);
  });
});

describe("[wire §5] tolerance", () => {
  const withParams = (params: string): string => requestBody({ params: 0 }).replace('"params":0', `"params":${params}`);
  const nested = (levels: number): string => '{"a":'.repeat(levels) + "1" + "}".repeat(levels);
  const ignored = '"x":[{"y":null}],"z":1e999,';

  test.each<[string, string, unknown]>([
    ["unknown keys at any level", requestBody().replaceAll('{"', `{${ignored}"`), request()],
    ["a number as version", requestBody({ protocol_version: 2 }), invalid("request", /protocol_version must be a string/)],
    ["a known key twice", requestBody().replace('"function_name"', '"function_name":"a","function_name"'), invalid("request", "payload.function_name comes twice")],
    ["a known key twice, once escaped", requestBody().replace('"function_name"', String.raw`"function\u005fname":"a","function_name"`), invalid("request", "payload.function_name comes twice")],
    ["a known key of the context twice", requestBody().replace('"attempt"', '"attempt":1,"attempt"'), invalid("request", "payload.context.attempt comes twice")],
    ["an id twice: nobody knows whose it is", requestBody().replace('"request_id"', '"request_id":"a","request_id"'), invalid("request", "payload.request_id comes twice", { requestId: null })],
    ["a known key of another message twice", requestBody().replace('"function_name"', '"status":1,"status":2,"function_name"'), request()],
    ["an unknown key twice", requestBody().replace('"function_name"', '"x":1,"x":2,"function_name"'), request()],
    ["an array for an envelope", '["request",{"job_id":"job-1"}]', invalid(null, "no JSON object", NO_IDS)],
    ["a scalar for an envelope", '"request"', invalid(null, "no JSON object", NO_IDS)],
    ["nothing but white space", "  ", invalid(null, "no JSON object", NO_IDS)],
    ["a byte order mark", `\ufeff${requestBody()}`, invalid(null, "no JSON object", NO_IDS)],
    ["white space behind the object", `${requestBody()} \n`, request()],
    ["other bytes behind the object", `${requestBody()}x`, invalid("request", /^no JSON from character/)],
    ["a second object behind the object", `${requestBody()}{}`, invalid("request", /^no JSON from character/)],
    ["a lone surrogate in params", withParams(String.raw`{"a":"\ud800"}`), invalid("request", /^half of a surrogate pair/)],
    ["a lone surrogate in an unknown key", requestBody().replace('"function_name"', String.raw`"\udc00":1,"function_name"`), invalid("request", /^half of a surrogate pair/)],
    ["a pair of surrogates", withParams(String.raw`{"a":"\ud83d\ude00"}`), request({ params: new JsonText(String.raw`{"a":"\ud83d\ude00"}`) })],
    ["NaN", withParams('{"a":NaN}'), invalid("request", /^no JSON from character/)],
    ["Infinity", withParams('{"a":-Infinity}'), invalid("request", /^no JSON from character/)],
    ["numbers beyond all doubles are carried", withParams('{"a":1e400}'), request({ params: new JsonText('{"a":1e400}') })],
    ["numbers are carried as they are written", withParams('{"a":1.0,"b":18446744073709551617}'), request({ params: new JsonText('{"a":1.0,"b":18446744073709551617}') })],
    ["params of 125 levels", withParams(nested(125)), request({ params: new JsonText(nested(125)) })],
    ["params of 126 levels", withParams(nested(126)), invalid("request", "nested over 127 levels")],
    ["params of 100,000 levels: what comes behind is not read", withParams(nested(100_000)), invalid("request", "nested over 127 levels")],
    ["127 levels under an unknown key", `{"x":${"[".repeat(126)}${"]".repeat(126)},${requestBody().slice(1)}`, request()],
    ["128 levels under an unknown key", `{"x":${"[".repeat(127)}${"]".repeat(127)},${requestBody().slice(1)}`, invalid("request", "nested over 127 levels")],
  ])("%s", (_title, body, message) => {
    expect(decode(body)).toEqual(message);
  });

  test("the objects that are looked into count as levels", () => {
    const deep = (levels: number): Message => decode(`{"type":"response","payload":{"status":"error","error":{"message":"m","details":${"[".repeat(levels)}${"]".repeat(levels)}}}}`);
    expect(deep(124)).toMatchObject({ kind: "response" });
    expect(deep(125)).toMatchObject({ kind: "invalid" });
  });

  test.each<[string, number[]]>([
    ["a byte that starts nothing", [0xff]],
    ["a sequence cut short", [0xe2, 0x82]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
  ])("bytes that are no UTF-8: %s", (_title, bytes) => {
    const [before = "", after = ""] = withParams('{"a":"@"}').split("@");
    const body = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
    expect(decodeMessage(body)).toEqual(invalid("request", "bytes that are no UTF-8"));
  });

  test("a decoder that met such bytes reads the next frame", () => {
    decodeMessage(Buffer.from([0x7b, 0xe2, 0x82]));
    expect(decode(requestBody())).toEqual(request());
  });
});

describe("[wire §12] an invalid frame names its request whenever that can be read", () => {
  test.each<[string, string, object]>([
    ["broken JSON behind the ids", '{"type":"response","payload":{"job_id":"job-1","request_id":"req-1","status":"success","result":NaN}}', {}],
    ["the end of the frame behind the ids", '{"type":"response","payload":{"job_id":"job-1","request_id":"req-1","stat', {}],
    ["the ids behind what is too deep", `{"type":"response","payload":{"result":${"[".repeat(200)}${"]".repeat(200)},"job_id":"job-1","request_id":"req-1"}}`, {}],
    ["the ids behind half of a surrogate pair", String.raw`{"type":"response","payload":{"result":"\ud800","job_id":"job-1","request_id":"req-1"}}`, {}],
    ["an id cut short is none", '{"type":"response","payload":{"job_id":"job-1","request_id":"req-', { requestId: null }],
    ["an id that is no characters is none", String.raw`{"type":"response","payload":{"job_id":"job-1","request_id":"\ud800"}}`, { requestId: null }],
    ["an escaped id", String.raw`{"type":"response","payload":{"job_id":"job-1","request_id":"req\u002d1"}}`, {}],
    ["ids in the wrong place are none", '{"type":"response","job_id":"job-1","request_id":"req-1","payload":[]}', NO_IDS],
    ["a type behind the payload", '{"payload":{"job_id":"job-1","request_id":"req-1"},"type":"response"}', {}],
  ])("%s", (_title, body, ids) => {
    expect(decode(body)).toEqual(invalid("response", /./, ids));
  });

  test("an empty body is invalid", () => {
    expect(decodeMessage(Buffer.alloc(0))).toEqual(invalid(null, "no JSON object", NO_IDS));
  });
});
