// Shows an error when a script of the page fails to load, since then no module runs, and lets the user reload the page. A
// classic script, loaded first.

document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("reload").addEventListener("click", () => location.reload());
});

const showError = () => {
  document.getElementById("unloaded").hidden = false;
  document.getElementById("loading").hidden = true;
};

window.addEventListener("error", ({ target }) => {
  if (!(target instanceof HTMLScriptElement)) return;
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", showError);
  else showError();
}, true);
