// Keys of the inbox: j and k move a cursor over the rows, Enter opens, c takes or puts back, ? lists the keys, Esc clears.

import { typing } from "./frame.js";

const rows = [...document.querySelectorAll("tr[data-row]")];
const help = document.getElementById("keys-help");
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

function take() {
  const form = rows[at]?.nextElementSibling?.querySelector("form[data-key-c]");
  form?.requestSubmit();
}

const KEYS = {
  j: () => put(at + 1),
  k: () => put(Math.max(at - 1, 0)),
  c: take,
  "?": () => help?.showModal(),
  Escape: () => put(-1),
};

document.addEventListener("keydown", (event) => {
  if (typing(event) || help?.open) return;
  if (event.key === "Enter" && at >= 0 && document.activeElement === document.body) {
    rows[at].querySelector(".verb a").click();
    return;
  }
  const act = KEYS[event.key];
  if (act && rows.length + (event.key === "?" ? 1 : 0) > 0) {
    if (event.key !== "Escape") event.preventDefault();
    act();
  }
});

for (const [index, row] of rows.entries()) {
  row.addEventListener("click", () => put(index, false));
  row.addEventListener("focusin", () => put(index, false));
}

const hint = document.getElementById("keys-hint");
if (hint) hint.replaceWith(hint.content.cloneNode(true));
document.querySelector("[data-keys-help]")?.addEventListener("click", () => help?.showModal());

const wanted = rows.findIndex((row) => `#${row.id}` === location.hash);
if (wanted >= 0) put(wanted);
