/* What every page does beyond plain HTML: theme, side bar on small screens, dialogs, menu, copy buttons. */
(() => {
  "use strict";
  const root = document.documentElement;

  /* theme */
  const themeButtons = document.querySelectorAll("[data-theme-toggle]");
  const showTheme = () => {
    for (const button of themeButtons) button.setAttribute("aria-pressed", String(root.dataset.theme === "dark"));
  };
  for (const button of themeButtons) {
    button.addEventListener("click", () => {
      root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
      localStorage.setItem("theme", root.dataset.theme);
      showTheme();
      dispatchEvent(new Event("themechange"));
    });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
    if (localStorage.getItem("theme")) return;
    root.dataset.theme = event.matches ? "dark" : "light";
    showTheme();
    dispatchEvent(new Event("themechange"));
  });
  showTheme();

  /* side bar on small screens */
  const menuButton = document.querySelector(".menu-btn");
  const openSideBar = (open) => {
    document.body.classList.toggle("nav-open", open);
    menuButton.setAttribute("aria-expanded", String(open));
    (open ? document.querySelector(".side a") : menuButton).focus();
  };
  for (const button of document.querySelectorAll("[data-nav]")) {
    button.addEventListener("click", () => openSideBar(!document.body.classList.contains("nav-open")));
  }

  /* the account menu closes on Escape and on a click beside it */
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (document.body.classList.contains("nav-open")) openSideBar(false);
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  /* the current tab scrolls into view */
  const tab = document.querySelector(".tabs [aria-current]");
  if (tab) tab.parentNode.scrollLeft = tab.offsetLeft - (tab.parentNode.clientWidth - tab.offsetWidth) / 2;

  /* dialogs, copy and print: buttons may come later with a fragment, so one listener for all */
  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details.menu"));
    const button = event.target.closest("button");
    if (!button) return;
    if ("open" in button.dataset) document.getElementById(button.dataset.open).showModal();
    if ("close" in button.dataset) button.closest("dialog").close();
    if ("print" in button.dataset) print();
    if ("copy" in button.dataset) copy(button);
  });

  /* data-copy names the element by selector; data-done is the word shown when it is done */
  async function copy(button) {
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
    const label = button.querySelector(".lbl");
    const before = label.textContent;
    label.textContent = button.dataset.done;
    setTimeout(() => { label.textContent = before; }, 1400);
  }
})();
