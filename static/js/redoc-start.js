/* Redoc's own page starts it by an inline script, which the policy does not allow. */
(() => {
  "use strict";
  const box = document.getElementById("redoc");
  const fonts = { fontFamily: '"Inter Variable", system-ui, sans-serif' };
  Redoc.init(box.dataset.schema, { theme: { typography: { ...fonts, headings: fonts } } }, box);
})();
