// Keys: every one of them is a link or a field of the page as well, and everything works without this file.
"use strict";
(() => {
  const places = JSON.parse(document.getElementById("keys").dataset.places);
  const help = document.getElementById("keys");
  let waiting = false;
  const follow = (selector) => { const link = document.querySelector(selector); if (link) link.click(); return Boolean(link); };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (typing && event.key === "Enter" && (event.ctrlKey || event.metaKey)) { typing.form?.requestSubmit(); return; }
    if (typing && event.key === "Escape") { typing.blur(); return; }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (waiting) { waiting = false; if (places[event.key]) { event.preventDefault(); location.assign(places[event.key]); } return; }
    if (event.key === "g") { waiting = true; setTimeout(() => { waiting = false; }, 1500); }
    else if (event.key === "/") { const field = document.querySelector("[data-search]"); if (field) { event.preventDefault(); field.focus(); field.select?.(); } }
    else if (event.key === "[") follow("[rel=prev]");
    else if (event.key === "]") follow("[rel=next]");
    else if (event.key === "?") help.showModal();
    else if (event.key === "Escape" && !help.open) follow("[data-up]");
  });
  help.querySelector("button").addEventListener("click", () => help.close());
})();
