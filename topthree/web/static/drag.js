// Items are moved by their buttons; with this they can be dragged as well. Letting go presses such a
// button, in a manner of speaking: the form is saved, and the page comes back in the new order.
"use strict";

// So far a hand may tremble on a press that means no dragging.
const SLACK = 5;

const form = document.getElementById("compose");
const pieces = [...form.querySelectorAll(".piece")];

const middleOf = (piece) => {
  const { top, height } = piece.getBoundingClientRect();
  return top + height / 2;
};

/** Which place is nearest to this height. */
const nearest = (height) => {
  const distances = pieces.map((piece) => Math.abs(middleOf(piece) - height));
  return distances.indexOf(Math.min(...distances));
};

const submit = (wish) => {
  const button = document.createElement("button");
  Object.assign(button, { name: "do", value: wish, hidden: true });
  form.append(button);
  form.requestSubmit(button);
  button.remove();
};

const makeDraggable = (piece, own) => {
  const grip = piece.querySelector(".grip");
  let drag = null;

  // Items are taller than the screen: while one is carried, all are as small as their headings.
  const begin = () => {
    const before = piece.getBoundingClientRect().top;
    drag.scrolled = window.scrollY;
    for (const each of pieces) {
      each.querySelector("h2").dataset.headline = each.querySelector("[id$='-headline']").value;
    }
    form.classList.add("ordering");
    piece.classList.add("carried");
    window.scrollBy(0, piece.getBoundingClientRect().top - before);
    drag.from = middleOf(piece);
  };

  const stop = () => {
    if (drag?.from !== undefined) {
      form.classList.remove("ordering");
      for (const each of pieces) each.classList.remove("carried", "onto", "below");
      window.scrollTo(0, drag.scrolled);
    }
    drag = null;
  };

  const move = ({ clientY }) => {
    if (!drag) return;
    const way = clientY - drag.at;
    if (drag.from === undefined) {
      if (Math.abs(way) < SLACK) return;
      begin();
    }
    drag.to = nearest(drag.from + way);
    pieces.forEach((each, place) => {
      each.classList.toggle("onto", place === drag.to && place !== own);
      each.classList.toggle("below", drag.to > own);
    });
  };

  const drop = () => {
    const to = drag?.to ?? own;
    if (to === own) stop();
    else submit(`move-${own + 1}-${to + 1}`);
    drag = null;
  };

  grip.hidden = false;
  grip.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    drag = { at: event.clientY };
  });
  grip.addEventListener("pointermove", move);
  grip.addEventListener("pointerup", drop);
  grip.addEventListener("pointercancel", stop);
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape") stop(); });
};

pieces.forEach((piece, place) => {
  if (piece.querySelector(".grip")) makeDraggable(piece, place);
});
