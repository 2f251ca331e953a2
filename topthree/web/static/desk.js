// The desk works without this. It keeps what is counted beside the fields up to date (how it counts
// is written down in topthree/domain/writing/length.py), and takes a double click for one.
"use strict";

const ONE_PRESS = 1000;

const WORDS_A_MINUTE = 200;
// Beyond this nothing can be saved, and counting would hold up whoever types.
const COUNTED_AT_MOST = 100_000;
// Longer texts are counted when there is a moment.
const COUNTED_AT_ONCE = 10_000;
const WORD_ALONE = /[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]/gu;

const countWords = (text) =>
  text.replace(WORD_ALONE, " x ").split(/\s+/u).filter((part) => /[\p{L}\p{N}]/u.test(part)).length;
const inNumber = (count, what) => `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;
const inTime = (words) => {
  const seconds = words && Math.max(5, Math.round((words * 12) / WORDS_A_MINUTE) * 5);
  const parts = [[Math.floor(seconds / 60), "min"], [seconds % 60, "s"]].filter(([count]) => count);
  return parts.map(([count, unit]) => `${count} ${unit}`).join(" ") || "0 s";
};

const units = {
  words: (text) => inNumber(countWords(text), "word"),
  time: (text) => {
    const words = countWords(text);
    return `${inNumber(words, "word")} · ${inTime(words)}`;
  },
  characters: (text, { limit }) => `${[...text].length} of ${limit} characters`,
};

const whenTyped = (fields, show) => {
  let timer = 0;
  const plan = () => {
    const isShort = fields.every((field) => field.value.length < COUNTED_AT_ONCE);
    clearTimeout(timer);
    if (isShort) show();
    else timer = setTimeout(show, 250);
  };
  for (const field of fields) field.addEventListener("input", plan);
  // Somebody may have typed before this was here.
  show();
};

for (const counter of document.querySelectorAll("[data-counts]")) {
  const field = document.getElementById(counter.dataset.counts);
  if (!field) continue;
  const count = units[counter.dataset.unit ?? "characters"];
  whenTyped([field], () => {
    const text = field.value.trim();
    counter.textContent = text.length > COUNTED_AT_MOST
      ? `more than ${COUNTED_AT_MOST.toLocaleString("en-US")} characters`
      : count(text, counter.dataset);
  });
}

for (const longer of document.querySelectorAll("[data-longer]")) {
  const at = longer.dataset.longer;
  const targets = JSON.parse(longer.dataset.targets);
  const [text, section] = ["body", "section"].map((name) => document.getElementById(`${at}-${name}`));
  whenTyped([text, section], () => {
    const target = targets[section.value] ?? Infinity;
    const isLong = text.value.length > COUNTED_AT_MOST || countWords(text.value) > target;
    if (isLong) longer.querySelector("span").textContent = target;
    longer.hidden = !isLong;
  });
}

for (const whole of document.querySelectorAll("[data-whole]")) {
  const fields = whole.dataset.whole.split(" ").map((id) => document.getElementById(id));
  whenTyped(fields, () => {
    if (fields.some((field) => field.value.length > COUNTED_AT_MOST)) return;
    const words = fields.reduce((sum, field) => sum + countWords(field.value), 0);
    const minutes = Math.max(1, Math.ceil(words / WORDS_A_MINUTE));
    whole.textContent = `${inNumber(words, "word")}, ${inNumber(minutes, "minute")} to read.`;
  });
}

// Some buttons send mail, and the second press of a double click would send it twice.
const pressedAt = new WeakMap();
addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.submitter?.formTarget) return;
  const isAgain = Date.now() - (pressedAt.get(event.target) ?? -Infinity) < ONE_PRESS;
  if (isAgain) event.preventDefault();
  else pressedAt.set(event.target, Date.now());
});
