// Steps through a history without loading the page anew: keys, links and the slider fetch one moment each and
// put its parts in the place of the old ones. The proof stays: it was made when the page was opened.
import { showWhatIsUnderWay } from "./diagram.js";

const part = (name, root = document) => root.querySelector(`[data-part="${name}"]`);
const PARTS = ["meta", "events", "moment"];
const PAUSE = 80; // milliseconds that the slider rests before a moment is fetched
let wanted = Number(part("scrub").dataset.seq);
let running = null;
let resting = 0;
let isDragged = false;

enhance();

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-at]");
  if (link && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    go(link.href);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping(event.target)) {
    return;
  }
  const last = Number(part("scrub").dataset.last);
  const places = { ArrowLeft: wanted - 1, ArrowRight: wanted + 1, PageUp: wanted - 10, PageDown: wanted + 10, Home: 1, End: last };
  if (!(event.key in places) || (event.key.startsWith("Page") && event.target.id !== "share")) {
    return;
  }
  event.preventDefault();
  const seq = Math.min(Math.max(places[event.key], 1), last);
  if (seq !== wanted) {
    wanted = seq;
    go(addressOf({ at: seq }));
  }
});

document.addEventListener("input", (event) => {
  if (event.target.id === "share") {
    clearTimeout(resting);
    resting = setTimeout(() => go(addressOf({ share: event.target.value })), PAUSE);
  }
});
document.addEventListener("pointerdown", (event) => (isDragged = event.target.id === "share"));
document.addEventListener("pointerup", () => {
  const slider = document.querySelector("#share");
  isDragged = false;
  slider.value = slider.dataset.here ?? slider.value; // the event lies where it happened, not where the hand let go
});

// Keys that mean something to the place itself stay its own: text fields, and the scrolling of a wide diagram.
function isTyping(target) {
  return target.id !== "share" && (target.closest("input, textarea, select, .diagram") !== null || target.isContentEditable);
}

function addressOf(place) {
  const address = new URL(window.location.href);
  address.searchParams.delete("at");
  address.searchParams.delete("share");
  for (const [name, value] of Object.entries(place)) {
    address.searchParams.set(name, value);
  }
  return address.href;
}

// Of several moments that are asked for one after the other, only the latest is shown.
async function go(href) {
  running?.abort();
  const own = (running = new AbortController());
  const address = new URL(href);
  address.searchParams.set("step", "1");
  try {
    const answer = await fetch(address, { signal: own.signal, headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) {
      throw new Error(answer.statusText);
    }
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch (error) {
    if (error.name !== "AbortError") {
      window.location.assign(href);
    }
  }
}

function show(page) {
  const proof = document.querySelector("[data-proof]");
  if (proof && proof.dataset.proof !== part("meta", page).dataset.head) {
    window.location.reload(); // the history has gone on: the proof is that of another end
    return;
  }
  const focused = describe(document.activeElement);
  const proven = document.querySelector("[data-proven]");
  part("title").textContent = part("title", page).textContent;
  showOnLine(part("scrub"), part("scrub", page));
  for (const name of PARTS) {
    part(name).replaceWith(document.adoptNode(part(name, page)));
  }
  if (proven) {
    part("meta").append(proven);
  }
  document.title = page.title;
  document.querySelector("[data-said]").textContent = part("title").textContent;
  wanted = Number(part("scrub").dataset.seq);
  keepProcess(page);
  enhance();
  (focused && document.querySelector(focused))?.focus({ preventScroll: true });
}

// The slider itself stays: somebody may have it in hand.
function showOnLine(line, fresh) {
  Object.assign(line.dataset, { seq: fresh.dataset.seq, last: fresh.dataset.last });
  for (const piece of [".ctl", ".track > svg", ".trackdates"]) {
    line.querySelector(piece).replaceWith(document.adoptNode(fresh.querySelector(piece)));
  }
  const slider = line.querySelector("#share");
  const there = fresh.querySelector("#share");
  slider.setAttribute("aria-valuetext", there.getAttribute("aria-valuetext"));
  slider.dataset.here = there.value;
  if (!isDragged) {
    slider.value = there.value;
  }
}

// The address names a process only while somebody has chosen one: the links of the answer know.
function keepProcess(page) {
  const link = page.querySelector(".events a[data-at]");
  const process = link && new URL(link.href).searchParams.get("process");
  const address = new URL(addressOf({ at: wanted }));
  address.searchParams.delete("process");
  if (process) {
    address.searchParams.set("process", process);
  }
  window.history.replaceState(null, "", address);
}

// Where the keyboard was, so that it is there again afterwards.
function describe(element) {
  if (element?.id) {
    return `#${CSS.escape(element.id)}`;
  }
  if (element?.dataset?.step) {
    return `a[data-step="${element.dataset.step}"]`;
  }
  return element?.closest(".events") ? ".events a[aria-current]" : null;
}

function enhance() {
  for (const button of document.querySelectorAll("[data-go]")) {
    button.hidden = true;
  }
  for (const keys of document.querySelectorAll("[data-keys]")) {
    keys.hidden = false;
  }
  const current = document.querySelector(".events a[aria-current]");
  const list = current?.closest("ol");
  if (list) {
    list.scrollTop += current.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 3;
  }
  showWhatIsUnderWay(document);
}
