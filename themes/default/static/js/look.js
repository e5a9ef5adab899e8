// Applies the reader's look before the first paint. A plain script, because modules run only after the page is parsed.
(function () {
  var root = document.documentElement;
  root.classList.add("js");
  try {
    var look = localStorage.getItem("look");
    var type = localStorage.getItem("type");
    if (look === "dark" || look === "light") root.dataset.look = look;
    if (type === "large") root.dataset.type = type;
  } catch (error) {
    // Storage is switched off: the page keeps the system's look.
  }
})();
