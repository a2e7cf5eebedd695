// Keeps the quorum of a meeting fresh: the section is fetched again every few
// seconds while the page is seen. Without script the page is reloaded by hand.
(function () {
  "use strict";
  var wait = 4000;
  function again() {
    var old = document.querySelector("[data-poll]");
    if (!old || !window.fetch || !window.DOMParser) { return; }
    if (document.hidden) { setTimeout(again, wait); return; }
    fetch(old.getAttribute("data-poll"), { credentials: "same-origin" }).then(function (r) {
      if (!r.ok) { throw new Error(String(r.status)); }
      return r.text();
    }).then(function (t) {
      var fresh = new DOMParser().parseFromString(t, "text/html").querySelector("[data-poll]");
      if (fresh && fresh.textContent.replace(/\d\d:\d\d(:\d\d)?/g, "") !== old.textContent.replace(/\d\d:\d\d(:\d\d)?/g, "")) { old.innerHTML = fresh.innerHTML; old.className = fresh.className; }
      wait = 4000;
    }).catch(function () { wait = Math.min(wait * 2, 60000); }).then(function () { setTimeout(again, wait); });
  }
  setTimeout(again, wait);
})();
