// Forms: saves drafts while a person writes, inserts phrases, attaches files at once, and opens the row of a fault.
// Everything here is beside the form: without a script the same buttons save, attach and open.

const QUIET_MS = 1500;
const KEEPALIVE_LIMIT = 60_000; // what a browser still sends from a page that closes

function entriesOf(form) {
  const entries = new FormData(form);
  for (const [name, value] of [...entries]) if (value instanceof File || name === "_op") entries.delete(name);
  return entries;
}

function told(form, words) {
  for (const part of form.querySelectorAll("[data-saved], [data-saved-note]")) part.hidden = false;
  for (const part of form.querySelectorAll("[data-saved] .st")) part.lastChild.textContent = words;
}

// The closed line of a row tells what it holds and whether it is complete: take the lines anew from the kept draft.
async function tellRows(form) {
  const rows = form.querySelectorAll("li.erowbox");
  const answer = rows.length && (await fetch(location.pathname, { credentials: "same-origin" }));
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const row of rows) {
    const line = fresh.getElementById(row.id)?.querySelector("summary");
    if (line) row.querySelector("summary").replaceChildren(...line.childNodes);
  }
}

function saveWhileWriting(form) {
  let dirty = false;
  let timer = 0;
  let sending = false;

  async function save() {
    if (!dirty || sending) return;
    dirty = false;
    sending = true;
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: entriesOf(form), credentials: "same-origin" });
      if (answer.ok) {
        told(form, (await answer.json()).words);
        await tellRows(form);
      } else dirty = answer.status >= 500;
    } catch {
      dirty = true; // no connection: the next change, or leaving, tries again
    } finally {
      sending = false;
    }
  }

  function soon() {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, QUIET_MS);
  }

  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    dirty = false;
  });
  form.addEventListener("toggle", save, true); // a row was opened or closed
  addEventListener("pagehide", () => {
    const body = new URLSearchParams([...entriesOf(form)]);
    if (dirty && body.toString().length < KEEPALIVE_LIMIT) {
      fetch(form.dataset.autosave, { method: "POST", body, credentials: "same-origin", keepalive: true });
    }
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());
}

function offerPhrases(group) {
  const field = document.getElementById(group.dataset.phrases);
  group.hidden = false;
  group.addEventListener("click", (event) => {
    const phrase = event.target.closest("button")?.textContent;
    if (!phrase) return;
    field.setRangeText(phrase, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function reveal(id) {
  const target = id && document.getElementById(id);
  if (!target) return;
  for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  if (target.matches("li")) target.querySelector("details").open = true;
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "center" });
}

for (const form of document.querySelectorAll("form[data-autosave]")) saveWhileWriting(form);
for (const group of document.querySelectorAll("[data-phrases]")) offerPhrases(group);
for (const input of document.querySelectorAll("input[type=file].upload")) {
  input.addEventListener("change", () => input.files.length && input.parentElement.querySelector("button").click());
}
document.getElementById("faults")?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  reveal(link.hash.slice(1));
});
if (location.hash.length > 1 && !document.getElementById("faults")) reveal(location.hash.slice(1));
