// Search as you type, under the search box of every page: what is found of each kind, as links. Without a script, or
// with Enter, the search page answers. Nothing is asked while an input method is still composing a word.

const QUIET_MS = 250;

function suggest(form) {
  const input = form.querySelector("input[type=search]");
  const box = form.parentElement.querySelector("[data-suggestions]");
  const status = box.nextElementSibling;
  let timer = 0;
  let asked = "";

  function close() {
    box.hidden = true;
    box.replaceChildren();
    status.textContent = "";
  }

  async function ask() {
    const q = input.value.trim();
    if (q === asked && !box.hidden) return;
    asked = q;
    if (!q) return close();
    try {
      const answer = await fetch(`${form.dataset.suggest}?${new URLSearchParams({ q })}`, {
        credentials: "same-origin",
        redirect: "error",
      });
      if (!answer.ok || q !== asked) return;
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").body;
      box.replaceChildren(...found.childNodes);
      box.hidden = false;
      status.textContent = box.querySelector("[data-found]")?.dataset.found ?? "";
    } catch {
      close(); // no connection: the search page tells
    }
  }

  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(ask, QUIET_MS);
  });
  input.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, QUIET_MS);
  });

  form.parentElement.addEventListener("keydown", (event) => {
    const links = [...box.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape" && !box.hidden) {
      event.preventDefault(); // a search box would lose its words
      event.stopPropagation();
      close();
      input.focus();
    } else if (event.key === "ArrowDown" && links.length) {
      event.preventDefault();
      links[Math.min(at + 1, links.length - 1)].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      (links[at - 1] ?? input).focus();
    }
  });
  form.parentElement.addEventListener("focusout", (event) => {
    if (!form.parentElement.contains(event.relatedTarget)) setTimeout(() => form.parentElement.contains(document.activeElement) || close(), 150);
  });
}

for (const form of document.querySelectorAll("form[data-suggest]")) suggest(form);
