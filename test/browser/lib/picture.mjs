// Pictures without any library: a small photo to upload, and screenshots drawn
// with a palette so that the repository stays light.
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

// zlib.crc32 is newer than the oldest Node that is served.
function sum(bytes) {
  if (crc32) return crc32(bytes);
  let c = 0xffffffff;
  for (const b of bytes) c = table[(c ^ b) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

function chunk(type, data) {
  const head = Buffer.from(type, 'latin1');
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  head.copy(out, 4);
  data.copy(out, 8);
  out.writeUInt32BE(sum(Buffer.concat([head, data])), 8 + data.length);
  return out;
}

function header(width, height, colour) {
  const out = Buffer.alloc(13);
  out.writeUInt32BE(width, 0);
  out.writeUInt32BE(height, 4);
  out.set([8, colour, 0, 0, 0], 8);
  return chunk('IHDR', out);
}

/** A photo as a phone would send it, in plain colours that tell them apart. */
export function photo(width = 640, height = 480, shade = 0) {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (1 + width * 3) + 1 + x * 3;
      const lamp = (x - width / 2) ** 2 + (y - height / 4) ** 2 < 900;
      const post = Math.abs(x - width / 2) < 6 && y > height / 4;
      rows.set(lamp ? [90 + shade, 90, 80] : post ? [60, 60, 66] : y > height * 0.8 ? [70, 74, 70] : [26, 34 + shade, 62 + (y >> 3)], at);
    }
  }
  return Buffer.concat([signature, header(width, height, 2), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

function parts(png) {
  const data = [];
  let head;
  for (let at = 8; at < png.length; ) {
    const size = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const body = png.subarray(at + 8, at + 8 + size);
    if (type === 'IHDR') head = body;
    if (type === 'IDAT') data.push(body);
    at += 12 + size;
  }
  return { width: head.readUInt32BE(0), height: head.readUInt32BE(4), depth: head[8], colour: head[9], raw: inflateSync(Buffer.concat(data)) };
}

/** The pixels of an 8-bit RGB or RGBA picture, three bytes each. */
function pixels(png) {
  const { width, height, depth, colour, raw } = parts(png);
  if (depth !== 8 || (colour !== 2 && colour !== 6)) throw new Error(`cannot read a PNG of depth ${depth}, colour ${colour}`);
  const n = colour === 6 ? 4 : 3;
  const line = width * n;
  const out = Buffer.alloc(width * height * 3);
  let before = Buffer.alloc(line);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (line + 1)];
    const row = Buffer.from(raw.subarray(y * (line + 1) + 1, (y + 1) * (line + 1)));
    for (let i = 0; i < line; i++) {
      const a = i < n ? 0 : row[i - n];
      const b = before[i];
      const c = i < n ? 0 : before[i - n];
      row[i] = (row[i] + [0, a, b, (a + b) >> 1, paeth(a, b, c)][filter]) & 0xff;
    }
    for (let x = 0; x < width; x++) row.copy(out, (y * width + x) * 3, x * n, x * n + 3);
    before = row;
  }
  return { width, height, out };
}

function paeth(a, b, c) {
  const p = a + b - c;
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/**
 * The same picture with at most 256 colours: the commonest ones, and for every
 * other the nearest of these. Pages have few colours and their edges' greys.
 */
export function slim(png) {
  const { width, height, out } = pixels(png);
  const counts = new Map();
  for (let i = 0; i < out.length; i += 3) {
    const key = (out[i] << 16) | (out[i + 1] << 8) | out[i + 2];
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  // Neighbouring shades share one entry, so that small coloured things keep theirs.
  const cells = new Map();
  for (const [key, n] of counts) {
    const cell = ((key >> 19) << 10) | (((key >> 11) & 31) << 5) | ((key >> 3) & 31);
    const best = cells.get(cell);
    if (!best || n > best.n) cells.set(cell, { key, n, all: (best?.all ?? 0) + n });
    else best.all += n;
  }
  const colours = [...cells.values()].sort((a, b) => b.all - a.all).slice(0, 256).map((c) => c.key);
  const nearest = new Map(colours.map((key, i) => [key, i]));
  const index = (key) => {
    let at = nearest.get(key);
    if (at === undefined) {
      let least = Infinity;
      colours.forEach((c, i) => {
        const d = ((c >> 16) - (key >> 16)) ** 2 + (((c >> 8) & 255) - ((key >> 8) & 255)) ** 2 + ((c & 255) - (key & 255)) ** 2;
        if (d < least) [least, at] = [d, i];
      });
      nearest.set(key, at);
    }
    return at;
  };
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = (y * width + x) * 3;
      rows[y * (width + 1) + 1 + x] = index((out[i] << 16) | (out[i + 1] << 8) | out[i + 2]);
    }
  }
  const palette = Buffer.from(colours.flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255]));
  const slimmed = Buffer.concat([signature, header(width, height, 3), chunk('PLTE', palette), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
  return slimmed.length < png.length ? slimmed : png;
}
