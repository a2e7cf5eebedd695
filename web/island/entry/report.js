// Loaded with the report page: small, and in the language of old web views.
import { received, report } from '../report/report.js';

const form = document.querySelector('form[data-report]');
const done = document.querySelector('[data-received]');
if (form && window.FormData && window.FileReader && window.Blob && window.URL && URL.createObjectURL) report(form);
if (done) received(done.getAttribute('data-received'));
// The page's shell is kept on the phone once somebody uses the page, not before.
function shelve() {
  ['input', 'click'].forEach((name) => form.removeEventListener(name, shelve));
  const { serviceWorker } = navigator;
  serviceWorker.register('/report-worker.js', { scope: '/report' }).then(() => serviceWorker.ready).then((r) => {
    const parts = [].map.call(document.querySelectorAll('link[rel=stylesheet], link[rel=icon], script[src]'), (e) => e.href || e.src);
    r.active.postMessage({ shell: ['/report'].concat(parts) });
  }).catch(() => 0); // without it the page needs the network to open
}
if (form && form.hasAttribute('data-shell') && navigator.serviceWorker) ['input', 'click'].forEach((name) => form.addEventListener(name, shelve));
