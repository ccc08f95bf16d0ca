import { describe, expect, test } from "vitest";
import { LineSplitter } from "./line-splitter.ts";

const bytes = (...parts: (string | number[])[]): Buffer => Buffer.concat(parts.map((part) => Buffer.from(part as string)));

function split(input: Buffer, chunkBytes: number, maxBytes = 10): string[] {
  const splitter = new LineSplitter(maxBytes);
  const lines: string[] = [];
  for (let at = 0; at < input.length; at += chunkBytes) lines.push(...splitter.push(input.subarray(at, at + chunkBytes)));
  return [...lines, ...splitter.end()];
}

describe.each([1, 2, 3, 7, 1_000])("[trap 41] in chunks of %d bytes", (chunkBytes) => {
  test.each<[string, Buffer, string[]]>([
    ["nothing", bytes(""), []],
    ["lines", bytes("one\ntwo\n"), ["one", "two"]],
    ["empty lines", bytes("\n\na\n"), ["", "", "a"]],
    ["the last words, without a line end", bytes("one\ntwo"), ["one", "two"]],
    ["line ends of Windows", bytes("one\r\ntwo\r\n"), ["one", "two"]],
    ["a carriage return within a line stays", bytes("o\rne\n"), ["o\rne"]],
    ["characters of many bytes", bytes("äöü€\n😀\n"), ["äöü€", "😀"]],
    ["bytes that are no UTF-8 are replaced, and end nothing", bytes([0xff, 0xfe], "x\nnext\n"), ["\ufffd\ufffdx", "next"]],
    ["as long as may be", bytes("0123456789\n"), ["0123456789"]],
    ["a line that is too long is cut, and the next one is whole", bytes("0123456789abc\nnext\n"), ["0123456789 … (cut)", "next"]],
    ["an endless line at the end", bytes("x".repeat(500)), [`${"x".repeat(10)} … (cut)`]],
    ["cut within a character of two bytes", bytes("012345678ä\n"), ["012345678 … (cut)"]],
    ["… of three", bytes("01234567€\n"), ["01234567 … (cut)"]],
    ["… of four", bytes("0123456😀\n"), ["0123456 … (cut)"]],
    ["cut just behind a character", bytes("012345😀x\n"), ["012345😀 … (cut)"]],
  ])("%s", (_title, input, lines) => {
    expect(split(input, chunkBytes)).toEqual(lines);
  });
});

test("[trap 41] an end that comes twice tells nothing twice", () => {
  const splitter = new LineSplitter(10);
  splitter.push(bytes("last"));
  expect([splitter.end(), splitter.end()]).toEqual([["last"], []]);
});
