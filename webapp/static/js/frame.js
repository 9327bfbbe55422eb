// Keys and manners of every page: search key, menus that close, focus on refused forms, and the idle warning.

const WARN_SECONDS = 120;

export function typing(event) {
  const at = event.target;
  return event.ctrlKey || event.metaKey || event.altKey ||
    (at instanceof HTMLElement && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)));
}

function openMenus() {
  return [...document.querySelectorAll("details.drop[open], details.menu[open]")];
}

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  if (event.key === "/" && !typing(event)) {
    const search = document.querySelector("[data-search-key]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
});

// On a narrow screen the present tab may lie beyond the edge.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) tab.scrollIntoView({ block: "nearest", inline: "center" });

const first = document.querySelector("[data-focus]");
first?.focus({ preventScroll: first.dataset.focus === "stay" }); // a bar at the end must not hide the beginning

for (const note of document.querySelectorAll("[data-sent]")) {
  for (const key of [note.dataset.sent, `${note.dataset.sent}:earlier`]) localStorage.removeItem(key);
}

const idleSeconds = Number(document.body.dataset.idleSeconds);
const warning = document.getElementById("idle-warning");
if (idleSeconds && warning) {
  const tell = () => {
    const note = warning.content.firstElementChild.cloneNode(true);
    note.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      fetch(event.target.action, { method: "POST", body: new FormData(event.target) }).then(() => {
        note.remove();
        wait();
      });
    });
    document.body.append(note);
  };
  const wait = () => setTimeout(tell, Math.max(idleSeconds - WARN_SECONDS, 1) * 1000);
  wait();
}
