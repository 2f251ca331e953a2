// The preview works without this: a button puts what is typed into its frame. This does the same
// whenever something is typed. It asks for one picture of the letter at a time and never for two of
// the same, shows each when it is complete, and keeps to the item that is being written.
"use strict";

const SOON = 150;
// After so long an answer is not coming; the next change asks again.
const PATIENCE = 20_000;
// What the server would refuse anyway is not sent to it over and over.
const LONGEST = 100_000;

const form = document.getElementById("compose");
const button = document.getElementById("preview-typed");
const hint = document.getElementById("preview-hint");
const screen = document.querySelector("#stage .screen");
const address = button.formAction;

let shown = screen.querySelector("iframe");
let coming = null;
let asked = "";
let place = "";
let timer = 0;

const typed = () => {
  const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  return fields.filter(([name]) => name !== "version");
};

const say = (words) => {
  if (hint.textContent !== words) hint.textContent = words;
};

const show = (frame) => {
  const hadFocus = document.activeElement === shown;
  shown.remove();
  shown = frame;
  shown.removeAttribute("aria-hidden");
  shown.removeAttribute("tabindex");
  shown.className = "";
  if (hadFocus) shown.focus();
};

// A frame of its own for each: what the browser keeps for its button “Back” is not touched.
const newFrame = (name) => {
  const frame = document.createElement("iframe");
  frame.name = name;
  frame.title = shown.title;
  frame.setAttribute("sandbox", "");
  frame.setAttribute("aria-hidden", "true");
  frame.tabIndex = -1;
  frame.className = "coming";
  return frame;
};

const send = (fields, target) => {
  const copy = document.createElement("form");
  Object.assign(copy, { method: "post", action: address + place, target, hidden: true });
  for (const [name, value] of fields) {
    const field = document.createElement("textarea");
    field.name = name;
    field.value = value;
    copy.append(field);
  }
  document.body.append(copy);
  copy.submit();
  copy.remove();
};

const refresh = () => {
  timer = 0;
  if (coming) return;
  const fields = typed();
  const wanted = JSON.stringify(fields) + place;
  if (wanted === asked) return;
  if (wanted.length > LONGEST) {
    say("This is too long for a letter. Shorten it, and the preview goes on.");
    return;
  }
  asked = wanted;
  const frame = newFrame(`letter-${Date.now()}`);
  const over = () => {
    clearTimeout(late);
    coming = null;
  };
  const late = setTimeout(() => {
    over();
    frame.remove();
    asked = "";
    say("The preview does not answer. What you typed is still in the form.");
  }, PATIENCE);
  coming = frame;
  screen.append(frame);
  // The first thing that a new frame loads is nothing.
  send(fields, frame.name);
  frame.addEventListener("load", () => {
    over();
    show(frame);
    say(hint.dataset.live);
    plan();
  });
};

const plan = () => {
  timer ||= setTimeout(refresh, SOON);
};

const placeOf = (field) => {
  const piece = field.closest?.(".piece");
  return piece ? `#${piece.id}` : "";
};

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    if (target.form !== form) return;
    if (form.contains(target)) place = placeOf(target);
    plan();
  });
}
for (const words of document.querySelectorAll("[data-shows]")) {
  const field = document.getElementById(words.dataset.shows);
  const nothing = `No ${words.dataset.shows} yet`;
  const follow = () => { words.textContent = field.value.trim().slice(0, 300) || nothing; };
  field.addEventListener("input", follow);
  follow();
}
button.hidden = true;
say(hint.dataset.live);

// What was typed before this was here, or is shown again because it was not in order.
const isUntouched = (field) =>
  (field.type === "checkbox" || field.type === "radio" ? field.checked === field.defaultChecked : true) &&
  (field.defaultValue ?? field.value) === field.value;
if ("typed" in screen.dataset || ![...form.elements].every(isUntouched)) plan();
else asked = JSON.stringify(typed());
