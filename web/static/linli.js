// What pages can do better with script. Everything works without this file.
(function () {
  "use strict";
  var d = document;

  function each(list, fn) { Array.prototype.forEach.call(list, fn); }

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

  // Position of the phone into a place field.
  d.addEventListener("click", function (ev) {
    var b = ev.target.closest ? ev.target.closest("[data-locate]") : null;
    if (b) { locate(b); }
    if (ev.target.closest && ev.target.closest("[data-print]")) { window.print(); }
  });
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
    }, failed, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
  }

  // Too many files are told before they are sent.
  d.addEventListener("change", function (ev) {
    var e = ev.target, max = e.getAttribute && e.getAttribute("data-max");
    if (max && e.files) {
      e.setCustomValidity(e.files.length > +max ? e.getAttribute("data-max-said") : "");
      e.reportValidity && e.reportValidity();
    }
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
