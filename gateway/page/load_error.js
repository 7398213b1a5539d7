// Says so when a file of the page does not come: then none of its modules runs. No module itself, and first of all.

const say = () => {
  document.getElementById("unloaded").hidden = false;
  document.getElementById("loading").hidden = true;
};

window.addEventListener("error", ({ target }) => {
  if (!(target instanceof HTMLScriptElement)) return;
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", say);
  else say();
}, true);
