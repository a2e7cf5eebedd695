// The report as one page: draft and photos kept on the phone, sent when there is
// a network, once. Without this the same page works in two steps.
import { button, clear, el, later } from './dom.js';
import { files, recorder } from './files.js';
import { ask, encode, newKey, passing } from './net.js';
import { place } from './place.js';
import { openStore } from './store.js';
import { what } from './what.js';

const FORGET = 7 * 24 * 3600 * 1000; // a draft nobody came back to
const PAUSES = [5, 15, 30, 60, 120, 300];

export function report(form) {
  let dictionary = {};
  try {
    dictionary = JSON.parse(form.getAttribute('data-words'));
  } catch (e) {
    return; // without words the page is better as it is
  }
  const say = (key, args) => Object.keys(args || {}).reduce((s, k) => s.split(`{${k}}`).join(args[k]), dictionary[key] || '');
  const keeps = form.hasAttribute('data-keeps'); // the phone's own reports are kept; an office PC keeps nothing
  const find = (selector) => form.querySelector(selector);
  const keyField = find('[name=key]');
  const out = find('[data-out]'); // what waits to be sent
  const state = find('[data-state]');
  const errors = find('[data-wrong]');
  const photoInput = find('[name=photos]');
  const voiceInput = find('[name=recording]');
  let store = null;
  let sending = false;
  let pressed = false;
  let restoring = true;

  const page = {
    form, say, words: dictionary, most: 9,
    key: () => keyField.value,
    held: () => false,
    shelf: find('[data-shelf]'),
    voiceButton: find('[data-record]'),
    voiceInput: find('[data-voice-file]'),
    changed: () => keep(),
    uploaded: () => pressed && send(),
    busy: (yes) => form.classList.toggle('busy', yes),
    placed: () => matter.nearby(spot.at(), spot.area()),
    aboutUnit() {
      for (let d = find('details.about'); d; d = d.parentElement.closest('details')) d.open = true;
    },
    wrong,
    room() {
      const full = kept.count() >= page.most;
      photoInput.disabled = full;
      find('[data-pick]').hidden = full;
    },
    voiceChanged: () => voice && voice.hide(kept.hasVoice()),
  };
  [].forEach.call(form.querySelectorAll('[data-plain]'), (e) => { e.hidden = true; });
  [].forEach.call(form.querySelectorAll('[data-island]'), (e) => { e.hidden = false; });
  const kept = files(page);
  const matter = what(page);
  const spot = place(page);
  const voice = page.voiceButton && voiceInput ? recorder(page, kept) : null;

  photoInput.setAttribute('accept', 'image/*');
  photoInput.classList.add('sr');
  find('[name=words]').required = false; // a voice note alone is a report; the house says what is missing
  photoInput.addEventListener('change', () => {
    const chosen = [].slice.call(photoInput.files || []);
    photoInput.value = '';
    clearWrong();
    kept.take(chosen);
  });
  if (voiceInput) {
    voiceInput.addEventListener('change', () => {
      const f = voiceInput.files && voiceInput.files[0];
      voiceInput.value = '';
      if (f) kept.record(f, f.name);
    });
  }
  form.addEventListener('input', () => keep());
  form.addEventListener('change', (e) => {
    if (e.target.name === 'about_unit') {
      const c = find('[data-complained]');
      if (c) c.hidden = !e.target.checked;
    }
    keep();
  });
  form.addEventListener('submit', (e) => {
    e.preventDefault();
    e.stopPropagation();
    pressed = true;
    send();
  });

  /** The form's fields as they are sent; files go ahead and leave tickets. */
  function pairs() {
    const list = [];
    [].forEach.call(form.elements, (e) => {
      if (!e.name || e.disabled || e.type === 'file' || e.type === 'submit' || e.type === 'button' || e.type === 'image') return;
      if ((e.type === 'radio' || e.type === 'checkbox') && !e.checked) return;
      if (e.name === 'do' || e.name === 'checked' || e.name === 'photo' || e.name === 'recording_kept') return;
      if (e.name === 'complained' && !find('[name=about_unit]:checked')) return;
      list.push([e.name, e.value]);
    });
    return list;
  }

  function valuesOf(list) {
    const v = {};
    list.forEach((p) => { v[p[0]] = p[1]; });
    return v;
  }

  // The draft. The phone number is not kept before it is sent: others may use
  // this phone.
  const keepSoon = later(() => {
    if (!store || restoring || pressed) return;
    const list = pairs().filter((p) => p[0] !== 'phone');
    const v = valuesOf(list);
    const files2 = kept.packed();
    if (!v.words && !v['place.words'] && !v['place.lon'] && !files2.photos.length && !files2.voice) return;
    store.put({ key: page.key(), state: 'draft', saved: Date.now(), fields: list, photos: files2.photos, voice: files2.voice }, () => 0);
  }, 400);
  function keep() {
    if (keeps) keepSoon();
  }

  function wrong(field, text) {
    clear(errors);
    errors.hidden = !text;
    if (!text) return;
    errors.appendChild(el('p', { role: 'alert' }, text));
    const at = { words: '[name=words]', place: '[name="place.words"]', phone: '[name=phone]', photos: '[name=photos]', class: '[name=words]', complained: '[name=complained]' }[field];
    if (at && find(at) && pressed) find(at).focus();
    else if (errors.scrollIntoView) errors.scrollIntoView();
  }
  const clearWrong = () => wrong('', '');

  /** Sends what is on the page: files first, then the words, then the receipt. */
  function send() {
    if (sending || !pressed) return;
    clearWrong();
    const refused = kept.refused()[0];
    if (refused) {
      pressed = false;
      wrong('photos', say('take_away', { name: refused.name || say('voice') }));
      return;
    }
    if (!window.linliTooBusy && form.classList.contains('busy')) { // a photo is being made smaller
      setTimeout(send, 200);
      return;
    }
    const waits = kept.waiting();
    if (waits.some((one) => one.request)) {
      note(say('sending_photos', { n: waits.length }));
      if (!keeps) return;
    } else if (waits.length && !keeps) {
      pressed = false;
      wrong('photos', say('upload_wait'));
      return;
    }
    const list = pairs();
    const files2 = kept.packed();
    const item = { key: page.key(), state: 'queued', saved: Date.now(), fields: list, photos: files2.photos, voice: files2.voice };
    if (!keeps) {
      sending = true;
      post(item);
      return;
    }
    if (waits.some((one) => one.request)) return; // uploaded() calls again
    sending = true;
    // what is pressed is kept before it is sent: nothing is lost from here on
    const go = () => deliver(item, 0, {
      done: () => receipt(item),
      waits: () => {
        note('');
        fresh();
        outbox();
      },
      refused: (answer) => {
        sending = pressed = false;
        note('');
        store.put(Object.assign(item, { state: 'draft', fields: list.filter((p) => p[0] !== 'phone') }), () => 0);
        wrong((answer.body && answer.body.field) || '', (answer.body && answer.body.detail) || say('send_failed'));
      },
    });
    note(say('sending'));
    if (!store) {
      post(item);
      return;
    }
    store.put(item, (ok) => {
      if (ok === false && (item.photos.length || item.voice)) wrong('photos', say('not_kept'));
      go();
    });
  }

  function note(text) {
    state.textContent = text;
    state.hidden = !text;
  }

  const fieldsOf = (item) => item.fields.concat((item.photos || []).map((p) => ['photo', p.ticket]), item.voice ? [['recording_kept', item.voice.ticket]] : [], [['checked', 'yes'], ['do', 'send']]);

  /** A plain post of the form: its answer is the receipt. */
  function post(item) {
    const f = el('form', { method: 'post', action: form.getAttribute('action'), hidden: true });
    fieldsOf(item).forEach((p) => f.appendChild(el('input', { type: 'hidden', name: p[0], value: p[1] })));
    document.body.appendChild(f);
    f.submit();
  }
  const receipt = post; // the same once more gives the same receipt

  /** Sends one kept report: its files, then itself. The key makes it one. */
  function deliver(item, step, then) {
    const all = (item.photos || []).concat(item.voice || []);
    const one = all.filter((f) => !f.ticket)[0];
    const lost = (answer) => {
      if (passing(answer.status)) then.waits(answer);
      else then.refused(answer);
    };
    if (one) {
      const data = new FormData();
      data.append(one.kind, new Blob([one.bytes], { type: one.type }), one.name || one.kind);
      ask('POST', one.kind === 'recording' ? '/api/v1/recordings' : '/api/v1/photos', { body: data, headers: { 'Idempotency-Key': item.key } }, (answer) => {
        if (answer.status !== 201 || !answer.body) {
          lost(answer);
          return;
        }
        one.ticket = answer.body[one.kind];
        store.put(item, () => deliver(item, step, then));
      });
      return;
    }
    ask('POST', form.getAttribute('action'), { body: encode(fieldsOf(item)), headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }, (answer) => {
      if (answer.status === 200 && answer.body && answer.body.number) {
        Object.assign(item, { state: 'sent', number: answer.body.number });
        store.put(item, () => then.done(answer));
        return;
      }
      const field = answer.body && answer.body.field;
      const key = answer.body && answer.body.key;
      if (step < 1 && /_gone$/.test(key || '') && (field === 'photos' || field === 'recording')) { // lay too long: sent anew
        all.forEach((f) => { f.ticket = ''; });
        deliver(item, step + 1, then);
        return;
      }
      lost(answer);
    });
  }

  // What waits: sent when the network is back, when the page opens, and now and then.
  let turn = 0;
  let timer = 0;
  let busy = false;
  function outbox() {
    store.all((items) => {
      const waiting = items.filter((i) => i.state === 'queued' && i.key !== (sending ? page.key() : ''));
      const sent = items.filter((i) => i.state === 'sent');
      clear(out);
      out.hidden = !waiting.length && !sent.length;
      waiting.forEach((item) => out.appendChild(el('div.notice.warning', {}, el('p', {}, el('b', {}, say('kept'))), el('p', {}, title(item)), item.refused ? el('p.error', {}, item.refused) : null,
        el('p.acts', {}, button(say('send_now'), () => push(item)), button(say('throw_away'), () => window.confirm(say('throw_sure')) && store.drop(item.key, outbox))))));
      sent.forEach((item) => out.appendChild(el('div.notice.good', {}, el('p', {}, el('b', {}, say('sent', { number: item.number }))), el('p', {}, title(item)),
        el('p.acts', {}, button(say('open_receipt'), () => receipt(item), 'button.button'), button(say('seen'), () => store.drop(item.key, outbox))))));
      clearTimeout(timer);
      if (waiting.some((i) => !i.refused)) timer = setTimeout(() => push(waiting.filter((i) => !i.refused)[0]), PAUSES[Math.min(turn++, PAUSES.length - 1)] * 1000);
    });
  }
  const title = (item) => {
    const v = valuesOf(item.fields);
    const n = (item.photos || []).length;
    return `${(v.words || say('voice')).slice(0, 40)}${n ? ` · ${say('n_photos', { n })}` : ''}`;
  };
  function push(item) {
    if (busy) return;
    busy = true;
    const end = () => {
      busy = false;
      outbox();
    };
    deliver(item, 0, {
      done: () => {
        turn = 0;
        end();
      },
      waits: end,
      refused: (answer) => {
        item.refused = (answer.body && answer.body.detail) || say('send_failed');
        store.put(item, end);
      },
    });
  }
  window.addEventListener('online', () => {
    turn = 0;
    if (store && keeps) store.all((items) => items.filter((i) => i.state === 'queued').slice(0, 1).forEach(push));
  });

  /** An empty page after one report was kept. */
  function fresh() {
    sending = pressed = false;
    kept.empty();
    form.reset();
    matter.clear();
    spot.clear();
    keyField.value = newKey() || keyField.value;
    if (out.scrollIntoView) out.scrollIntoView();
  }

  function restore(item) {
    keyField.value = item.key;
    const v = valuesOf(item.fields);
    item.fields.forEach((p) => {
      if (p[0] === 'key' || p[0] === 'class' || /^ask\./.test(p[0]) || p[0] === 'place.choice') return;
      const e = find(`[name="${p[0]}"]`);
      if (!e) return;
      if (e.type === 'checkbox') e.checked = true;
      else e.value = p[1];
    });
    const tick = find('[name=about_unit]');
    if (tick && tick.checked) {
      page.aboutUnit();
      find('[data-complained]').hidden = false;
    }
    matter.restore(v);
    spot.set(v);
    kept.restore(item);
    const line = el('div.notice.info', {}, el('p', {}, say('restored')), el('p.acts', {}, button(say('empty'), () => {
      store.drop(item.key, () => 0);
      line.parentNode.removeChild(line);
      fresh();
    })));
    form.parentNode.insertBefore(line, form);
  }

  function begin() {
    if (!keeps) {
      restoring = false;
      return;
    }
    // a page from the phone's own shelf was drawn for another report
    keyField.value = newKey() || keyField.value;
    openStore((s) => {
      store = s;
      store.all((items) => {
        items.filter((i) => i.state !== 'queued' && Date.now() - i.saved > FORGET).forEach((i) => store.drop(i.key));
        const draft = items.filter((i) => i.state === 'draft' && Date.now() - i.saved <= FORGET).sort((a, b) => b.saved - a.saved)[0];
        const begun = valuesOf(pairs()).words; // typed while this was being loaded
        if (draft && !begun && !form.getAttribute('data-grid')) restore(draft);
        restoring = false;
        const first = items.filter((i) => i.state === 'queued')[0];
        outbox();
        if (first && navigator.onLine !== false) push(first);
      });
    });
  }
  begin();
}

/** The receipt was shown: what was kept of it may go. */
export function received(key) {
  openStore((store) => store.drop(key));
}
