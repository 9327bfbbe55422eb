// Drafts: what a person writes is kept on this computer at once, and on the server as soon as it answers. The copy
// on this computer is dropped when the server has it; what never got there is brought back when the task is opened.

const QUIET_MS = 1500;
const RETRY_MS = 5000;
const KEEPALIVE_LIMIT = 60_000; // what a browser still sends from a page that closes
const KEPT_DAYS = 14;
const DAY_MS = 86_400_000;
const ASIDE = ["_op", "_seen"]; // of no use to a draft
const OF_THE_PAGE = ["csrf_token", "command_id"];

function entriesOf(form) {
  const entries = new FormData(form);
  for (const [name, value] of [...entries]) if (value instanceof File || ASIDE.includes(name)) entries.delete(name);
  return entries;
}

function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null; // no storage here, or not our words
  }
}

function keep(key, copy) {
  try {
    localStorage.setItem(key, JSON.stringify(copy));
  } catch {
    // a full or closed storage: the draft on the server is still there
  }
}

function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // no storage here
  }
}

function forgetOld() {
  const known = Object.keys(localStorage).filter((key) => key.startsWith("draft:"));
  for (const key of known) if (Date.now() - Date.parse(kept(key)?.at) > KEPT_DAYS * DAY_MS) forget(key);
}

const newName = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

function tell(form, state, words = "") {
  for (const part of form.querySelectorAll("[data-draft-state]")) part.hidden = part.dataset.draftState !== state;
  for (const note of form.querySelectorAll("[data-saved-note]")) note.hidden = state !== "saved";
  if (words) for (const part of form.querySelectorAll("[data-draft-state=saved] .st")) part.lastChild.textContent = words;
}

// The closed line of a row tells what it holds and whether it is complete: take the lines anew from the kept draft.
async function tellRows(form) {
  const rows = form.querySelectorAll("li.erowbox");
  const answer = rows.length && (await fetch(form.getAttribute("action"), { credentials: "same-origin" }));
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const row of rows) {
    const line = fresh.getElementById(row.id)?.querySelector("summary");
    const stands = row.querySelector("summary");
    // A line that says the same stays: whoever presses it at this moment would press nothing.
    if (line && line.innerHTML !== stands.innerHTML) stands.replaceChildren(...line.childNodes);
  }
}

// Who signed in again elsewhere has a new session, which wants a mark of its own on whatever is sent.
async function takeNewMark(form) {
  const answer = await fetch(form.getAttribute("action"), { credentials: "same-origin", redirect: "manual" });
  if (!answer.ok) return false;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[name=csrf_token]");
  if (!fresh || fresh.value === form.elements.csrf_token.value) return false;
  form.elements.csrf_token.value = fresh.value;
  return true;
}

// The drafts that what is sent may stand in the place of: the one shown, and what was sent since and may have arrived.
// The server writes over no other, because the person has not chosen between the two.
const shown = new WeakMap();
const sent = new WeakMap();
const MOST_SENT = 20;

function shows(form, stamp) {
  shown.set(form, stamp);
  sent.set(form, []);
}

function remember(form, copy) {
  sent.set(form, [...sent.get(form).filter((name) => name !== copy), copy].slice(-MOST_SENT));
}

const precedents = (form) => [shown.get(form), ...sent.get(form)];

function bodyAfter(form, entries, body) {
  for (const [name, value] of entries) body.append(name, value);
  for (const stamp of precedents(form)) body.append("_after", stamp);
  return body;
}

async function send(form, body) {
  const post = () => fetch(form.dataset.autosave, { method: "POST", body, credentials: "same-origin", redirect: "manual" });
  const answer = await post();
  if (answer.status !== 400 || !(await takeNewMark(form))) return answer;
  body.set("csrf_token", form.elements.csrf_token.value);
  return post();
}

// A redirect leads to the sign-in, and so does a mark of a session that is over.
const refusalOf = (answer) => (answer.type === "opaqueredirect" || answer.status === 400 ? "signed_out" : "not_kept");

function saveWhileWriting(form) {
  const key = form.dataset.draftKey;
  let aside = ""; // the copy of this page that waits for a choice
  let dirty = false;
  let timer = 0;
  let sending = false;

  function keepHere() {
    form.elements._copy.value = newName();
    const entries = [...entriesOf(form)].filter(([name]) => !OF_THE_PAGE.includes(name));
    keep(key, { copy: form.elements._copy.value, after: precedents(form), at: new Date().toISOString(), entries });
  }

  async function save() {
    if (!dirty || sending || !navigator.onLine) return; // the event of the network coming back calls again
    dirty = false;
    sending = true;
    const copy = form.elements._copy.value;
    const body = bodyAfter(form, entriesOf(form), new FormData());
    remember(form, copy);
    try {
      const answer = await send(form, body);
      const told = answer.headers.get("content-type")?.startsWith("application/json") ? await answer.json() : {};
      if (told.saved) {
        shows(form, copy);
        if (copy === form.elements._copy.value) forget(key);
        else if (kept(key)) keep(key, { ...kept(key), after: [copy] }); // written while this was on its way
        tell(form, told.closed ? "closed" : told.changed ? "changed" : "saved", told.words);
        if (!told.closed) await tellRows(form);
      } else if (told.elsewhere) {
        if (kept(key)?.copy === copy) putAside(form, kept(key));
        aside = copy;
        tell(form, "elsewhere");
      } else {
        tell(form, refusalOf(answer));
        dirty = answer.status !== 422; // what is no draft of this form is tried again with the next change
      }
    } catch {
      dirty = true;
      tell(form, "offline");
    } finally {
      sending = false;
    }
    if (dirty) later(copy === form.elements._copy.value ? RETRY_MS : QUIET_MS);
  }

  function later(delay) {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  }

  function soon(event) {
    if (event.target.type === "file") return; // no draft holds it: it is sent at once, with all that stands here
    dirty = true;
    keepHere();
    if (navigator.onLine) later(QUIET_MS);
    else tell(form, "offline");
  }

  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) {
      event.preventDefault(); // the browser would show its own page of no connection in place of this one
      soon(event);
      return;
    }
    clearTimeout(timer);
    keepHere();
    if (kept(earlierKey(form))?.copy === aside) forget(earlierKey(form)); // whoever presses a button has chosen
    dirty = false;
  });
  form.addEventListener("toggle", save, true); // a row was opened or closed
  addEventListener("online", save);
  addEventListener("focus", save);
  addEventListener("pagehide", () => {
    const body = bodyAfter(form, entriesOf(form), new URLSearchParams());
    if (dirty && navigator.onLine && body.toString().length < KEEPALIVE_LIMIT) {
      remember(form, form.elements._copy.value);
      fetch(form.dataset.autosave, { method: "POST", body, credentials: "same-origin", keepalive: true });
    }
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());
}

// The server draws the page, rows and all: what is kept here becomes the draft there, then the page is asked for anew.
async function sendKept(form, copy) {
  const body = bodyAfter(form, copy.entries, new FormData());
  body.set("csrf_token", form.elements.csrf_token.value);
  try {
    const answer = await send(form, body);
    if (!answer.ok && answer.status !== 409) return tell(form, refusalOf(answer));
    if (answer.status === 409 && (await answer.json()).elsewhere) return location.reload(); // to choose anew
    forget(earlierKey(form));
    sessionStorage.setItem("brought-back", form.dataset.draftKey);
    location.replace(form.getAttribute("action"));
  } catch {
    tell(form, "offline");
  }
}

// A copy that waits for a choice, or for the network, lies apart: whoever goes on writing does not write over it.
const earlierKey = (form) => `${form.dataset.draftKey}:earlier`;

function putAside(form, copy) {
  keep(earlierKey(form), copy);
  forget(form.dataset.draftKey);
}

// A moment as the pages say it: by the years of the republic in Chinese.
function momentWords(at) {
  const { lang } = document.documentElement;
  const locale = lang.startsWith("zh") ? "zh-TW-u-ca-roc" : lang;
  return new Date(at).toLocaleString(locale, { dateStyle: "short", timeStyle: "short", hourCycle: "h23" });
}

function offerBoth(form, copy) {
  const note = form.querySelector("template[data-two-drafts]").content.firstElementChild.cloneNode(true);
  note.querySelector("time").textContent = momentWords(copy.at);
  note.querySelector("[data-take]").addEventListener("click", () => sendKept(form, copy));
  note.querySelector("[data-drop]").addEventListener("click", () => {
    forget(earlierKey(form));
    note.remove();
  });
  form.querySelector(".body").prepend(note);
}

function bringBack(form) {
  const { draftKey, draftCopy, draftStamp } = form.dataset;
  if (sessionStorage.getItem("brought-back") === draftKey) {
    sessionStorage.removeItem("brought-back");
    for (const note of form.querySelectorAll("[data-brought-back]")) note.hidden = false;
  }
  const copy = kept(draftKey);
  if (copy && copy.copy !== draftCopy) {
    putAside(form, copy);
    if ([copy.after].flat().includes(draftStamp)) sendKept(form, copy);
    else offerBoth(form, copy);
    return;
  }
  forget(draftKey);
  const earlier = kept(earlierKey(form));
  if (earlier) offerBoth(form, earlier);
}

for (const form of document.querySelectorAll("form[data-autosave]")) {
  shows(form, form.dataset.draftStamp);
  saveWhileWriting(form);
  bringBack(form);
}
forgetOld();
