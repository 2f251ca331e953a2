// Fields for Markdown work without this. It adds a toolbar, its shortcuts, lists that go on by
// themselves, and pasting that keeps the form of a text. All of it can be undone as typing can.
import { linked, marks, nextEntry, placed } from "./marks.js";
import { toMarkdown } from "./paste.js";

const SHORTCUTS = { b: "bold", i: "italic", k: "link" };
// Longer ones are pasted as plain text: nobody means them, and taking them apart takes time.
const LONGEST = 2_000_000;
// What the browser puts into a field so that it can be undone takes it long for long texts.
const UNDONE_AT_MOST = 100_000;
const isMac = /Mac|iPhone|iPad/u.test(navigator.platform);
const template = document.getElementById("writing-tools");

const selectionOf = ({ selectionStart: start, selectionEnd: end }) => ({ start, end });

const apply = (field, { from, to, insert, start, end }) => {
  field.focus();
  field.setSelectionRange(from, to);
  const command = insert ? ["insertText", false, insert] : ["delete"];
  const isLong = insert.length > UNDONE_AT_MOST;
  if (from !== to || insert) {
    if (isLong || !document.execCommand(...command)) {
      field.setRangeText(insert, from, to, "end");
      field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
    }
  }
  field.setSelectionRange(start, end);
};

const mark = (field, name) => apply(field, marks[name](field.value, selectionOf(field)));

const addToolbar = (field) => {
  const bar = template.content.firstElementChild.cloneNode(true);
  const buttons = [...bar.querySelectorAll("button")];
  bar.setAttribute("aria-label", `Format the text of ${field.dataset.markdown}`);
  bar.setAttribute("aria-controls", field.id);
  const goTo = (button) => {
    for (const each of buttons) each.tabIndex = each === button ? 0 : -1;
    button.focus();
  };
  buttons.forEach((button, index) => {
    button.tabIndex = index ? -1 : 0;
    if (isMac) button.title = button.title.replace("Ctrl+", "⌘");
    button.addEventListener("click", () => mark(field, button.value));
    button.addEventListener("keydown", (event) => {
      const count = buttons.length;
      const to = { ArrowRight: index + 1, ArrowLeft: index - 1 + count, Home: 0, End: count - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      goTo(buttons[to % count]);
    });
  });
  field.before(bar);
};

const onKey = (event) => {
  const field = event.currentTarget;
  if (event.isComposing || event.altKey) return;
  const name = SHORTCUTS[event.key.toLowerCase()];
  if (name && !event.shiftKey && (isMac ? event.metaKey : event.ctrlKey)) {
    event.preventDefault();
    mark(field, name);
  } else if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
    const edit = nextEntry(field.value, selectionOf(field));
    if (!edit) return;
    event.preventDefault();
    apply(field, edit);
  }
};

const onPaste = (event) => {
  const field = event.currentTarget;
  const data = event.clipboardData;
  const selection = selectionOf(field);
  const plain = data.getData("text/plain").trim();
  const html = data.getData("text/html");
  const isAddress = /^(?:https?:\/\/|mailto:)[^\s()]+$/u.test(plain);
  let edit = null;
  if (isAddress && field.value.slice(selection.start, selection.end).trim()) {
    edit = linked(field.value, selection, plain);
  } else if (html && html.length <= LONGEST && !isAddress && !data.types.includes("vscode-editor-data")) {
    const markdown = toMarkdown(html);
    if (markdown) edit = placed(field.value, selection, markdown);
  } else if (plain.length > UNDONE_AT_MOST) {
    edit = placed(field.value, selection, plain);
  }
  if (!edit) return;
  event.preventDefault();
  apply(field, edit);
};

for (const field of document.querySelectorAll("textarea[data-markdown]")) {
  if (template) addToolbar(field);
  field.addEventListener("keydown", onKey);
  field.addEventListener("paste", onPaste);
}
