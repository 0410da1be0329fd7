import { describe, expect, it } from "vitest";
import { SqlError } from "../../runtime/contract/errors.ts";
import { limits } from "../../runtime/contract/limits.ts";
import { lex } from "./lexer.ts";

const values = (text: string): readonly string[] => lex(text).map((token) => `${token.kind}:${token.value}`);

describe("lex", () => {
  it.each([
    ["SELECT Straße, Ünï", ["word:select", "word:straße", "mark:,", "word:Ünï"]],
    ['"a""B" `c``d`', ['quoted:a"B', "quoted:c`d"]],
    ["'it''s' N'x'", ["string:it's", "string:x"]],
    ["'a'\n  -- between\n 'b'", ["string:ab"]],
    ["'a' 'b'", ["string:a", "string:b"]],
    ["$$a'b$$ $q$ $$ $q$", ["string:a'b", "string: $$ "]],
    [String.raw`E'a\n\'\x41\101\u0042\\'`, ["string:a\n'AAB\\"]],
    [String.raw`E'\xC3\xA9 \uD83D\uDE00'`, ["string:é 😀"]],
    [String.raw`'a\n'`, [String.raw`string:a\n`]],
    [String.raw`U&'d\0061t\+000061 \\' U&"\0061" U&'!0061' UESCAPE '!'`, ["string:data \\", "quoted:a", "string:a"]],
    ["B'101' x'1F'", ["bits:b101", "bits:x1F"]],
    [
      "1 1.5 .5 1. 1e10 1.5E-3 1_000 0x1F 0b1_0 0o17 1..2",
      [
        "number:1",
        "number:1.5",
        "number:.5",
        "number:1.",
        "number:1e10",
        "number:1.5E-3",
        "number:1_000",
        "number:0x1F",
        "number:0b1_0",
        "number:0o17",
        "number:1",
        "mark:.",
        "number:.2",
      ],
    ],
    ["$1 $23", ["parameter:1", "parameter:23"]],
    ["a/* x /* y */ z */b--c\nd", ["word:a", "word:b", "word:d"]],
    ["a<=-1", ["word:a", "operator:<=", "operator:-", "number:1"]],
    [
      "a@-1 b=>-c d::e f:=g",
      [
        "word:a",
        "operator:@-",
        "number:1",
        "word:b",
        "operator:=>",
        "operator:-",
        "word:c",
        "word:d",
        "operator:::",
        "word:e",
        "word:f",
        "operator::=",
        "word:g",
      ],
    ],
    ["j->>'a'#>>'b'*--x", ["word:j", "operator:->>", "string:a", "operator:#>>", "string:b", "operator:*"]],
    ["+/*c*/-", ["operator:+", "operator:-"]],
    ["\uFEFFselect a$b", ["word:select", "word:a$b"]],
  ])("reads %j", (text, expected) => expect(values(text)).toEqual(expected));

  it("counts offsets in UTF-16 units from the base", () => {
    expect(lex("é '😀' x", 10).map(({ start, end }) => [start, end])).toEqual([
      [10, 11],
      [12, 16],
      [17, 18],
    ]);
  });

  it.each([
    ["select 'abc", "unterminated quoted string", 7, "42601"],
    ['select "abc', "unterminated quoted identifier", 7, "42601"],
    ["x /* a /* b */", "unterminated /* comment", 2, "42601"],
    ["select $a$ b $b$", "unterminated dollar-quoted string", 7, "42601"],
    ['select ""', 'zero-length delimited identifier at or near """"', 7, "42601"],
    ["select 12ab", 'trailing junk after numeric literal at or near "12ab"', 7, "42601"],
    ["select 1e", 'trailing junk after numeric literal at or near "1e"', 7, "42601"],
    ["select $1a", 'trailing junk after parameter at or near "$1a"', 7, "42601"],
    ["select \\d", 'syntax error at or near "\\"', 7, "42601"],
    ["select $ 1", 'syntax error at or near "$"', 7, "42601"],
    ["select b'12'", '"2" is not a valid binary digit', 7, "42601"],
    [String.raw`select E'\u12'`, "invalid Unicode escape", 9, "42601"],
    [String.raw`select E'\uD83D'`, "invalid Unicode surrogate pair", 8, "42601"],
    [String.raw`select E'\xff'`, 'invalid byte sequence for encoding "UTF8": 0xff', 8, "22021"],
    [String.raw`select E'a\000'`, 'invalid byte sequence for encoding "UTF8": 0x00', 8, "22021"],
    [String.raw`select U&'\00'`, "invalid Unicode escape", 7, "42601"],
  ])("refuses %j", (text, message, at, sqlState) => {
    expect(() => lex(text)).toThrowError(SqlError);
    expect(() => lex(text)).toThrowError(expect.objectContaining({ message, at, sqlState }));
  });

  it("limits nesting and tokens, with the position of the one too many", () => {
    const deep = "(".repeat(limits.nesting_max);
    expect(lex(deep + ")".repeat(limits.nesting_max))).toHaveLength(2 * limits.nesting_max);
    expect(() => lex(`${deep}(`)).toThrowError(expect.objectContaining({ sqlState: "54001", at: limits.nesting_max }));
    expect(() => lex(",".repeat(limits.tokens_max + 1))).toThrowError(
      expect.objectContaining({ sqlState: "54001", at: limits.tokens_max }),
    );
  });
});
