// The desk works without this. It only keeps the counters beside the fields up to date.
"use strict";

const inWords = (count) => `${count} word${count === 1 ? "" : "s"}`;

for (const counter of document.querySelectorAll("[data-counts]")) {
  const field = document.getElementById(counter.dataset.counts);
  if (!field) continue;
  const count = () => {
    const text = field.value.trim();
    counter.textContent = counter.dataset.unit === "words"
      ? inWords(text ? text.split(/\s+/).length : 0)
      : `${[...text].length} of ${counter.dataset.limit} characters`;
  };
  field.addEventListener("input", count);
  // Somebody may have typed before this was here.
  count();
}
