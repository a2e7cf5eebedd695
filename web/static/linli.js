// What pages can do better with script. Everything works without this file.
(function () {
  "use strict";
  var d = document;

  function each(list, fn) { Array.prototype.forEach.call(list, fn); }
  function near(ev, what) { return ev.target.closest ? ev.target.closest(what) : null; }

  // Things that only make sense with script show themselves now.
  each(d.querySelectorAll("[data-scripted]"), function (e) { e.hidden = false; });

  // After a refusal the reader starts at what has to be mended.
  var wrong = d.querySelector("[data-focus]");
  if (wrong) { wrong.focus(); }

  // A question before an act that matters, then one sending only.
  d.addEventListener("submit", function (ev) {
    var form = ev.target, ask = form.getAttribute("data-confirm");
    if (form.getAttribute("data-sent") || (ask && !window.confirm(ask))) {
      ev.preventDefault();
      return;
    }
    if (form.method === "get") { return; }
    form.setAttribute("data-sent", "1");
    // the pressed button's own value must still be sent: disable a moment later
    setTimeout(function () {
      each(form.querySelectorAll("button:not([type=button])"), function (b) { b.setAttribute("aria-disabled", "true"); });
    }, 0);
    // a failed network must not lock the form for good
    setTimeout(function () { open(form); }, 15000);
  });
  function open(form) {
    form.removeAttribute("data-sent");
    each(form.querySelectorAll("[aria-disabled]"), function (b) { b.removeAttribute("aria-disabled"); });
  }
  window.addEventListener("pageshow", function () { each(d.forms, open); });

  d.addEventListener("click", function (ev) {
    var b = near(ev, "[data-locate]");
    if (b) { locate(b); }
    if (near(ev, "[data-print]")) { window.print(); }
    // one fold of the navigation at a time; a tap elsewhere closes it
    var fold = near(ev, ".nav details");
    each(d.querySelectorAll(".nav details[open]"), function (one) { if (one !== fold) { one.open = false; } });
    var text = near(ev, "[data-fill]");
    if (text) {
      ev.preventDefault();
      var into = d.getElementById(text.getAttribute("data-fill"));
      into.value = text.getAttribute("data-text");
      into.focus();
    }
  });

  // Escape folds together what holds the focus, and the focus goes back to where it was opened.
  d.addEventListener("keydown", function (ev) {
    if (ev.key !== "Escape" || ev.defaultPrevented) { return; }
    var fold = near(ev, ".nav details[open], details.confirm[open], details.filters[open]");
    if (!fold) { return; }
    fold.open = false;
    fold.querySelector("summary").focus();
  });

  // Position of the phone into a place field.
  function locate(b) {
    var place = b.closest("[data-place]"), name = place.getAttribute("data-place");
    var out = place.querySelector("output");
    function set(part, v) {
      var e = place.querySelector('[name="' + name + "." + part + '"]');
      if (e) { e.value = v; }
    }
    function failed() { out.textContent = b.getAttribute("data-failed"); b.disabled = false; }
    if (!navigator.geolocation) { failed(); return; }
    out.textContent = b.getAttribute("data-busy");
    b.disabled = true;
    navigator.geolocation.getCurrentPosition(function (p) {
      set("lon", p.coords.longitude.toFixed(6));
      set("lat", p.coords.latitude.toFixed(6));
      set("accuracy", Math.round(p.coords.accuracy));
      set("datum", "WGS-84");
      out.textContent = b.getAttribute("data-done").replace("{meters}", Math.round(p.coords.accuracy));
      b.disabled = false;
      var told = d.createEvent("Event");
      told.initEvent("linli:located", true, false);
      place.dispatchEvent(told);
    }, failed, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
  }

  // Choosing files in the page's own words: a button, and what was chosen with its size.
  each(d.querySelectorAll("input[type=file][data-choose]"), function (e) {
    var button = d.createElement("label"), list = d.createElement("ul");
    button.className = "button plain";
    button.htmlFor = e.id;
    button.textContent = e.getAttribute("data-choose");
    list.className = "chosen";
    list.setAttribute("aria-live", "polite");
    list.setAttribute("aria-label", e.getAttribute("data-chosen"));
    e.classList.add("sr");
    e.parentNode.insertBefore(button, e.nextSibling);
    e.parentNode.insertBefore(list, button.nextSibling);
    chosen(e);
  });
  function chosen(e) {
    var list = e.parentNode.querySelector(".chosen");
    if (!list) { return; }
    list.textContent = "";
    each(e.files.length ? e.files : [null], function (f) {
      var li = d.createElement("li"), name = d.createElement("span"), size = d.createElement("small");
      name.textContent = f ? f.name : e.getAttribute("data-none");
      size.textContent = f ? (f.size < 1048576 ? Math.max(1, Math.round(f.size / 1024)) + " KB" : (f.size / 1048576).toFixed(1) + " MB") : "";
      li.appendChild(name);
      li.appendChild(size);
      list.appendChild(li);
    });
  }

  // A day or moment in the page's language: the browser draws its control in its own.
  function picked(e) {
    var out = e.parentNode.querySelector(".picked"), at = e.value && new Date(e.value + (e.type === "date" ? "T00:00" : ""));
    if (!out) {
      out = d.createElement("p");
      out.className = "help picked";
      out.setAttribute("aria-live", "polite");
      e.parentNode.insertBefore(out, e.nextSibling);
    }
    out.textContent = "";
    if (!at || isNaN(at) || typeof Intl === "undefined") { return; }
    var how = { year: "numeric", month: "long", day: "numeric", weekday: "long" };
    if (e.type !== "date") { how.hour = how.minute = "2-digit"; }
    out.textContent = e.getAttribute("data-said").replace("#", new Intl.DateTimeFormat(d.documentElement.lang, how).format(at));
  }
  each(d.querySelectorAll("input[data-said]"), function (e) { if (e.value) { picked(e); } });

  // Ticked lines are counted; one tick takes all.
  function count() {
    each(d.querySelectorAll("[data-ticked]"), function (out) {
      var form = d.getElementById(out.getAttribute("data-ticked")), n = form ? form.querySelectorAll("input[name=case]:checked").length : 0;
      out.textContent = n ? out.getAttribute("data-said").replace("#", n) : "";
    });
  }
  count();

  d.addEventListener("change", function (ev) {
    var e = ev.target, max = e.getAttribute && e.getAttribute("data-max");
    if (max && e.files) {
      // too many files are told before they are sent
      e.setCustomValidity(e.files.length > +max ? e.getAttribute("data-max-said") : "");
      e.reportValidity && e.reportValidity();
    }
    if (e.type === "file") { chosen(e); }
    if (e.matches && e.matches("input[data-said]")) { picked(e); }
    if (e.matches && e.matches("[data-all]")) {
      var form = d.getElementById(e.getAttribute("data-all"));
      if (form) { each(form.querySelectorAll("input[name=case]"), function (one) { one.checked = e.checked; }); }
    }
    count();
  });

  // An island that a page begins with comes after the page itself was painted.
  window.addEventListener("load", function () {
    each(d.querySelectorAll("[data-island-start]"), function (e) { window.linliLoad(e.getAttribute("data-island-start"), function () {}); });
  });

  // A bundle of web/island is fetched when a tap first needs it, once. Its
  // address stands in data-island-NAME (and data-island-NAME-css) of the page.
  var bundles = {};
  window.linliLoad = function (name, done) {
    var b = bundles[name];
    if (b) { if (b.state === 1) { done(b.ok); } else { b.wait.push(done); } return; }
    b = bundles[name] = { state: 0, wait: [done] };
    var at = d.querySelector("[data-island-" + name + "]"), left = 1;
    function end(ok) {
      if (!ok) { b.bad = true; }
      if (--left > 0) { return; }
      b.state = 1; b.ok = !b.bad;
      if (b.bad) { bundles[name] = null; }
      b.wait.forEach(function (f) { f(b.ok); });
    }
    if (!at) { end(false); return; }
    function fetch(e) { e.onload = function () { end(true); }; e.onerror = function () { end(false); }; d.head.appendChild(e); }
    var css = at.getAttribute("data-island-" + name + "-css");
    if (css) { left++; var l = d.createElement("link"); l.rel = "stylesheet"; l.href = css; fetch(l); }
    var s = d.createElement("script"); s.src = at.getAttribute("data-island-" + name); fetch(s);
  };
})();
