// Keys of the inbox: j and k move a cursor over the rows, x selects, Enter opens, c takes or puts back, a approves,
// r returns, ? lists the keys, Esc clears. Everything is beside the page: without a script its buttons do the same.

import { typing } from "./frame.js";
import { watchCounts } from "./counts.js";
import { searchWhileTyping } from "./narrowing.js";

const help = document.getElementById("keys-help");
let rows = [];
let boxes = [];
let bar = null;
let whole = null;
let at = -1;

function put(index, focus = true) {
  rows[at]?.classList.remove("cur");
  rows[at]?.removeAttribute("aria-current");
  at = Math.min(Math.max(index, -1), rows.length - 1);
  const row = rows[at];
  if (!row) return;
  row.classList.add("cur");
  row.setAttribute("aria-current", "true");
  row.scrollIntoView({ block: "nearest" });
  if (focus) row.querySelector(".verb a").focus({ preventScroll: true });
}

const picked = () => boxes.filter((box) => box.checked);

function tellPicked() {
  for (const box of boxes) box.closest("tr").classList.toggle("sel", box.checked);
  const words = document.getElementById("picked-words")?.content.textContent.trim();
  if (words) bar.querySelector("[data-picked]").textContent = words.replace("#", picked().length);
  if (whole) whole.checked = picked().length === boxes.length;
}

function pick() {
  const box = rows[at]?.querySelector("input[name=task]");
  if (!box) return;
  box.checked = !box.checked;
  tellPicked();
}

function press(key) {
  const button = bar?.querySelector(`[data-key=${key}]`);
  if (picked().length && button) button.click();
  return picked().length > 0;
}

function open(fragment = "") {
  const link = rows[at]?.querySelector(".verb a");
  if (link) location.assign(link.href + fragment);
}

function clear() {
  if (!picked().length) return put(-1);
  for (const box of picked()) box.checked = false;
  tellPicked();
}

const KEYS = {
  j: () => put(at + 1),
  k: () => put(Math.max(at - 1, 0)),
  x: pick,
  c: () => press("c") || rows[at]?.nextElementSibling?.querySelector("form[data-key-c]")?.requestSubmit(),
  a: () => press("a") || open("#approve"),
  r: () => open("#return"),
  "?": () => help?.showModal(),
  Escape: clear,
};

document.addEventListener("keydown", (event) => {
  const inBox = event.target instanceof HTMLInputElement && event.target.type === "checkbox";
  if ((typing(event) && !inBox) || event.ctrlKey || event.metaKey || event.altKey || help?.open) return;
  if (event.key === "Enter" && at >= 0 && (inBox || document.activeElement === document.body)) {
    open();
    return;
  }
  const act = KEYS[event.key];
  if (act && rows.length + (event.key === "?" ? 1 : 0) > 0) {
    if (event.key !== "Escape") event.preventDefault();
    act();
  }
});

// The line of the cursor opens and closes below its row: while a button of the mouse is down nothing may move, or the
// click would land on another row than the one that was pointed at.
let pointing = false;
addEventListener("pointerdown", () => (pointing = true), true);
addEventListener("click", () => (pointing = false), true);
addEventListener("keydown", () => (pointing = false), true);

// Take up the rows that the page shows now: at the start, and whenever the search of the list brought other ones.
function takeUp() {
  at = -1;
  rows = [...document.querySelectorAll("tr[data-row]")];
  boxes = rows.map((row) => row.querySelector("input[name=task]")).filter(Boolean);
  bar = document.querySelector(".bar.pick");
  for (const [index, row] of rows.entries()) {
    row.addEventListener("click", () => put(index, false));
    row.addEventListener("focusin", () => pointing || put(index, false));
  }
  offerWhole();
  for (const box of boxes) box.addEventListener("change", tellPicked);
  document.getElementById("bulk")?.addEventListener("reset", () => setTimeout(tellPicked));
  if (picked().length) tellPicked();
}

// One box for the whole page; it needs a script, so it comes with it.
function offerWhole() {
  const slot = document.getElementById("pick-all");
  whole = slot && boxes.length ? slot.content.querySelector("input").cloneNode() : null;
  if (!whole) return;
  const label = slot.content.firstElementChild.cloneNode();
  label.append(whole);
  slot.replaceWith(label);
  whole.addEventListener("change", () => {
    for (const box of boxes) box.checked = whole.checked;
    tellPicked();
  });
}

takeUp();
searchWhileTyping(takeUp);

const hint = document.getElementById("keys-hint");
if (hint) hint.replaceWith(hint.content.cloneNode(true));
document.querySelector("[data-keys-help]")?.addEventListener("click", () => help?.showModal());

const wanted = rows.findIndex((row) => row.dataset.next !== undefined || `#${row.id}` === location.hash);
if (wanted >= 0) put(wanted);

watchCounts();
