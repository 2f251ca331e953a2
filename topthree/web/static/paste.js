// From what a clipboard holds as HTML to Markdown: paragraphs, lists, quotations, headings, links,
// bold and italic stay; everything else goes, and what was text stays text. Nothing of the HTML is
// put into a page: it is read in a document of its own, which runs nothing and fetches nothing.
"use strict";

const SKIPPED = new Set([
  "SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT", "IFRAME", "OBJECT", "EMBED", "SVG", "MATH", "HEAD", "TITLE",
  "META", "LINK", "DEL", "SELECT", "TEXTAREA", "BUTTON", "INPUT", "X-STYLE", "AUDIO", "VIDEO", "CANVAS", "XML",
]);
const BLOCKS = new Set([
  "ADDRESS", "ARTICLE", "ASIDE", "BLOCKQUOTE", "BODY", "CAPTION", "CENTER", "DD", "DETAILS", "DIV", "DL",
  "DT", "FIELDSET", "FIGCAPTION", "FIGURE", "FOOTER", "FORM", "H1", "H2", "H3", "H4", "H5", "H6",
  "HEADER", "HR", "LI", "MAIN", "NAV", "OL", "P", "PRE", "SECTION", "SUMMARY", "TABLE", "TBODY", "TD",
  "TFOOT", "TH", "THEAD", "TR", "UL",
]);
const HEADINGS = /^H[1-6]$/u;
const NOT_SHOWN = /display:none|visibility:hidden|mso-hide:all|mso-element:(?:comment|footnote-list)/u;
const COMMENTED = /\b(?:MsoCommentReference|msocomanchor|MsoCommentText)\b/u;
const QUOTED = /\bMso(?:Intense)?Quote/u;
// Elements that stay open until they are closed.
const NESTING = /^(?!(?:area|br|col|embed|hr|img|input|link|meta|o:p|p|li|tr|td|th|dd|dt|source|wbr)$)/iu;
const PUNCTUATION = /[\p{P}\p{S}]/u;

// Nested deeper than any text, the parser takes minutes.
const DEEPEST = 1_000;

/**
 * The HTML with its styles under other names: the parser would try to apply them, and the page's
 * policy would complain. Null if it is no text that somebody wrote.
 */
const withIdleStyles = (html) => {
  let depth = 0;
  let deepest = 0;
  const idle = html.replace(/<(\/?)([a-z][a-z\d:]*)([^>]*)/giu, (_, slash, name, rest) => {
    if (NESTING.test(name)) {
      depth = slash ? Math.max(0, depth - 1) : depth + 1;
      deepest = Math.max(deepest, depth);
    }
    const tag = name.toLowerCase() === "style" ? "x-style" : name;
    return `<${slash}${tag}${rest.replace(/([\s"'/])style\s*=/giu, "$1data-style=")}`;
  });
  return deepest > DEEPEST ? null : idle;
};

const styleOf = (element) =>
  (element.dataset?.style ?? "").replace(/\s*([:;,])\s*/gu, "$1").toLowerCase();

/** The address that a link really leads to, or nothing if it may not lead there. */
const addressOf = (element) => {
  let url;
  try {
    url = new URL((element.getAttribute("href") ?? "").trim());
    const isSafelink = url.hostname.endsWith(".safelinks.protection.outlook.com");
    const isRedirect = /^www\.google\.[a-z.]+$/u.test(url.hostname) && url.pathname === "/url";
    const inner = isSafelink ? url.searchParams.get("url")
      : isRedirect ? url.searchParams.get("q") ?? url.searchParams.get("url") : null;
    if (inner) url = new URL(inner);
  } catch {
    return "";
  }
  // "https://agency.gov@elsewhere.example" leads elsewhere.
  if (!["https:", "http:", "mailto:"].includes(url.protocol) || url.username) return "";
  return url.href.replace(/[()\\<>*_[\]]/gu, (sign) =>
    "_*".includes(sign) ? sign : `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
};

// Text that stays as it is: what Markdown would take for a mark gets a backslash.
const escaped = (text) => text
  .replace(/\\(?=[!-/:-@[-`{-~])/gu, "\\\\")
  .replace(/[*`]/gu, "\\$&")
  .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_")
  .replace(/<(?=[a-z/!?])/giu, "\\<")
  .replace(/&(?=#?\w+;)/gu, "\\&")
  .replace(/[[\]]/gu, "\\$&");
const escapedStart = (line) => line
  .replace(/^(#{1,6}|[-+>]|=+|-{2,})(?=\s|$)/u, "\\$1")
  .replace(/^>/u, "\\>")
  .replace(/^(\d{1,9})([.)])(?=\s|$)/u, "$1\\$2");

/** One paragraph's runs of text as Markdown. */
const inline = (runs, { isHeading = false } = {}) => {
  const joined = [];
  for (const run of runs) {
    const kind = `${run.isBold && !isHeading} ${run.isItalic} ${run.href}`;
    const last = joined.at(-1);
    if (last?.kind === kind) last.text += run.text;
    else joined.push({ ...run, kind, isBold: run.isBold && !isHeading });
  }
  for (const run of joined) run.text = run.text.replace(/[ \t\f\r\u00a0]+/gu, " ");
  const written = joined.map((run, index) => {
    const [, before, words, after] = /^([ \n]*)([^]*?)([ \n]*)$/u.exec(run.text);
    if (!words) return run.text;
    const mark = (run.isBold ? "**" : "") + (run.isItalic ? "*" : "");
    if (run.href) {
      const name = escaped(words).replace(/\n/gu, " ");
      const isBare = words === run.href || `${words}/` === run.href;
      return before + (isBare ? `<${run.href}>` : `${mark}[${name}](${run.href})${mark}`) + after;
    }
    return before + marked(words, mark, before || joined[index - 1]?.text, after || joined[index + 1]?.text) + after;
  }).join("");
  return written.replace(/ *\n */gu, "\n").replace(/ {2,}/gu, " ").trim();
};

// A mark between a sign and a letter would be no mark: the signs stay outside.
const marked = (words, mark, before = " ", after = " ") => {
  if (!mark) return escaped(words);
  const [, opening, inner, closing] = /^([\p{P}\p{S}]*)([^]*?)([\p{P}\p{S}]*)$/u.exec(words);
  if (!inner) return escaped(words);
  const isClear = (sign) => /\s/u.test(sign) || PUNCTUATION.test(sign);
  const left = opening && !isClear(before.at(-1) ?? " ") ? opening : "";
  const right = closing && !isClear(after[0] ?? " ") ? closing : "";
  const kept = words.slice(left.length, words.length - right.length);
  // A mark does not reach over the end of a paragraph, nor over a line that is broken.
  const lines = kept.split("\n").map((line) => (line.trim() ? mark + escaped(line.trim()) + mark : ""));
  return escaped(left) + lines.join("\n") + escaped(right);
};

/** Reads a document into blocks: paragraphs, headings and entries, each with its runs. */
class Reader {
  blocks = [];
  #runs = [];

  read(node, context) {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) this.#write(child.data, context);
      else if (child.nodeType === Node.ELEMENT_NODE) this.#readElement(child, context);
    }
  }

  #write(text, context) {
    this.#runs.push({
      text: context.keepsLines ? text : text.replace(/[ \t\f\r\n]+/gu, " "),
      isBold: context.isBold,
      isItalic: context.isItalic,
      href: context.href,
    });
  }

  #readElement(element, context) {
    const name = element.tagName.toUpperCase();
    const style = styleOf(element);
    if (SKIPPED.has(name) || NOT_SHOWN.test(style) || COMMENTED.test(element.className)) return;
    if (style.includes("mso-list:ignore")) return;
    if (name === "BR") return this.#write("\n", { ...context, keepsLines: true });
    const inner = contextOf(element, name, style, context);
    if (!BLOCKS.has(name)) return this.read(element, inner);
    this.close(context);
    this.read(element, inner);
    this.close(inner);
  }

  /** End the paragraph that is being read. */
  close(context) {
    const runs = this.#runs;
    this.#runs = [];
    const text = inline(runs, context);
    for (const part of text.split(/\n{2,}/u)) {
      const words = part.trim();
      if (!words) continue;
      const { isHeading, isQuote, entry } = context;
      const isFirst = entry && !entry.isBegun;
      if (isFirst) entry.isBegun = true;
      this.blocks.push({ words, isHeading, isQuote, entry, isFirst });
    }
  }
}

const contextOf = (element, name, style, context) => {
  const inner = { ...context };
  const weight = /(?:^|;)font-weight:(\w+)/u.exec(style)?.[1];
  if (weight) inner.isBold = weight === "bold" || weight === "bolder" || Number(weight) >= 600;
  else if (name === "B" || name === "STRONG") inner.isBold = true;
  const slant = /(?:^|;)font-style:(\w+)/u.exec(style)?.[1];
  if (slant) inner.isItalic = slant === "italic" || slant === "oblique";
  else if (["I", "EM", "CITE"].includes(name)) inner.isItalic = true;
  if (name === "A") inner.href = addressOf(element);
  if (name === "PRE") inner.keepsLines = true;
  if (HEADINGS.test(name)) Object.assign(inner, { isHeading: true, isBold: false });
  if (name === "BLOCKQUOTE" || QUOTED.test(element.className)) {
    // Word's own quotations are set in italics throughout.
    Object.assign(inner, { isQuote: true, isItalic: name === "BLOCKQUOTE" && inner.isItalic });
  }
  if (name === "UL" || name === "OL") {
    const list = { isOrdered: name === "OL", level: (context.list?.level ?? 0) + 1 };
    inner.list = list;
  }
  if (name === "LI") {
    const { isOrdered = false, level = 1 } = context.list ?? {};
    // Word for the web puts each entry into a list of its own and says how deep it is.
    inner.entry = { isOrdered, level: Number(element.dataset.ariaLevel) || level, isBegun: false };
  }
  const listed = /mso-list:l\d+ level(\d)/u.exec(style);
  if (listed) inner.entry = { isOrdered: isNumbered(element), level: Number(listed[1]), isBegun: false };
  return inner;
};

/** Word's lists are paragraphs, and only the mark in front of each says what list it is. */
const isNumbered = (paragraph) => {
  for (const span of paragraph.querySelectorAll("span")) {
    if (styleOf(span).includes("mso-list:ignore")) {
      return /^[\s\u00a0(]*(?:\d+|[ivxlcdm]+|[a-z])[.)]/iu.test(span.textContent);
    }
  }
  return false;
};

/** Markdown of blocks: entries under each other, everything else a line apart. */
const written = (blocks) => {
  let text = "";
  let counts = [];
  let previous = null;
  for (const block of blocks) {
    const { entry } = block;
    const lines = block.words.split("\n").map(escapedStart);
    let opening = "";
    let indent = "";
    let isOther = false;
    if (entry) {
      const level = Math.min(entry.level, counts.length + 1);
      if (block.isFirst) {
        counts = counts.slice(0, level);
        const same = counts[level - 1];
        if (same?.isOrdered === entry.isOrdered) same.count += 1;
        else {
          isOther = level === 1;
          counts[level - 1] = { isOrdered: entry.isOrdered, count: 1 };
        }
      }
      const markOf = ({ isOrdered, count }) => (isOrdered ? `${count}. ` : "- ");
      indent = counts.slice(0, level - 1).map((each) => " ".repeat(markOf(each).length)).join("");
      const mark = markOf(counts[level - 1] ?? { isOrdered: entry.isOrdered, count: 1 });
      opening = indent + (block.isFirst ? mark : " ".repeat(mark.length));
      indent += " ".repeat(mark.length);
    } else {
      counts = [];
      if (block.isHeading) opening = "### ";
    }
    const quote = block.isQuote ? "> " : "";
    const broken = block.isHeading ? lines.join(" ") : lines.join(`\\\n${quote}${indent}`);
    const isNear = entry && previous?.entry && block.isFirst && !isOther && previous.isQuote === block.isQuote;
    const gap = previous === null ? "" : isNear ? "\n" : previous.isQuote && block.isQuote ? "\n>\n" : "\n\n";
    text += gap + quote + opening + broken;
    previous = block;
  }
  return text;
};

/**
 * Return the Markdown of what was copied; null if it is better taken as plain text: the source of a
 * program, or no text at all.
 */
export const toMarkdown = (html) => {
  const idle = withIdleStyles(html);
  if (idle === null) return null;
  const { body } = new DOMParser().parseFromString(idle, "text/html");
  const only = body.children.length === 1 ? body.firstElementChild : null;
  if (only && (only.tagName === "PRE" || /white-space:pre(?!-line)/u.test(styleOf(only)))) return null;
  const reader = new Reader();
  const context = {
    isBold: false, isItalic: false, href: "", isHeading: false, isQuote: false, entry: null, list: null,
    keepsLines: false,
  };
  reader.read(body, context);
  reader.close(context);
  return written(reader.blocks);
};
