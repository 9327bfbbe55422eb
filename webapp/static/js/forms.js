// Forms: inserts phrases, attaches files at once, and opens the row of a fault; drafts.js saves what is written.
// Everything here is beside the form: without a script the same buttons save, attach and open.

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
