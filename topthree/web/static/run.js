// The run's page works without this. It looks again every three seconds until the run is over,
// puts new figures in the place of the old ones, and says a change of state, nothing else.
"use strict";

const OFTEN = 3000;
const AT_MOST = 60000;
const run = document.getElementById("run");
const news = document.getElementById("run-news");
const still = document.getElementById("run-still");
let pause = OFTEN;
let timer = 0;
let isStill = false;

const renew = (fresh) => {
  for (const piece of document.querySelectorAll("[data-live]")) {
    const newer = fresh.getElementById(piece.id);
    // What somebody is about to press stays where it is.
    if (!newer || piece.contains(document.activeElement)) continue;
    if (newer.innerHTML !== piece.innerHTML) piece.replaceChildren(...newer.childNodes);
  }
};

const lookAgain = async () => {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const newer = fresh.getElementById("run");
  if (!newer) {
    news.textContent = "You are signed out. Load the page again to see how it goes.";
    return false;
  }
  renew(fresh);
  if (newer.dataset.state !== run.dataset.state) {
    run.dataset.state = newer.dataset.state;
    news.textContent = `${newer.dataset.state}. ${fresh.getElementById("progress").textContent}`;
    document.title = fresh.title;
  }
  return newer.dataset.over === "no";
};

const plan = () => {
  clearTimeout(timer);
  if (!isStill && !document.hidden) timer = setTimeout(step, pause);
};

const step = async () => {
  let goesOn = true;
  try {
    goesOn = await lookAgain();
    pause = OFTEN;
  } catch {
    // The desk is away, or busy: ask more and more seldom.
    pause = Math.min(2 * pause, AT_MOST);
  }
  if (goesOn) plan();
  else still.hidden = isStill = true;
};

still.hidden = false;
still.addEventListener("click", () => {
  isStill = !isStill;
  still.textContent = isStill ? "Keep them up to date" : "Keep them still";
  plan();
});
document.addEventListener("visibilitychange", plan);
plan();
