/* Single keys: "/" searches, "g" and a letter opens a page, "?" lists the keys. Off while a field has focus,
   and off for good where the reader says so in the list of keys. */
(() => {
  "use strict";
  const WAIT_MS = 1200;
  const dialog = document.getElementById("keys");
  if (!dialog) return;

  const toggle = dialog.querySelector("[data-keys-on]");
  toggle.checked = localStorage.getItem("keys") !== "off";
  toggle.addEventListener("change", () => localStorage.setItem("keys", toggle.checked ? "on" : "off"));

  let pendingSince = 0;
  document.addEventListener("keydown", (event) => {
    if (!toggle.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    if (event.key === "/") {
      const field = document.querySelector("[data-filter]") || document.querySelector(".top .search input");
      if (!field) return;
      event.preventDefault();
      field.focus();
    } else if (event.key === "?") {
      dialog.showModal();
    } else if (event.key === "g") {
      pendingSince = Date.now();
    } else if (Date.now() - pendingSince < WAIT_MS) {
      const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      pendingSince = 0;
      if (link) location.href = link.href;
    }
  });
})();
