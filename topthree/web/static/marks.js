// What a button of the toolbar does to a text: pure functions from a text and a selection to one
// edit. An edit replaces the characters from `from` to `to` by `insert` and selects `start` to `end`.
"use strict";

const BLOCK = /^\s*(?:(?:[-*+]|\d+[.)]|>|#{1,6})\s+)*/u;
const BULLET = /^(\s*)[-*+]\s+/u;
const NUMBER = /^(\s*)\d+[.)]\s+/u;
const QUOTE = /^()>\s?/u;
const HEADING = /^()#{1,6}\s+/u;
const OPENING = /^(\s*)([-*+]|\d+[.)]|>)(\s+)/u;
const WORD = /[\p{L}\p{N}'’_-]/u;

const starsBefore = (text, at) => /\*{0,3}$/u.exec(text.slice(Math.max(0, at - 3), at))[0].length;
const starsAfter = (text, at) => /^\*{0,3}/u.exec(text.slice(at, at + 3))[0].length;

/** The selection without blanks and stars at its edges; the word around it, if it is empty. */
const wordsIn = (text, selection) => {
  let { start, end } = selection;
  if (start === end && WORD.test(text[start - 1] ?? "") && WORD.test(text[end] ?? "")) {
    while (WORD.test(text[start - 1] ?? "")) start -= 1;
    while (WORD.test(text[end] ?? "")) end += 1;
  }
  while (start < end && /[\s*]/u.test(text[start])) start += 1;
  while (end > start && /[\s*]/u.test(text[end - 1])) end -= 1;
  return { start, end };
};

const aroundWords = (text, selection, mark) => {
  const { start, end } = wordsIn(text, selection);
  const outside = Math.min(starsBefore(text, start), starsAfter(text, end));
  const size = mark.length;
  const isMarked = size === 2 ? outside >= 2 : outside % 2 === 1;
  const words = text.slice(start, end);
  return isMarked
    ? { from: start - size, to: end + size, insert: words, start: start - size, end: end - size }
    : { from: start, to: end, insert: mark + words + mark, start: start + size, end: end + size };
};

/** Emphasis ends with its paragraph, so that several lines are marked each. */
const aroundLines = (text, { start, end }, mark) => {
  const lines = text.slice(start, end).split("\n").map((line) => {
    const opening = BLOCK.exec(line)[0];
    const words = line.slice(opening.length).trim();
    return words ? opening + mark + words + mark : line;
  });
  const insert = lines.join("\n");
  return { from: start, to: end, insert, start, end: start + insert.length };
};

const around = (mark) => (text, selection) =>
  text.slice(selection.start, selection.end).trim().includes("\n")
    ? aroundLines(text, selection, mark)
    : aroundWords(text, selection, mark);

const wholeLines = (text, { start, end }) => {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  // A selection that ends at the beginning of a line does not mean that line.
  const last = end > start && text[end - 1] === "\n" ? end - 1 : end;
  const next = text.indexOf("\n", last);
  return { from, to: next === -1 ? text.length : next };
};

/** Let the lines begin with something, or no longer, if all of them do. */
const lineStart = (pattern, opening, others = []) => (text, selection) => {
  const { from, to } = wholeLines(text, selection);
  const lines = text.slice(from, to).split("\n");
  const meant = lines.filter((line) => line.trim() || lines.length === 1);
  if (meant.every((line) => pattern.test(line))) {
    const insert = lines.map((line) => line.replace(pattern, "$1")).join("\n");
    return { from, to, insert, start: from, end: from + insert.length };
  }
  let count = 0;
  const begun = lines.map((line) => {
    if (!meant.includes(line)) return line;
    count += 1;
    const bare = [pattern, ...others].reduce((rest, other) => rest.replace(other, "$1"), line);
    return opening(count) + bare;
  });
  // Otherwise the line before or after would be taken into it.
  const before = /(?:^|\n)([^\n]*)\n$/u.exec(text.slice(0, from))?.[1] ?? "";
  const after = /^\n([^\n]*)/u.exec(text.slice(to))?.[1] ?? "";
  const needsRoom = (line) => line.trim() !== "" && !pattern.test(line);
  const insert = (needsRoom(before) ? "\n" : "") + begun.join("\n") + (needsRoom(after) ? "\n" : "");
  const end = from + insert.length - (needsRoom(after) ? 1 : 0);
  return { from, to, insert, start: lines.length > 1 ? from : end, end };
};

const link = (text, { start, end }) => {
  const words = text.slice(start, end);
  if (/^(?:https?:\/\/|mailto:)\S+$/u.test(words.trim())) {
    const insert = `[](${words.trim()})`;
    return { from: start, to: end, insert, start: start + 1, end: start + 1 };
  }
  const address = "https://";
  const at = start + words.length + 3;
  const insert = `[${words}](${address})`;
  // Without words they come first, with them the address.
  return words
    ? { from: start, to: end, insert, start: at, end: at + address.length }
    : { from: start, to: end, insert, start: start + 1, end: start + 1 };
};

export const marks = {
  bold: around("**"),
  italic: around("*"),
  link,
  bullets: lineStart(BULLET, () => "- ", [NUMBER]),
  numbers: lineStart(NUMBER, (count) => `${count}. `, [BULLET]),
  quote: lineStart(QUOTE, () => "> "),
  heading: lineStart(HEADING, () => "### "),
};

/** What Enter does at the end of an entry: begin the next one, or end the list if it is empty. */
export const nextEntry = (text, { start, end }) => {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const line = text.slice(from, start);
  const opening = OPENING.exec(line);
  if (start !== end || !opening) return null;
  if (!line.slice(opening[0].length).trim()) return { from, to: end, insert: "", start: from, end: from };
  const [, indent, mark, gap] = opening;
  const next = /^\d/u.test(mark) ? `${parseInt(mark, 10) + 1}${mark.at(-1)}` : mark;
  const insert = `\n${indent}${next}${gap}`;
  return { from: start, to: end, insert, start: start + insert.length, end: start + insert.length };
};

/** What pasting an address over words does. */
export const linked = (text, { start, end }, address) => {
  const insert = `[${text.slice(start, end)}](${address})`;
  return { from: start, to: end, insert, start: start + insert.length, end: start + insert.length };
};

/** What pasting text does: several blocks get room around them. */
export const placed = (text, { start, end }, markdown) => {
  const isBlocks = markdown.includes("\n") || OPENING.test(markdown) || HEADING.test(markdown);
  const before = text.slice(0, start);
  const after = text.slice(end);
  const above = !isBlocks || !before.trim() || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const below = !isBlocks || !after.trim() || after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
  const insert = above + markdown + below;
  const at = start + above.length + markdown.length;
  return { from: start, to: end, insert, start: at, end: at };
};
