// The door answers while a task is filled in. Without this file the buttons do the
// same by a second page.
(function () {
  "use strict";
  var d = document, form = d.querySelector("form[data-door]"), into = d.getElementById("door");
  if (!form || !into || !window.FormData || !window.URLSearchParams) { return; }
  var timer = 0, asked = 0;

  function ask() {
    var mine = ++asked, x = new XMLHttpRequest(), body = new URLSearchParams();
    new FormData(form).forEach(function (v, k) { if (typeof v === "string") { body.append(k, v); } });
    x.open("POST", form.getAttribute("data-door"));
    x.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    x.onload = function () {
      if (x.status !== 200 || mine !== asked) { return; } // an older answer says nothing now
      var on = d.activeElement, name = on && into.contains(on) ? on.value : null;
      into.innerHTML = x.responseText;
      if (name !== null) {
        Array.prototype.forEach.call(into.querySelectorAll("input"), function (e) { if (e.value === name) { e.focus(); } });
      }
    };
    x.send(body.toString());
  }
  function soon(ms) { clearTimeout(timer); timer = setTimeout(ask, ms); }

  form.addEventListener("change", function (ev) {
    if (ev.target.name === "to" || ev.target.name === "item") { soon(0); }
  });
  form.addEventListener("input", function (ev) {
    if (ev.target.name === "q") { soon(300); }
  });
  // Enter in the search looks up, it does not send the task.
  form.addEventListener("keydown", function (ev) {
    if (ev.key === "Enter" && ev.target.name === "q") { ev.preventDefault(); soon(0); }
  });
}());
