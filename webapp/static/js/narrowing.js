// Search in the list as you type: the list and its filters are taken anew, the box keeps what is typed, and the address
// says what is shown. Without a script, or with Enter, the page is asked for as a whole.

const QUIET_MS = 300;

function takeFilters(form, fresh) {
  const tools = form.parentElement;
  for (const part of [...tools.children]) if (part !== form) part.remove();
  let before = true;
  for (const part of [...fresh.children]) {
    if (part.matches("form.search")) before = false;
    else if (before) form.before(part);
    else tools.append(part);
  }
}

export function searchWhileTyping(takeUp) {
  const form = document.querySelector(".tools form.search");
  const input = form?.querySelector("input[type=search]");
  if (!input) return;
  let timer = 0;
  let asked = input.value;

  async function narrow() {
    if (input.value === asked) return;
    asked = input.value;
    const wanted = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    const address = `${location.pathname}${wanted.size ? `?${wanted}` : ""}`;
    try {
      const answer = await fetch(address, { credentials: "same-origin", redirect: "error" });
      if (!answer.ok || input.value !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const list = page.getElementById("list");
      if (!list) return;
      document.getElementById("list").replaceWith(list);
      takeFilters(form, page.querySelector(".tools"));
      document.getElementById("list-status").textContent = list.dataset.told;
      history.replaceState(null, "", address);
      takeUp();
    } catch {
      asked = ""; // no connection: the next letter, or Enter, tries again
    }
  }

  function soon(event) {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(narrow, QUIET_MS);
  }
  input.addEventListener("input", soon);
  input.addEventListener("compositionend", soon);
}
