// The frame around the part of a picture that is shown can be dragged. Without this it is placed by
// the fields of the form alone; how they make a frame is written down in topthree/domain/pictures/framing.py.
"use strict";

const drawing = document.getElementById("frame-drawing");
const form = document.getElementById("picture");
const whole = drawing.viewBox.baseVal;
const shade = drawing.querySelector(".shade");
const line = drawing.querySelector(".frame-line");
const places = [...form.elements.focus].map((radio) => radio.value).slice(0, 9);
const ratios = { wide: 3 / 2, square: 1 };
const LEAST = 100;

const chosen = (name) => form.elements[name].value;
const within = (value, most) => Math.max(0, Math.min(most, value));

const largest = () => {
  const ratio = ratios[chosen("shape")];
  if (!ratio) return { width: whole.width, height: whole.height };
  const width = Math.min(whole.width, Math.floor(whole.height * ratio));
  return { width, height: Math.min(whole.height, width / ratio) };
};
const shrunk = (share) => {
  const most = largest();
  const short = Math.min(most.width, most.height);
  const scale = Math.min(1, Math.max(share, Math.min(short, LEAST) / short));
  return { width: most.width * scale, height: most.height * scale };
};
const placed = () => {
  const index = places.indexOf(chosen("focus"));
  const isWhole = chosen("shape") === "whole";
  const size = isWhole ? largest() : shrunk(index < 0 ? typed("width") * whole.width / largest().width : Number(chosen("closeness")) / 100);
  const room = { x: whole.width - size.width, y: whole.height - size.height };
  if (isWhole || index >= 0) {
    const at = isWhole ? 0 : index;
    return { x: room.x * (at % 3) / 2, y: room.y * Math.floor(at / 3) / 2, ...size };
  }
  return { x: within(typed("left") * whole.width, room.x), y: within(typed("top") * whole.height, room.y), ...size };
};
const typed = (name) => (Number.parseFloat(chosen(name).replace(",", ".")) || 0) / 100;

const show = ({ x, y, width, height }) => {
  shade.setAttribute("d", `M0 0H${whole.width}V${whole.height}H0ZM${x} ${y}v${height}h${width}v${-height}Z`);
  for (const [name, value] of Object.entries({ x, y, width, height })) line.setAttribute(name, value);
};
const write = ({ x, y, width }) => {
  const percent = (part, all) => (part / all * 100).toFixed(1);
  form.elements.left.value = percent(x, whole.width);
  form.elements.top.value = percent(y, whole.height);
  form.elements.width.value = percent(width, whole.width);
};

const redraw = () => show(placed());
form.addEventListener("change", ({ target }) => {
  if (["left", "top", "width"].includes(target.name)) form.elements.focus.value = "drawn";
  const frame = placed();
  show(frame);
  if (chosen("focus") !== "drawn") write(frame);
});

let held = null;
const at = ({ clientX, clientY }) => new DOMPoint(clientX, clientY).matrixTransform(drawing.getScreenCTM().inverse());
drawing.addEventListener("pointerdown", (event) => {
  const frame = placed();
  const point = at(event);
  const reach = Math.max(frame.width, frame.height) / 6;
  const isCorner = Math.hypot(point.x - frame.x - frame.width, point.y - frame.y - frame.height) < reach;
  held = { frame, point, isCorner };
  drawing.setPointerCapture(event.pointerId);
  event.preventDefault();
});
drawing.addEventListener("pointermove", (event) => {
  if (!held || chosen("shape") === "whole") return;
  const { frame, point, isCorner } = held;
  const now = at(event);
  form.elements.focus.value = "drawn";
  write(isCorner
    ? { ...frame, width: frame.width + now.x - point.x }
    : { ...frame, x: frame.x + now.x - point.x, y: frame.y + now.y - point.y });
  redraw();
});
const letGo = () => {
  if (held) write(placed());
  held = null;
};
drawing.addEventListener("pointerup", letGo);
drawing.addEventListener("pointercancel", letGo);

document.getElementById("drawing-hint").hidden = false;
drawing.classList.add("can-draw");
redraw();
