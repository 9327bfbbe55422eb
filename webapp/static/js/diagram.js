// Bring what is under way into view: the first active element of a diagram, inside its own scroll region only.
// A diagram that frames one element (the one that a replay looks at) shows that one.
export function showWhatIsUnderWay(root) {
  for (const region of root.querySelectorAll(".diagram")) {
    const active = region.querySelector(".here") ?? region.querySelector("g.active:not(.frame)") ?? region.querySelector("g.active");
    if (active) {
      const box = active.getBoundingClientRect();
      const frame = region.getBoundingClientRect();
      region.scrollLeft += box.left - frame.left - (frame.width - box.width) / 2;
    }
  }
}

showWhatIsUnderWay(document);

// A click on a call activity goes where the tab of the called process goes.
for (const call of document.querySelectorAll(".diagram [data-href]")) {
  call.addEventListener("click", () => window.location.assign(call.dataset.href));
}
