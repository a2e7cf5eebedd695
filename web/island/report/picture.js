// A photo on its way: made smaller before it is sent, upright whatever the
// camera noted. What this browser cannot open is refused by name.

const SIDE = 1600;
const MOST = 24 * 1024 * 1024;
const known = /^image\/(jpeg|png|webp|gif)$/;

/**
 * @param {File} file
 * @param {(err: string, blob: Blob) => void} done err is the key of what to say
 */
export function shrink(file, done) {
  if (!file.size) {
    done('photo_empty');
    return;
  }
  head(file, (bytes) => {
    const heic = isHeic(bytes);
    load(file, (img, address) => {
      const free = () => URL.revokeObjectURL(address);
      if (!img) {
        free();
        // a browser that cannot open it: the house may, unless it is HEIC or huge
        if (heic) done('photo_heic');
        else if (file.size > MOST) done('photo_huge');
        else if (known.test(file.type)) done('', file);
        else done('photo_kind');
        return;
      }
      upright((turns) => {
        const blob = drawn(img, turns ? 1 : orientation(bytes));
        free();
        if (blob) done('', blob);
        else if (!heic && known.test(file.type) && file.size <= MOST) done('', file);
        else done('photo_huge');
      });
    });
  });
}

function head(file, done) {
  const r = new FileReader();
  r.onload = () => done(new DataView(r.result));
  r.onerror = () => done(new DataView(new ArrayBuffer(0)));
  r.readAsArrayBuffer(file.slice(0, 262144));
}

function load(blob, done) {
  const address = URL.createObjectURL(blob);
  const img = new Image();
  img.onload = () => done(img.naturalWidth ? img : null, address);
  img.onerror = () => done(null, address);
  img.src = address;
}

/** Draws at most SIDE pixels and gives a JPEG; null where the phone cannot. */
function drawn(img, turn) {
  const w = img.naturalWidth;
  const h = img.naturalHeight;
  const scale = Math.min(1, SIDE / Math.max(w, h));
  const dw = Math.max(1, Math.round(w * scale));
  const dh = Math.max(1, Math.round(h * scale));
  const across = turn >= 5;
  try {
    const c = document.createElement('canvas');
    c.width = across ? dh : dw;
    c.height = across ? dw : dh;
    const x = c.getContext('2d');
    x.fillStyle = '#fff';
    x.fillRect(0, 0, c.width, c.height);
    const t = { 2: [-1, 0, 0, 1, dw, 0], 3: [-1, 0, 0, -1, dw, dh], 4: [1, 0, 0, -1, 0, dh], 5: [0, 1, 1, 0, 0, 0], 6: [0, 1, -1, 0, dh, 0], 7: [0, -1, -1, 0, dh, dw], 8: [0, -1, 1, 0, 0, dw] }[turn];
    if (t) x.setTransform(t[0], t[1], t[2], t[3], t[4], t[5]);
    x.drawImage(img, 0, 0, dw, dh);
    const text = c.toDataURL('image/jpeg', 0.82);
    c.width = c.height = 0; // gives the memory back at once
    if (text.slice(0, 15) !== 'data:image/jpeg') return null;
    const raw = atob(text.slice(text.indexOf(',') + 1));
    const bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return new Blob([bytes], { type: 'image/jpeg' });
  } catch (e) {
    return null;
  }
}

function isHeic(v) {
  if (v.byteLength < 12 || v.getUint32(4) !== 0x66747970) return false; // ftyp
  const brand = String.fromCharCode(v.getUint8(8), v.getUint8(9), v.getUint8(10), v.getUint8(11));
  return /^(hei[cxms]|hev[cx]|mif1|msf1|avi[fs])$/.test(brand);
}

/** The turn that the camera noted in a JPEG, 1 to 8. */
function orientation(v) {
  try {
    if (v.getUint16(0) !== 0xffd8) return 1;
    for (let at = 2; at < v.byteLength - 12;) {
      const mark = v.getUint16(at);
      if (mark === 0xffe1 && v.getUint32(at + 4) === 0x45786966) {
        const tiff = at + 10;
        const little = v.getUint16(tiff) === 0x4949;
        const dir = tiff + v.getUint32(tiff + 4, little);
        const n = v.getUint16(dir, little);
        for (let i = 0; i < n; i++) {
          if (v.getUint16(dir + 2 + i * 12, little) === 0x0112) return v.getUint16(dir + 10 + i * 12, little) || 1;
        }
        return 1;
      }
      if ((mark & 0xff00) !== 0xff00) return 1;
      at += 2 + v.getUint16(at + 2);
    }
  } catch (e) {
    return 1;
  }
  return 1;
}

// A JPEG of one by two pixels that says it lies on its side: a browser that turns
// pictures by itself sees two by one.
const sideways = '/9j/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wCEAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAf/AABEIAAEAAgMBEQACEQEDEQH/xABKAAEAAAAAAAAAAAAAAAAAAAALEAEAAAAAAAAAAAAAAAAAAAAAAQEAAAAAAAAAAAAAAAAAAAAAEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwA/8H//2Q==';
let turnsItself = null;

function upright(done) {
  if (turnsItself !== null) {
    done(turnsItself);
    return;
  }
  const raw = atob(sideways);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  load(new Blob([bytes], { type: 'image/jpeg' }), (img, address) => {
    turnsItself = !img || img.naturalWidth === 1; // what is new enough to refuse it turns by itself
    URL.revokeObjectURL(address);
    done(turnsItself);
  });
}
