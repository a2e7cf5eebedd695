// The command page and the wall screen: they refresh when something changed,
// and draw the map. Without this file both are whole pages all the same.
(function () {
  "use strict";
  var d = document, root = d.querySelector("[data-command]");
  if (!root) { return; }
  var fold = root.querySelector(".command-fold");
  if (fold && window.matchMedia && window.matchMedia("(min-width: 60rem)").matches) { fold.open = true; }
  var wall = root.hasAttribute("data-wall");
  var least = 2000;      // between two fetches of one page
  var longest = 60000;   // a page that heard nothing looks all the same
  var again = 0, timer = 0, source = null, ended = false, lastFetch = 0, fetching = false, pending = false, wait = 1000, heard = 0;

  function each(list, fn) { Array.prototype.forEach.call(list, fn); }

  function say(state) {
    each(root.querySelectorAll("[data-state]"), function (e) {
      var words = e.getAttribute("data-said-" + state) || "";
      e.setAttribute("class", "live " + state);
      if (e.textContent !== words) { e.textContent = words; }
    });
  }
  var state = "off";
  function become(s) { state = s; say(s); }

  // The parts of the page that change are fetched as this person, and put in
  // place of the old ones. Where somebody stands stays where it was.
  function refresh() {
    timer = 0;
    if (ended) { return; }
    if (fetching) { pending = true; return; }
    if (d.hidden && !wall) { pending = true; return; }
    fetching = true; pending = false; lastFetch = Date.now();
    var x = new XMLHttpRequest();
    x.open("GET", root.getAttribute("data-parts"));
    x.timeout = 20000;
    x.onload = function () {
      fetching = false;
      if (x.status === 200 && x.responseText.indexOf("data-part") >= 0) { put(x.responseText); if (redrawMap) { redrawMap(); } }
      else if (x.status === 401 || x.status === 403) { over(); return; }
      next();
    };
    x.onerror = x.ontimeout = function () { fetching = false; next(); };
    x.send();
  }
  function next() { if (pending) { later(least); } }
  function later(ms) {
    if (timer || ended) { return; }
    var rest = Math.max(0, lastFetch + least - Date.now());
    timer = setTimeout(refresh, Math.max(rest, ms) + Math.random() * 300);
  }

  function put(html) {
    var fresh = new DOMParser().parseFromString(html, "text/html");
    var at = d.activeElement, href = at && at.getAttribute ? at.getAttribute("href") : null;
    var part = at && at.closest ? at.closest("[data-part]") : null;
    var known = {};
    each(root.querySelectorAll(".cases a[href]"), function (a) { known[a.getAttribute("href")] = true; });
    var had = root.querySelector(".cases") !== null;
    each(fresh.querySelectorAll("[data-part]"), function (e) {
      var old = root.querySelector('[data-part="' + e.getAttribute("data-part") + '"]');
      if (!old) { return; }
      var keep = picture(old, e), node = d.importNode(e, true);
      old.parentNode.replaceChild(node, old);
      if (keep) { keep(node); }
    });
    if (had) {
      each(root.querySelectorAll(".cases > li"), function (li) {
        var a = li.querySelector("a[href]");
        if (a && !known[a.getAttribute("href")]) { li.classList.add("fresh"); }
      });
    }
    if (part && href) {
      var name = part.getAttribute("data-part"), back = null;
      each(root.querySelectorAll('[data-part="' + name + '"] a[href]'), function (a) { if (!back && a.getAttribute("href") === href) { back = a; } });
      if (back) { back.focus({ preventScroll: true }); } else { var p = root.querySelector('[data-part="' + name + '"]'); if (p && p.tabIndex === -1) { p.focus({ preventScroll: true }); } }
    }
    say(state);
    stills();
    root.setAttribute("data-refreshed", String(++again));
  }

  // A picture is not taken away before its newer one is there.
  function picture(old, fresh) {
    var img = old.querySelector("figure.map img"), at = fresh.querySelector("figure.map img");
    if (!img || !at) { return null; }
    return function (node) { var place = node.querySelector("figure.map img"); place.parentNode.replaceChild(img, place); };
  }
  function stills() {
    if (mapped) { return; }
    each(root.querySelectorAll("figure.map img"), function (img) {
      var src = img.getAttribute("src").replace(/([?&])at=\d+/, "$1").replace(/[?&]$/, "");
      var whole = src + (src.indexOf("?") < 0 ? "?" : "&") + "at=" + Date.now();
      var first = new Image();
      first.onload = function () { img.src = whole; };
      first.src = whole;
    });
  }

  function over() {
    ended = true;
    if (source) { source.close(); source = null; }
    become("ended");
    if (wall) { setTimeout(function () { location.reload(); }, 60000); }
  }

  // Events say that something changed. A stream that breaks comes back by itself,
  // each time after a longer wait; the browser's own way back is used where it works.
  function listen() {
    if (ended || !window.EventSource) { become("off"); return; }
    source = new EventSource(root.getAttribute("data-live"));
    source.addEventListener("open", function () { wait = 1000; heard = Date.now(); become("on"); });
    source.addEventListener("change", function (ev) {
      heard = Date.now();
      become("on");
      root.setAttribute("data-heard", ev.lastEventId);
      later(0);
    });
    source.addEventListener("ended", over);
    source.onerror = function () {
      if (ended) { return; }
      become("off");
      if (source.readyState === 2) { // the browser gave up
        source.close(); source = null;
        setTimeout(listen, wait + Math.random() * 1000);
        wait = Math.min(wait * 2, 30000);
        later(0); // a session that ended is seen by this
      }
    };
  }
  listen();
  setInterval(function () { if (Date.now() - lastFetch > longest) { later(0); } }, 5000);
  d.addEventListener("visibilitychange", function () { if (!d.hidden && pending) { later(0); } });
  window.addEventListener("online", function () { later(0); });

  // ---- the wall screen ----
  if (wall) {
    var now = root.querySelector("[data-now]");
    setInterval(function () {
      var t = new Date(Date.now() + 8 * 3600 * 1000); // China has one time, whatever the machine's zone
      if (now) { now.textContent = ("0" + t.getUTCHours()).slice(-2) + ":" + ("0" + t.getUTCMinutes()).slice(-2); }
    }, 1000);
    var full = root.querySelector("[data-full]");
    if (full && d.documentElement.requestFullscreen) {
      full.hidden = false;
      full.addEventListener("click", function () {
        if (d.fullscreenElement) { d.exitFullscreen(); } else { d.documentElement.requestFullscreen(); }
      });
    }
    // after half a day the page is fetched anew, so that it also learns of a newer program
    setTimeout(function () { location.reload(); }, 12 * 3600 * 1000);
  }

  // ---- the map ----
  var mapped = false, redrawMap = null, place = root.querySelector("[data-map]");
  function drawMap() {
    if (!place || !window.linliLoad) { return; }
    window.linliLoad("map", function (ok) {
      if (!ok || !window.linliMap || !window.linliMap.createMap) { return; }
      begin(place);
    });
  }
  function begin(box) {
    var shades = {}, marks = null, map = null, request = null;
    var under = root.getAttribute("data-under") || "";
    box.hidden = false;
    box.tabIndex = 0;
    map = window.linliMap.createMap(box, {
      under: under,
      words: { label: box.getAttribute("data-label"), "in": box.getAttribute("data-in"), out: box.getAttribute("data-out"), loading: box.getAttribute("data-loading"), failed: box.getAttribute("data-failed") },
      gridClass: function (code) { return shades[code] ? "heat heat-" + shades[code] : "heat"; },
      onGrid: function (code) { location.href = to(code); },
      dots: true,
      onReady: function (m) {
        mapped = true;
        var still = root.querySelector("[data-still]");
        if (still) { still.hidden = true; }
        marks = m.group();
        m.map.on("moveend", points);
        points();
      },
    });
    function to(code) {
      var q = new URLSearchParams(location.search);
      q.set("area", code); q["delete"]("unit"); q["delete"]("after");
      return "/command?" + q.toString();
    }
    function points() {
      var m = map.map, b = m.getBounds(), at = root.getAttribute("data-points");
      if (request) { request.abort(); }
      request = new XMLHttpRequest();
      request.open("GET", at + (at.indexOf("?") < 0 ? "?" : "&") + "bbox=" + [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map(function (n) { return n.toFixed(6); }).join(",") + "&zoom=" + Math.round(m.getZoom()));
      request.onload = function () {
        var x = request;
        request = null;
        if (x.status !== 200) { return; }
        show(JSON.parse(x.responseText));
      };
      request.send();
    }
    function show(answer) {
      var changed = JSON.stringify(shades) !== JSON.stringify(answer.grids);
      shades = answer.grids;
      if (changed) { map.restyle(); }
      marks.clearLayers();
      answer.points.forEach(function (p) {
        function open() { nearer(p); }
        var dot = map.dot(p.at, String(p.n), p.name, (p.overdue ? "late " : "") + (p.n > 99 ? "big" : p.n > 9 ? "mid" : ""), open);
        marks.addLayer(dot);
        var e = dot.getElement && dot.getElement();
        if (e) { // a mark is a button: Enter and space press it
          e.addEventListener("keydown", function (ev) { if (ev.key === "Enter" || ev.key === " ") { ev.preventDefault(); ev.stopPropagation(); open(); } });
        }
      });
      map.say(answer.more ? box.getAttribute("data-more") : "");
      box.setAttribute("data-drawn", String(answer.points.length));
    }
    // an area becomes what the page is about, a case is opened, and several at
    // one place are looked at from nearer
    function nearer(p) {
      if (p.href) { location.href = p.href; return; }
      map.show(p.at, Math.min(19, Math.round(map.map.getZoom()) + 2));
    }
    redrawMap = function () { if (mapped) { points(); } };
  }
  if (place) {
    if (d.readyState === "complete") { setTimeout(drawMap, 0); } else { window.addEventListener("load", function () { setTimeout(drawMap, 0); }); }
  }
})();
