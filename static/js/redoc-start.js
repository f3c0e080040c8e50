/* Redoc's own page starts it by an inline script, which the policy does not allow. */
(() => {
  "use strict";
  /* Its side bar shows a logo from another host. The portal asks no other host: such an address is dropped,
     whether it is set as an attribute or as a property. */
  const image = HTMLImageElement.prototype;
  const src = Object.getOwnPropertyDescriptor(image, "src");
  const setAttribute = Element.prototype.setAttribute;
  const own = (address) => new URL(address, location.href).origin === location.origin;
  image.setAttribute = function (name, value) {
    if (name !== "src" || own(value)) setAttribute.call(this, name, value);
  };
  Object.defineProperty(image, "src", {
    ...src,
    set(value) {
      if (own(value)) src.set.call(this, value);
    },
  });
  const box = document.getElementById("redoc");
  const fonts = { fontFamily: '"Inter Variable", system-ui, sans-serif' };
  Redoc.init(box.dataset.schema, { theme: { typography: { ...fonts, headings: fonts } } }, box);
})();
