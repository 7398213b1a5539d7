// Shows an error when a script of the page fails to load, since then no module runs. A classic script, loaded first.

const showError = () => {
  document.getElementById("unloaded").hidden = false;
  document.getElementById("loading").hidden = true;
};

window.addEventListener("error", ({ target }) => {
  if (!(target instanceof HTMLScriptElement)) return;
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", showError);
  else showError();
}, true);
