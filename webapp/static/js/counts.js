// The counts of the tabs, asked for now and then while somebody can see them. Only numbers change by themselves, and a
// quiet line tells that there is something new: the list itself stays until the person reloads it.

const EVERY_MS = 60_000;

export function watchCounts() {
  const tabs = document.querySelector("[data-counts]");
  const news = document.getElementById("news");
  if (!tabs || !news) return;
  let tag = "";
  let asked = 0;

  function show(counts) {
    let more = false;
    for (const number of tabs.querySelectorAll("[data-view]")) {
      const now = counts[number.dataset.view];
      if (now === undefined || now === number.textContent) continue;
      more ||= parseInt(now, 10) > parseInt(number.textContent, 10) || now.endsWith("+");
      number.textContent = now;
    }
    if (more && !news.childElementCount) news.append(document.getElementById("news-words").content.cloneNode(true));
  }

  async function ask() {
    if (document.hidden) return;
    asked += 1;
    const own = asked;
    try {
      const answer = await fetch(tabs.dataset.counts, {
        headers: tag ? { "If-None-Match": tag } : {},
        credentials: "same-origin",
        redirect: "error",
      });
      if (!answer.ok || own !== asked) return; // an answer that was overtaken tells less
      tag = answer.headers.get("ETag") ?? "";
      show(await answer.json());
    } catch {
      // No connection, or the session has ended: the next look tells.
    }
  }

  setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", ask);
}
