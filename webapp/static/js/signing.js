// Keys of the sign panel: a chooses the approval, r the return, Ctrl+Enter sends. The inbox leads here with #approve or
// #return. Choosing sends nothing: the person still sees what is signed and presses the button.

import { typing } from "./frame.js";

const panel = document.getElementById("sign");
const VERBS = { approve: ["decide", "approve", "agree"], return: ["return"] };

function choose(kind) {
  const radios = [...(panel?.querySelectorAll("input[type=radio]") ?? [])];
  const verb = VERBS[kind].map((value) => radios.find((radio) => radio.value === value)).find(Boolean);
  if (!verb) return;
  verb.checked = true;
  verb.dispatchEvent(new Event("change", { bubbles: true }));
  const opinion = panel.querySelector("textarea[name=opinion]");
  const next = kind === "return" || verb.value === "decide" ? opinion ?? verb : panel.querySelector("[value=complete]");
  next.focus();
}

document.addEventListener("keydown", (event) => {
  const complete = panel?.querySelector("button[value=complete]");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && complete && panel.contains(event.target)) {
    event.preventDefault();
    complete.click();
    return;
  }
  if (typing(event) && event.target.type !== "radio") return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "a" || event.key === "r") {
    event.preventDefault();
    choose(event.key === "a" ? "approve" : "return");
  }
});

if (!document.getElementById("faults") && location.hash in { "#approve": 1, "#return": 1 }) choose(location.hash.slice(1));
