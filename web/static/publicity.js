// The pages of release do better with script: words are struck by selecting
// them, regions of a photo are drawn with a pointer. Without it words are typed
// and cells are ticked.
(function () {
  "use strict";
  var d = document;
  function each(list, fn) { Array.prototype.forEach.call(list, fn); }
  each(d.querySelectorAll("[data-unscripted]"), function (e) { e.hidden = true; });

  // Characters, not UTF-16 units: the server counts the same way.
  function chars(s) { return Array.from ? Array.from(s).length : s.length; }

  function stretch(words) {
    var sel = window.getSelection();
    if (!sel || sel.rangeCount === 0 || sel.isCollapsed) { return null; }
    var r = sel.getRangeAt(0);
    if (!words.contains(r.startContainer) || !words.contains(r.endContainer)) { return null; }
    var before = d.createRange();
    before.selectNodeContents(words);
    before.setEnd(r.startContainer, r.startOffset);
    var from = chars(before.toString()), to = from + chars(r.toString());
    return to > from ? from + "-" + to : null;
  }
  each(d.querySelectorAll("[data-strike]"), function (b) {
    // pressing the button must not lose the selection
    b.addEventListener("pointerdown", function (ev) { ev.preventDefault(); });
    b.addEventListener("mousedown", function (ev) { ev.preventDefault(); });
    b.addEventListener("click", function () {
      var n = b.getAttribute("data-strike"), mark = stretch(d.querySelector('[data-words="' + n + '"]'));
      if (!mark) {
        d.querySelector('[data-said="' + n + '"]').textContent = b.getAttribute("data-none");
        return;
      }
      var i = d.createElement("input");
      i.type = "hidden"; i.name = "mark." + n; i.value = mark;
      b.form.appendChild(i);
      if (b.form.requestSubmit) { b.form.requestSubmit(); } else { b.form.submit(); }
    });
  });

  each(d.querySelectorAll("[data-masking]"), function (form) {
    var canvas = form.querySelector(".canvas"), img = canvas.querySelector("img"), list = form.querySelector("[data-regions]");
    canvas.classList.add("drawing");
    form.querySelector(".cells").hidden = true;
    function frame(value) {
      var p = value.split(","), box = d.createElement("i");
      box.className = "region";
      box.style.left = p[0] / 10 + "%"; box.style.top = p[1] / 10 + "%";
      box.style.width = p[2] / 10 + "%"; box.style.height = p[3] / 10 + "%";
      canvas.appendChild(box);
      return box;
    }
    function follow(input, box) {
      input.addEventListener("change", function () { box.hidden = !input.checked; });
    }
    each(form.querySelectorAll('[name="region"]'), function (i) { follow(i, frame(i.value)); });
    function add(value) {
      var none = list.querySelector("[data-nothing]");
      if (none) { none.remove(); }
      var li = d.createElement("li"), label = d.createElement("label"), i = d.createElement("input"), span = d.createElement("span");
      label.className = "tick";
      i.type = "checkbox"; i.name = "region"; i.value = value; i.checked = true;
      span.textContent = form.getAttribute("data-region").replace("{n}", list.children.length + 1);
      label.appendChild(i); label.appendChild(span); li.appendChild(label); list.appendChild(li);
      follow(i, frame(value));
    }
    var start = null, ghost = null;
    function at(ev) {
      var r = img.getBoundingClientRect();
      return [Math.min(Math.max((ev.clientX - r.left) / r.width, 0), 1), Math.min(Math.max((ev.clientY - r.top) / r.height, 0), 1)];
    }
    function box(a, b) {
      var x = Math.floor(Math.min(a[0], b[0]) * 1000), y = Math.floor(Math.min(a[1], b[1]) * 1000);
      return [x, y, Math.ceil(Math.max(a[0], b[0]) * 1000) - x, Math.ceil(Math.max(a[1], b[1]) * 1000) - y];
    }
    canvas.addEventListener("pointerdown", function (ev) {
      if (ev.button) { return; }
      ev.preventDefault();
      start = at(ev);
      if (canvas.setPointerCapture) { canvas.setPointerCapture(ev.pointerId); }
    });
    canvas.addEventListener("pointermove", function (ev) {
      if (!start) { return; }
      if (ghost) { ghost.remove(); }
      ghost = frame(box(start, at(ev)).join(","));
    });
    function end(ev) {
      if (!start) { return; }
      var b = box(start, at(ev));
      start = null;
      if (ghost) { ghost.remove(); ghost = null; }
      if (b[2] >= 8 && b[3] >= 8) { add(b.join(",")); }
    }
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", function () { start = null; if (ghost) { ghost.remove(); ghost = null; } });
  });
})();
