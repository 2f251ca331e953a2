// Signing in with a passkey, and adding one. Without this, or on a device that has none, the link
// by mail does it: the forms stay hidden.
"use strict";

const bytes = (text) => Uint8Array.from(
  atob(text.replace(/-/gu, "+").replace(/_/gu, "/")),
  (character) => character.charCodeAt(0),
);
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/gu, "-").replace(/\//gu, "_").replace(/[=]+$/u, "");

const asked = async (form) => {
  const marks = new FormData(form);
  const answer = await fetch(form.dataset.passkey, { method: "POST", body: marks });
  if (!answer.ok) throw new Error(answer.statusText);
  const question = await answer.json();
  question.challenge = bytes(question.challenge);
  if (question.user) question.user.id = bytes(question.user.id);
  for (const known of question.excludeCredentials ?? []) known.id = bytes(known.id);
  return question;
};

const inJson = ({ id, rawId, type, response }) => JSON.stringify({
  id,
  rawId: text(rawId),
  type,
  response: Object.fromEntries(
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]
      .filter((name) => response[name])
      .map((name) => [name, text(response[name])]),
  ),
});

const answered = async (form) => {
  const publicKey = await asked(form);
  const isNew = "passkeyNew" in form.dataset;
  const given = isNew
    ? await navigator.credentials.create({ publicKey })
    : await navigator.credentials.get({ publicKey });
  return inJson(given);
};

for (const form of window.PublicKeyCredential ? document.querySelectorAll("[data-passkey]") : []) {
  const wrong = form.querySelector("[data-passkey-wrong]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    wrong.hidden = true;
    try {
      form.elements.answer.value = await answered(form);
      form.submit();
    } catch {
      wrong.hidden = false;
    }
  });
}
