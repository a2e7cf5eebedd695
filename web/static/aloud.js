// Elder mode reads the page aloud with the browser's own voice. Where there is no
// voice, nothing is offered.
(function () {
  "use strict";
  var d = document, bar = d.querySelector("[data-aloud]"), speech = window.speechSynthesis;
  if (!bar || !speech || !window.SpeechSynthesisUtterance) { return; }
  var read = bar.querySelector("[data-aloud-read]"), pause = bar.querySelector("[data-aloud-pause]"), stop = bar.querySelector("[data-aloud-stop]");
  var halt = pause.textContent, queue = [], at = -1, paused = false, turn = 0;
  var blocks = "h1, h2, h3, h4, p, li, dt, dd, th, td, label, legend, summary, figcaption, caption, pre, output, .button";

  function voice() {
    var lang = d.documentElement.lang.toLowerCase(), all = speech.getVoices();
    for (var i = 0; i < all.length; i++) {
      if (all[i].lang.replace("_", "-").toLowerCase() === lang) { return all[i]; }
    }
    for (i = 0; i < all.length; i++) {
      if (all[i].lang.slice(0, 2).toLowerCase() === lang.slice(0, 2)) { return all[i]; }
    }
    return null;
  }
  function offer() { bar.hidden = !voice(); }
  offer();
  if (speech.addEventListener) { speech.addEventListener("voiceschanged", offer); } else { speech.onvoiceschanged = offer; }

  // Every block is read once: one that holds other blocks is read in their words.
  function text() {
    var out = [];
    Array.prototype.forEach.call(d.querySelectorAll("main " + blocks.split(", ").join(", main ")), function (e) {
      if (e.getClientRects().length === 0 || e.closest("[aria-hidden=true], .sr, svg") || e.querySelector(blocks)) { return; }
      var name = e.getAttribute("data-name"), words = (name ? name + "。" : "") + e.innerText.replace(/\s+/g, " ").trim();
      if (words) { out.push({ at: e, words: words }); }
    });
    return out;
  }
  function clear() {
    var e = d.querySelector(".reading");
    if (e) { e.classList.remove("reading"); }
  }
  function show() {
    pause.hidden = stop.hidden = at < 0;
    pause.textContent = paused ? pause.getAttribute("data-on") : halt;
    read.hidden = at >= 0;
  }
  function say() {
    clear();
    if (at >= queue.length) { end(); return; }
    var one = queue[at], u = new SpeechSynthesisUtterance(one.words), mine = ++turn;
    u.voice = voice();
    u.lang = d.documentElement.lang;
    u.rate = 0.9;
    u.onend = u.onerror = function () {
      if (mine === turn && at >= 0 && !paused) { at++; say(); }
    };
    one.at.classList.add("reading");
    one.at.scrollIntoView({ block: "nearest" });
    speech.speak(u);
  }
  function end() {
    turn++;
    at = -1;
    paused = false;
    speech.cancel();
    clear();
    show();
  }
  read.addEventListener("click", function () {
    speech.cancel();
    queue = text();
    at = 0;
    show();
    stop.focus();
    say();
  });
  // Pausing stops at the block and takes it up again: speech.pause() is broken on many phones.
  pause.addEventListener("click", function () {
    paused = !paused;
    if (paused) { turn++; speech.cancel(); } else { say(); }
    show();
  });
  stop.addEventListener("click", function () { end(); read.focus(); });
  window.addEventListener("pagehide", function () { speech.cancel(); });
})();
