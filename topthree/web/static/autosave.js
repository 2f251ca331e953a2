// Writing works without this: the button Save keeps what is typed. This keeps it every few seconds
// and on leaving, first in this browser and then at the desk; says where it is; and says who else
// has the issue open. What the desk does not take stays here until it does. An item of the bank is
// kept in the same way; nobody is told who else has it open.
"use strict";

const SOON = 1500;
const AT_MOST = 6000;
const AGAIN = 5000;
const PATIENCE = 15000;
const HEARTBEAT = 30000;
const TOO_OLD = 60 * 24 * 3600 * 1000;
// Bytes that the desk takes at once.
const MOST = 8000000;
// No page's own text: they say where it belongs.
const ABOUT = /^(csrf|key|version|tab|status|order|do|pick-.*)$/;

const line = document.getElementById("saving");
const form = document.getElementById(line.dataset.form);
const home = line.dataset.in;
const news = document.getElementById("saving-news");
const presence = document.getElementById("presence");
const left = document.getElementById("left-here");

const tab = form.elements.namedItem("tab");
if (!tab.value) {
  const random = crypto.getRandomValues(new Uint8Array(12));
  tab.value = [...random].map((each) => each.toString(16).padStart(2, "0")).join("");
}

const value = (name) => form.elements.namedItem(name).value;
const sent = () => [...new FormData(form)].filter(([, text]) => typeof text === "string");
const isText = ({ name, type, tagName }) =>
  name && tagName !== "BUTTON" && !["file", "radio", "checkbox"].includes(type) && !ABOUT.test(name);
const typed = (of = (field) => field.value) =>
  [...form.elements].filter(isText).map((field) => [field.name, of(field)]);
const snapshot = () => JSON.stringify(typed());
const isTooMuch = () => new URLSearchParams(sent()).toString().length > MOST;
// What the page came with: somebody may have typed before this was here.
const atFirst = (field) => field.options
  ? ([...field.options].find((each) => each.defaultSelected) || field.options[0]).value
  : field.defaultValue;

const drawer = `topthree.${line.dataset.key}`;
const key = () => drawer + value("tab");

let kept = JSON.stringify(typed(atFirst));
let timer = 0;
let typedAt = 0;
let sending = null;
let isLeaving = false;
let fate = "";

// What this browser keeps. It may refuse: it is full, or told to keep nothing.
const keepHere = () => {
  try {
    const fields = Object.fromEntries(typed());
    const entry = { at: Date.now(), version: value("version"), fields };
    localStorage.setItem(key(), JSON.stringify(entry));
    return true;
  } catch {
    return false;
  }
};

const forgetHere = (name) => {
  try {
    localStorage.removeItem(name);
  } catch { /* Then there is nothing to forget. */ }
};

const say = (newFate, words, link) => {
  if (line.textContent !== words + (link ? ` ${link.words}.` : "")) {
    line.textContent = words;
    if (link) {
      const way = Object.assign(document.createElement("a"), { href: link.href, target: "_blank" });
      way.textContent = link.words;
      line.append(" ", way, ".");
    }
  }
  line.dataset.fate = newFate;
  // Heard only when something is otherwise, and not each time that it is well.
  if (newFate !== fate) news.textContent = line.textContent;
  fate = newFate;
};

const ask = async (address, fields) => {
  const answer = await fetch(address, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(PATIENCE),
  });
  const isJson = (answer.headers.get("Content-Type") || "").includes("json");
  return { isTaken: answer.ok, ...(isJson ? await answer.json() : {}) };
};

const plan = (soon = SOON) => {
  clearTimeout(timer);
  timer = setTimeout(save, Math.max(0, Math.min(soon, typedAt + AT_MOST - Date.now())));
};

const tryAgain = (newFate, words, link) => {
  const isHere = keepHere();
  const where = isHere ? "Your text is kept in this browser." : "Leave this page open.";
  say(newFate, `Not saved yet: ${words} ${where}`, link);
  clearTimeout(timer);
  timer = setTimeout(save, AGAIN);
};

// What began as a new item is that item from now on.
const moveTo = ({ to, action, page }) => {
  if (!to || to === line.dataset.to) return;
  line.dataset.to = to;
  form.setAttribute("action", action);
  history.replaceState(null, "", page);
};

const save = () => {
  const now = snapshot();
  if (sending || isLeaving || now === kept) return;
  if (isTooMuch()) {
    tryAgain("refused", "this is more text than the desk takes. Shorten it.");
    return;
  }
  typedAt = Infinity;
  sending = ask(line.dataset.to, sent())
    .then((answer) => {
      if (answer.isTaken) {
        kept = now;
        form.elements.namedItem("version").value = answer.version;
        say(answer.fate, answer.words);
        moveTo(answer);
        if (answer.stays) keepHere();
        else if (snapshot() === kept) forgetHere(key());
      } else if (answer.reason === "signed-out") {
        const door = { href: line.dataset.door, words: "Sign in again in another tab" };
        tryAgain("signed-out", "you are signed out, and nothing is lost.", door);
      } else {
        tryAgain("refused", answer.message || "the desk did not take it.");
      }
    })
    .catch(() => tryAgain("away", "the desk does not answer."))
    .finally(() => {
      sending = null;
      if (fate !== "signed-out" && fate !== "refused" && fate !== "away") goOn();
    });
};

const goOn = () => {
  if (snapshot() === kept) return;
  if (typedAt === Infinity) typedAt = Date.now();
  plan();
};

let writing = 0;
const notice = () => {
  clearTimeout(writing);
  writing = setTimeout(keepHere, 300);
  if (typedAt === 0 || typedAt === Infinity) typedAt = Date.now();
  if (line.dataset.fate === "saved" || !line.dataset.fate) line.dataset.unsaved = "yes";
  plan();
};
form.addEventListener("input", notice);
form.addEventListener("change", notice);

// A button sends the form after what is on its way, so that the one never overtakes the other.
form.addEventListener("submit", (event) => {
  if (event.submitter?.formTarget) return;
  if (isTooMuch()) {
    // The page that says so would stand in the place of the text.
    event.preventDefault();
    save();
    return;
  }
  if (sending) {
    event.preventDefault();
    const { submitter } = event;
    sending.finally(() => form.requestSubmit(submitter));
    return;
  }
  if (snapshot() !== kept) keepHere();
  isLeaving = true;
});

addEventListener("pagehide", () => {
  if (!isLeaving && snapshot() !== kept) {
    keepHere();
    // Browsers take along so much and no more; the rest waits here.
    navigator.sendBeacon(line.dataset.to, new URLSearchParams(sent()));
  }
  const leaving = new URLSearchParams([...about(), ["do", "leave"]]);
  if (presence) navigator.sendBeacon(line.dataset.presence, leaving);
});

const about = () => sent().filter(([name]) => ["csrf", "version", "tab"].includes(name));

const beat = async () => {
  if (!presence) return;
  try {
    const answer = await ask(line.dataset.presence, about());
    if (answer.isTaken && presence.textContent !== answer.words) presence.textContent = answer.words;
  } catch { /* The next one will tell. */ }
};

// Whoever has signed in again, or is online again, sees it go on at once.
const comeBack = () => {
  if (document.hidden) return;
  isLeaving = false;
  beat();
  goOn();
};
document.addEventListener("visibilitychange", comeBack);
addEventListener("online", comeBack);
addEventListener("pageshow", (event) => event.persisted && comeBack());
setInterval(beat, HEARTBEAT);
beat();
if (snapshot() !== kept) notice();

// What a crashed browser, or one that was closed while the desk was away, still holds.
const nameOf = (name) => {
  const label = document.querySelector(`label[for="${CSS.escape(name)}"]`);
  const place = /^item-(\d)-/.exec(name);
  const own = label ? label.firstChild.textContent.trim() : name;
  return place ? `Item ${place[1]}: ${own.toLowerCase()}` : own;
};

const element = (kind, text = "", kind_of = "") => {
  const made = document.createElement(kind);
  made.textContent = text;
  if (kind_of) made.className = kind_of;
  return made;
};

const side = (title, text) => {
  const half = element("div");
  half.append(element("p", title, "small quiet"), element("p", text || "(empty)", "typed"));
  return half;
};

const take = (name, entry) => {
  for (const [field, text] of Object.entries(entry.fields)) {
    const control = form.elements.namedItem(field);
    if (control && "value" in control) control.value = text;
  }
  form.elements.namedItem("version").value = entry.version;
  left.hidden = !keepHere();
  if (left.hidden) forgetHere(name);
  form.dispatchEvent(new Event("input", { bubbles: true }));
  form.elements[0].form.querySelector("input:not([type=hidden])").focus();
};

const button = (words, kind, act) => {
  const made = element("button", words, kind);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
};

const offer = (name, entry, differing) => {
  const box = element("section", "", "offer both");
  const title = element("h2", "This browser has text that was never saved");
  title.id = `here-${name}`;
  box.setAttribute("aria-labelledby", title.id);
  const when = new Date(entry.at).toLocaleString("en-US", { dateStyle: "full", timeStyle: "short" });
  box.append(title, element("p", `From ${when}. The form below still holds what is in the ${home}.`));
  for (const [field, text] of differing.filter(([each]) => form.elements.namedItem(each).labels?.length)) {
    const pair = element("div", "", "pairs");
    pair.append(element("h3", nameOf(field)));
    pair.append(side("In this browser", text), side(`In the ${home}`, value(field)));
    box.append(pair);
  }
  const row = element("p", "", "row");
  row.append(
    button("Take it into the form", "button plain", () => { take(name, entry); box.remove(); }),
    button("Throw it away", "as-link", () => { forgetHere(name); box.remove(); }),
  );
  box.append(row);
  left.append(box);
  left.hidden = false;
};

const lookInto = (name) => {
  const entry = JSON.parse(localStorage.getItem(name));
  if (!entry) return;
  const differing = Object.entries(entry.fields).filter(([field, text]) => {
    const control = form.elements.namedItem(field);
    // What the desk writes in its own way is no other text.
    const isTidied = control?.dataset?.tidied !== undefined;
    return control && "value" in control && !isTidied && control.value !== text;
  });
  if (!differing.length || Date.now() - entry.at > TOO_OLD) forgetHere(name);
  else offer(name, entry, differing);
};

// A page holds a lock on what it has not saved yet, so that no other offers it before that is closed.
const whenClosed = (name, act) => {
  if (navigator.locks) navigator.locks.request(name, act);
  else act();
};

// What was typed for a new item and is this one now is not offered for the next.
const forgetBegun = (name) => {
  const { fields } = JSON.parse(localStorage.getItem(name)) ?? { fields: {} };
  const isThis = (field) => value(field).trim() === (fields[field] ?? "").trim();
  if (["item-headline", "item-body"].every(isThis)) forgetHere(name);
};

const lookHere = () => {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(drawer));
  for (const name of names.filter((each) => each !== key())) {
    whenClosed(name, () => lookInto(name));
  }
  const begunAs = line.dataset.begunAs && `topthree.${line.dataset.begunAs}`;
  for (const name of Object.keys(localStorage).filter((each) => begunAs && each.startsWith(begunAs))) {
    whenClosed(name, () => forgetBegun(name));
  }
};

if (navigator.locks) navigator.locks.request(key(), () => new Promise(() => {}));
try {
  lookHere();
} catch { /* This browser keeps nothing. */ }
