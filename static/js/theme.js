/* Loaded in <head> without defer: sets the theme before the first paint. */
(() => {
  "use strict";
  const chosen = localStorage.getItem("theme");
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = chosen || system;
})();
