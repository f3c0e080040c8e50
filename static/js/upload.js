/* Sends the file of a form by XMLHttpRequest, which alone reports progress. The server's answers are the same
   pages as without script: an address to go to, or this form again with what is wrong. */
(() => {
  "use strict";

  function size(bytes, units) {
    let power = 0;
    let value = bytes;
    while (value >= 999.5 && power < units.length - 1) {
      value /= 1000;
      power += 1;
    }
    const text = value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: value < 9.95 && power ? 1 : 0 });
    return `${text}\u00a0${units[power]}`;
  }

  const fill = (sentence, values) => sentence.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

  function notice(text) {
    const box = document.createElement("div");
    box.className = "notice info";
    box.setAttribute("role", "alert");
    const words = document.createElement("div");
    words.textContent = text;
    box.append(words);
    return box;
  }

  function prepare(form) {
    const part = (name) => form.querySelector(`[data-upload-${name}]`);
    const words = form.querySelector("[data-words]").dataset;
    const units = words.units.split(" ");
    const input = form.querySelector("input[type=file]");
    const button = form.querySelector("button[type=submit]");
    let request = null;

    function show(sending) {
      part("progress").hidden = !sending;
      part("drop").hidden = sending;
      button.disabled = sending;
    }

    function stop(text) {
      request = null;
      show(false);
      part("fault").replaceChildren(notice(text));
      input.focus();
    }

    function progress(event, started) {
      if (!event.lengthComputable) return;
      const bar = part("progress").querySelector("progress");
      bar.max = event.total;
      bar.value = event.loaded;
      const seconds = (Date.now() - started) / 1000;
      const left = Math.round((event.total - event.loaded) * seconds / event.loaded);
      let text = fill(words.sent, { sent: size(event.loaded, units), all: size(event.total, units) });
      if (event.loaded === event.total) text = words.kept;
      else if (seconds > 2) text += `, ${fill(words.left, { seconds: left })}`;
      part("status").textContent = text;
    }

    function answered() {
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const fault = page.querySelector("[data-upload-fault]");
      if (request.status < 400) location.assign(request.responseURL);
      else if (fault && fault.childElementCount) {
        request = null;
        show(false);
        part("fault").replaceChildren(document.importNode(fault, true));
      } else stop(words.failed);
    }

    function send() {
      const started = Date.now();
      const data = new FormData(form);
      request = new XMLHttpRequest();
      request.upload.addEventListener("progress", (event) => progress(event, started));
      request.addEventListener("load", answered);
      request.addEventListener("error", () => stop(words.lost));
      request.addEventListener("abort", () => stop(words.cancelled));
      request.open("POST", form.action || location.href);
      part("fault").replaceChildren();
      show(true);
      request.send(data);
      part("cancel").focus();
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!request) send();
    });
    part("cancel").addEventListener("click", () => request && request.abort());

    part("hint").hidden = false;
    const drop = part("drop");
    for (const name of ["dragenter", "dragover"]) {
      drop.addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.add("over");
      });
    }
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
    });
    addEventListener("beforeunload", (event) => {
      if (request && request.readyState < 4) event.preventDefault();
    });
  }

  for (const form of document.querySelectorAll("form[data-upload]")) prepare(form);
})();
