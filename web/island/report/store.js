// What is kept on the phone: drafts, and reports that wait for the network.
// IndexedDB, or localStorage where there is none; photos as bytes, because old
// browsers keep no Blob there.

const NAME = 'linli-report';

/** @returns {{all(done), put(item, done), drop(key, done), where: string}} */
export function openStore(ready) {
  let request;
  try {
    request = window.indexedDB && window.indexedDB.open(NAME, 1);
  } catch (e) {
    request = null; // some browsers throw where storage is forbidden
  }
  if (!request) {
    ready(local());
    return;
  }
  let told = false;
  const tell = (store) => {
    if (!told) ready(store);
    told = true;
  };
  request.onupgradeneeded = () => request.result.createObjectStore('item', { keyPath: 'key' });
  request.onsuccess = () => tell(indexed(request.result));
  request.onerror = () => tell(local());
  request.onblocked = () => tell(local());
}

function indexed(db) {
  const run = (mode, work, done) => {
    try {
      const tx = db.transaction('item', mode);
      const r = work(tx.objectStore('item'));
      // what is told as kept is on the disk
      tx.oncomplete = () => done && done(r && r.result, true);
      tx.onerror = tx.onabort = () => done && done(null, false);
    } catch (e) {
      if (done) done(null, false);
    }
  };
  return {
    where: 'indexed',
    all(done) {
      const out = [];
      run('readonly', (s) => {
        s.openCursor().onsuccess = (e) => {
          const c = e.target.result;
          if (c) {
            out.push(c.value);
            c.continue();
          }
        };
      }, () => done(out));
    },
    put: (item, done) => run('readwrite', (s) => s.put(item), (_, ok) => done && done(ok)),
    drop: (key, done) => run('readwrite', (s) => s.delete(key), () => done && done()),
  };
}

function local() {
  const read = () => {
    try {
      return JSON.parse(window.localStorage.getItem(NAME) || '{}');
    } catch (e) {
      return {};
    }
  };
  const write = (all) => {
    try {
      window.localStorage.setItem(NAME, JSON.stringify(all));
      return true;
    } catch (e) {
      return false; // full, or forbidden
    }
  };
  const pack = (f) => (f ? Object.assign({}, f, { bytes: undefined, text: f.bytes ? toText(f.bytes) : f.text }) : f);
  const unpack = (f) => (f && f.text ? Object.assign({}, f, { bytes: toBytes(f.text), text: undefined }) : f);
  return {
    where: 'local',
    all(done) {
      const all = read();
      done(Object.keys(all).map((k) => Object.assign({}, all[k], { photos: (all[k].photos || []).map(unpack), voice: unpack(all[k].voice) })));
    },
    put(item, done) {
      const all = read();
      all[item.key] = Object.assign({}, item, { photos: (item.photos || []).map(pack), voice: pack(item.voice) });
      const ok = write(all);
      if (done) done(ok);
    },
    drop(key, done) {
      const all = read();
      delete all[key];
      write(all);
      if (done) done();
    },
  };
}

function toText(buffer) {
  const bytes = new Uint8Array(buffer);
  let out = '';
  for (let i = 0; i < bytes.length; i += 8192) out += String.fromCharCode.apply(null, bytes.subarray(i, i + 8192));
  return btoa(out);
}

function toBytes(text) {
  const raw = atob(text);
  const out = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
  return out.buffer;
}
