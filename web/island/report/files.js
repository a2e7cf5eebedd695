// Photos and the voice note of a report: shown, made smaller, kept on the phone,
// sent ahead with progress, tried again.
import { button, clear, el } from './dom.js';
import { ask, passing } from './net.js';
import { shrink } from './picture.js';

const RETRIES = [3000, 10000];

/**
 * @param {object} page words, key(), changed(), and the form's own elements
 */
export function files(page) {
  const { words } = page;
  const list = [];
  let voice = null;

  const say = (key, args) => page.say(key, args);

  /** Sends one ahead; the ticket it gets stands for it in the report. */
  function upload(one) {
    if (one.ticket || one.request || page.held()) return;
    one.failed = '';
    one.share = 0;
    const form = new FormData();
    const blob = new Blob([one.bytes], { type: one.type });
    form.append(one.kind, blob, one.name || one.kind);
    one.request = ask('POST', one.kind === 'recording' ? '/api/v1/recordings' : '/api/v1/photos', { body: form, headers: { 'Idempotency-Key': page.key() }, progress: (share) => {
      one.share = share;
      show(one);
    } }, (answer) => {
      one.request = null;
      if (answer.status === 201 && answer.body) {
        one.ticket = answer.body[one.kind];
        page.changed();
      } else if (passing(answer.status)) {
        one.failed = 'wait';
        const next = RETRIES[one.tries || 0];
        one.tries = (one.tries || 0) + 1;
        if (next) one.timer = setTimeout(() => upload(one), Math.max(next, answer.wait * 1000));
      } else {
        one.failed = (answer.body && answer.body.detail) || say('upload_failed');
        one.refused = true;
      }
      show(one);
      page.uploaded();
    });
    show(one);
  }

  function show(one) {
    const state = one.item && one.item.querySelector('.state');
    if (!state) return;
    clear(state);
    if (one.ticket) state.appendChild(document.createTextNode(`✓ ${say('uploaded')}`));
    else if (one.request) state.appendChild(document.createTextNode(say('uploading', { percent: Math.round((one.share || 0) * 100) })));
    else if (one.failed === 'wait') {
      state.appendChild(document.createTextNode(`${say('upload_wait')} `));
      state.appendChild(button(say('retry'), () => upload(one)));
    } else if (one.failed) state.appendChild(document.createTextNode(`${one.name}${say('colon')}${one.failed}`));
  }

  function add(one) {
    const address = URL.createObjectURL(new Blob([one.bytes], { type: one.type }));
    const remove = button(say('remove'), () => {
      if (one.request) one.request.abort();
      clearTimeout(one.timer);
      if (one.kind === 'recording') {
        voice = null;
        page.voiceChanged();
      } else list.splice(list.indexOf(one), 1);
      one.item.parentNode.removeChild(one.item);
      URL.revokeObjectURL(address);
      renumber();
      page.changed();
      page.room();
    });
    if (one.kind === 'recording') {
      one.item = el('li.sound', {}, el('audio', { controls: true, src: address, 'aria-label': say('voice') }), remove, el('span.state.help', { role: 'status' }));
      voice = one;
      page.shelf.insertBefore(one.item, page.shelf.firstChild);
      page.voiceChanged();
    } else {
      one.item = el('li', {}, el('img', { src: address, alt: '' }), remove, el('span.state.help', { role: 'status' }));
      list.push(one);
      page.shelf.appendChild(one.item);
      renumber();
    }
    page.room();
    upload(one);
  }

  function renumber() {
    list.forEach((one, i) => {
      one.item.querySelector('img').setAttribute('alt', say('photo', { n: i + 1 }));
      one.item.querySelector('button').setAttribute('aria-label', say('remove_photo', { n: i + 1 }));
    });
  }

  function bytesOf(blob, done) {
    const r = new FileReader();
    r.onload = () => done(r.result);
    r.onerror = () => done(null);
    r.readAsArrayBuffer(blob);
  }

  /** Takes photos one after the other: an old phone has no room for two at once. */
  function take(chosen) {
    const [file, ...rest] = chosen;
    if (!file) {
      page.busy(false);
      page.changed();
      return;
    }
    page.busy(true);
    if (list.length >= page.most) {
      page.wrong('photos', say('photos_many', { most: page.most }));
      page.busy(false);
      return;
    }
    shrink(file, (err, blob) => {
      if (err) {
        page.wrong('photos', say(err, { name: file.name }));
        take(rest);
        return;
      }
      bytesOf(blob, (bytes) => {
        if (bytes) add({ kind: 'photo', bytes, type: blob.type, name: file.name });
        else page.wrong('photos', say('photo_empty', { name: file.name }));
        take(rest);
      });
    });
  }

  function record(blob, name) {
    bytesOf(blob, (bytes) => {
      if (!bytes || !bytes.byteLength) {
        page.wrong('recording', say('voice_empty'));
        return;
      }
      add({ kind: 'recording', bytes, type: blob.type || 'audio/webm', name });
      page.changed();
    });
  }

  const pack = (one) => one && { kind: one.kind, bytes: one.bytes, type: one.type, name: one.name, ticket: one.ticket };
  return {
    take,
    record,
    count: () => list.length,
    hasVoice: () => !!voice,
    packed: () => ({ photos: list.map(pack), voice: pack(voice) }),
    restore(item) {
      (item.photos || []).forEach((one) => add(Object.assign({}, one)));
      if (item.voice) add(Object.assign({}, item.voice));
    },
    /** What still has to be sent; refused ones are named. */
    waiting: () => list.concat(voice || []).filter((one) => !one.ticket && !one.refused),
    refused: () => list.concat(voice || []).filter((one) => one.refused),
    empty() {
      list.concat(voice || []).forEach((one) => {
        if (one.request) one.request.abort();
        clearTimeout(one.timer);
      });
      list.length = 0;
      voice = null;
      clear(page.shelf);
      page.voiceChanged();
      page.room();
    },
  };
}

/**
 * The button that records a voice note; without a recorder the file field stays.
 * @param {object} page
 */
export function recorder(page, store) {
  const can = window.MediaRecorder && navigator.mediaDevices && navigator.mediaDevices.getUserMedia;
  const { say } = page;
  const most = 60;
  let running = null;
  const start = button(say('record'), () => (running ? running.stop() : begin()));
  const left = el('output.help');
  page.voiceButton.appendChild(start);
  page.voiceButton.appendChild(left);
  if (!can) {
    start.hidden = true;
    page.voiceInput.hidden = false;
  }
  function begin() {
    start.disabled = true;
    navigator.mediaDevices.getUserMedia({ audio: true }).then((stream) => {
      const kinds = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'];
      const mime = kinds.filter((k) => window.MediaRecorder.isTypeSupported && window.MediaRecorder.isTypeSupported(k))[0];
      const r = new window.MediaRecorder(stream, mime ? { mimeType: mime, audioBitsPerSecond: 32000 } : undefined);
      const parts = [];
      let seconds = 0;
      const tick = setInterval(() => {
        seconds++;
        left.textContent = say('recording', { left: most - seconds });
        if (seconds >= most) r.stop();
      }, 1000);
      r.ondataavailable = (e) => parts.push(e.data);
      r.onstop = () => {
        clearInterval(tick);
        running = null;
        start.textContent = say('record');
        left.textContent = '';
        stream.getTracks().forEach((t) => t.stop());
        store.record(new Blob(parts, { type: (r.mimeType || mime || 'audio/webm').split(';')[0] }), 'voice');
      };
      r.start();
      running = r;
      start.disabled = false;
      start.textContent = say('record_stop');
      left.textContent = say('recording', { left: most });
    }).catch(() => {
      start.disabled = false;
      left.textContent = say('no_microphone');
      page.voiceInput.hidden = false;
    });
  }
  return { hide: (yes) => { page.voiceButton.hidden = yes; } };
}
