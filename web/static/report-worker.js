// Keeps the report page's shell on the phone, so that it opens without a network.
// Nothing else is kept: no answer of the house, nothing that was typed.
(function () {
  "use strict";
  var SHELF = "linli-report-1", MOST = 40;

  self.addEventListener("install", function () { self.skipWaiting(); });
  self.addEventListener("activate", function (ev) {
    ev.waitUntil(caches.keys().then(function (names) {
      return Promise.all(names.filter(function (n) { return n !== SHELF; }).map(function (n) { return caches.delete(n); }));
    }).then(function () { return self.clients.claim(); }));
  });

  self.addEventListener("message", function (ev) { // the page names what it is made of
    if (!ev.data || !ev.data.shell) { return; }
    ev.waitUntil(caches.open(SHELF).then(function (shelf) {
      return Promise.all(ev.data.shell.map(function (address) {
        return shelf.match(address).then(function (have) { return have || shelf.add(address); });
      })).then(function () { return shelf.keys(); }).then(function (all) {
        all = all.filter(function (r) { return new URL(r.url).pathname !== "/report"; });
        return Promise.all(all.slice(0, Math.max(0, all.length - MOST)).map(function (r) { return shelf.delete(r); }));
      });
    }).catch(function () {}));
  });

  self.addEventListener("fetch", function (ev) {
    var r = ev.request, u = new URL(r.url);
    if (r.method !== "GET" || u.origin !== self.location.origin) { return; }
    if (r.mode === "navigate" && u.pathname === "/report") {
      ev.respondWith(fetch(r).then(function (answer) {
        if (answer.ok && answer.headers.get("Linli-Shell") === "yes" && !u.search) {
          var copy = answer.clone();
          caches.open(SHELF).then(function (s) { return s.put("/report", copy); }).catch(function () {});
        }
        return answer;
      }).catch(function (err) {
        return caches.match("/report").then(function (kept) { if (kept) { return kept; } throw err; });
      }));
      return;
    }
    if (u.pathname.indexOf("/static/") === 0) {
      ev.respondWith(caches.match(r).then(function (kept) { return kept || fetch(r); }));
    }
  });
})();
