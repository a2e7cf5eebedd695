// Single keys for the office (switched off in the choices of display, and never
// while somebody types). The sheet of keys stands in the page; it shows only the
// keys that do something there.
(function () {
  "use strict";
  var d = document, sheet = d.getElementById("keysheet"), waiting = 0;
  var lines = "main .worklist tbody th a, main .cases .line a";
  var ways = { i: "/cases", c: "/command", f: "/figures", n: "/new", h: "/" };
  var names = { i: "inbox", c: "command", f: "figures", n: "new", h: "home" };

  function all(what) { return Array.prototype.slice.call(d.querySelectorAll(what)); }
  function way(key) {
    var to = ways[key];
    if (to === "/") { return to; }
    return to && d.querySelector('header .nav a[href="' + to + '"], header .nav a[href^="' + to + '?"]') ? to : "";
  }
  function typing(e) {
    if (e.isContentEditable || /^(TEXTAREA|SELECT)$/.test(e.tagName)) { return true; }
    return e.tagName === "INPUT" && !/^(checkbox|radio|button|submit|image|file|reset)$/.test(e.type);
  }
  function shown(e) { return e.getClientRects().length > 0; }
  function step(by) {
    var list = all(lines).filter(shown), at = -1, here = d.activeElement;
    list.forEach(function (a, i) { if (a === here || (a.closest("tr, li").contains(here))) { at = i; } });
    var next = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + by, 0), list.length - 1)];
    if (next) {
      next.focus();
      next.scrollIntoView({ block: "nearest" });
    }
    return !!next;
  }
  function search() {
    var box = d.querySelector("main input[type=search], main input[name=q]");
    if (!box) {
      if (!d.querySelector('header .nav a[href="/search"]')) { return false; }
      location.href = "/search";
      return true;
    }
    for (var fold = box.closest("details"); fold; fold = fold.parentElement.closest("details")) { fold.open = true; }
    box.focus();
    box.select && box.select();
    return true;
  }
  function tick() {
    var line = d.activeElement.closest("tr, li"), box = line && line.querySelector("input[type=checkbox]");
    if (!box) { return false; }
    box.click();
    return true;
  }
  function act() {
    var fold = d.querySelector("main .now details.confirm");
    if (!fold) { return false; }
    fold.open = true;
    var first = fold.querySelector("form input:not([type=hidden]), form select, form textarea, form button");
    (first || fold.querySelector("summary")).focus();
    return true;
  }
  function help() {
    if (!sheet.showModal) { return false; }
    var has = {
      search: d.querySelector("main input[name=q], main input[type=search], header .nav a[href='/search']"), next: d.querySelector(lines), previous: d.querySelector(lines),
      open: d.querySelector(lines), tick: d.querySelector("main li input[type=checkbox][name=case], main tr input[type=checkbox][name=case]"), act: d.querySelector("main .now details.confirm")
    };
    Object.keys(names).forEach(function (k) { has[names[k]] = way(k); });
    all("#keysheet [data-key]").forEach(function (row) {
      var key = row.getAttribute("data-key");
      row.hidden = key in has && !has[key];
    });
    sheet.showModal();
    sheet.querySelector("h2").focus();
    return true;
  }
  if (sheet) {
    var from = null;
    sheet.addEventListener("close", function () { if (from) { from.focus(); } });
    sheet.addEventListener("click", function (ev) { if (ev.target === sheet || ev.target.closest("[data-close]")) { sheet.close(); } });
  }

  d.addEventListener("keydown", function (ev) {
    if (ev.ctrlKey || ev.metaKey || ev.altKey || ev.isComposing || ev.defaultPrevented || typing(ev.target) || (sheet && sheet.open)) { return; }
    var key = ev.key, done = false;
    if (Date.now() < waiting) {
      waiting = 0;
      var to = way(key);
      if (to) {
        location.href = to;
        done = true;
      }
    } else if (key === "g") {
      waiting = Date.now() + 1500;
      done = true;
    } else if (key === "j" || key === "k") {
      done = step(key === "j" ? 1 : -1);
    } else if (key === "/") {
      done = search();
    } else if (key === "x") {
      done = tick();
    } else if (key === "a") {
      done = act();
    } else if (key === "?" && sheet) {
      from = d.activeElement;
      done = help();
    }
    if (done) { ev.preventDefault(); }
  });
})();
